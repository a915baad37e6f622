"""Edges and scale space: Laplacian of Gaussian, difference of Gaussians, Savitzky-Golay."""

import math
from fractions import Fraction

from convfilter.factors import Factors, OuterProduct
from convfilter.kernel import Kernel
from convfilter.registry.generators import sampled
from convfilter.registry.generators.parameter import Unfit
from convfilter.registry.generators.rational import rational_kernel
from convfilter.registry.generators.sampled import tell_cut

MARR_HILDRETH_RATIO = Fraction(8, 5)
"""Ratio of the wider σ to the narrower at which the difference is most like the Laplacian."""


def log(sigma: Fraction, size: int | None) -> Kernel:
    """Return the negative Laplacian of a Gaussian, positive in the middle, times sigma²."""
    width = float(sigma)
    profiles = sampled.gaussian_profile(width), sampled.second_profile(width)
    radius = sampled.radius_for(profiles, size)
    if size is None:
        radius = max(radius, 1)
    smooth = tuple(sampled.gaussian(width, radius).tolist())
    curved = tuple((-(width**2) * sampled.second_derivative(width, radius)).tolist())
    told = tell_cut(radius, sampled.share_left_out(profiles, radius), "Σ|weight|")
    return _zero_sum(OuterProduct(smooth, curved), OuterProduct(curved, smooth), told)


def dog(sigma1: Fraction, sigma2: Fraction | None, size: int | None) -> Kernel:
    """Return a narrow Gaussian less a wide one."""
    wider = sigma1 * MARR_HILDRETH_RATIO if sigma2 is None else sigma2
    if wider <= sigma1:
        raise Unfit("sigma2 is not above sigma1", "for example dog:sigma1=1,sigma2=1.6")
    profiles = (sampled.gaussian_profile(float(wider)),) * 2
    radius = sampled.radius_for(profiles, size)
    if size is None:
        radius = max(radius, 1)
    narrow = tuple(sampled.gaussian(float(sigma1), radius).tolist())
    wide = tuple(sampled.gaussian(float(wider), radius).tolist())
    told = tell_cut(radius, sampled.share_left_out(profiles, radius), "the wider Gaussian")
    negative = tuple(-weight for weight in wide)
    if sum(abs(a + b) for a, b in zip(narrow, negative, strict=True)) < sampled.SMALLEST_WAVE:
        raise Unfit("at whole pixels the two Gaussians are the same", "raise sigma2")
    return _zero_sum(OuterProduct(narrow, narrow), OuterProduct(negative, wide), told)


def _zero_sum(first: OuterProduct, second: OuterProduct, told: str) -> Kernel:
    factors = Factors((first, second))
    weights = first.matrix() + second.matrix()
    return sampled.zero_sum(weights, factors, description=told)


def savgol(window: int, order: int, derivative: int, axis: str) -> Kernel:
    """Return the weights of a least-squares fit of a polynomial, taken in the middle."""
    if order >= window:
        raise Unfit(
            f"order {order} fits {window} values in many ways", "the order is below the window"
        )
    if derivative > order:
        raise Unfit(
            f"a polynomial of order {order} has no derivative {derivative}", "raise the order"
        )
    weights = _fitting_weights(window // 2, order, derivative)
    column, row = ([1], weights) if axis == "x" else (weights, [1])
    what = "smoothed values" if not derivative else f"derivative {derivative}"
    direction = "along rows" if axis == "x" else "along columns"
    told = f"{window} cells {direction}: {what}, exact for polynomials up to order {order}."
    tags = ("smoothing",) if not derivative else ("edges", "gradient")
    return rational_kernel(column, row, description=told, tags=tags)


def _fitting_weights(half: int, order: int, derivative: int) -> list[Fraction]:
    """Solve the normal equations exactly for one derivative of the polynomial at 0."""
    moments = [sum(k**power for k in range(-half, half + 1)) for power in range(2 * order + 1)]
    matrix = [[Fraction(moments[i + j]) for j in range(order + 1)] for i in range(order + 1)]
    wanted = [Fraction(0)] * (order + 1)
    wanted[derivative] = Fraction(math.factorial(derivative))
    coefficients = _solved(matrix, wanted)
    return [
        sum((c * k**power for power, c in enumerate(coefficients)), Fraction(0))
        for k in range(-half, half + 1)
    ]


def _solved(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Solve linear equations with a positive definite matrix, which needs no pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for n, row in enumerate(rows):
        row[:] = [value / row[n] for value in row]
        for other in rows:
            if other is not row and other[n]:
                factor = other[n]
                other[:] = [a - factor * b for a, b in zip(other, row, strict=True)]
    return [row[-1] for row in rows]
