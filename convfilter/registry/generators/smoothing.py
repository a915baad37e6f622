"""Blurs: box, Gaussian with its derivatives, binomial, disk and ring."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from convfilter.factors import Factors, OuterProduct
from convfilter.kernel import Kernel
from convfilter.registry.generators import sampled
from convfilter.registry.generators.parameter import Unfit
from convfilter.registry.generators.rational import rational_kernel
from convfilter.registry.generators.sampled import normalized, tell_cut, tell_size


def box(size: int, rows: int | None) -> Kernel:
    """Return equal weights."""
    height = size if rows is None else rows
    told = f"{tell_size(height, size)}, the mean of them."
    return Kernel.outer([1] * height, [1] * size, divisor=size * height, description=told)


def gaussian(sigma: Fraction | None, size: int | None, order: str, axis: str) -> Kernel:
    """Return a Gaussian, or a derivative of it along one axis."""
    if sigma is None and size is None:
        raise Unfit("it needs sigma or size", "for example gaussian:sigma=2.5 or gaussian:size=9")
    width = float(sigma) if sigma is not None else (size or 1) / 2 / sampled.SIGMAS_COVERED
    chosen = "" if sigma is not None else f" Sigma is {width:.4g} pixels, which the size covers."
    derivative = int(order)
    profiles = sampled.gaussian_profile(width), sampled.PROFILES[derivative](width)
    radius = sampled.radius_for(profiles, size)
    if derivative and size is None:
        radius = max(radius, 1)
    share = sampled.share_left_out(profiles, radius)
    if not derivative:
        weights = sampled.gaussian(width, radius)
        return sampled.square(weights, description=tell_cut(radius, share) + chosen)
    if radius == 0:
        raise Unfit("one cell holds no derivative", "state a size of 3 or more")
    differentiate = (sampled.first_derivative, sampled.second_derivative)[derivative - 1]
    along, across = differentiate(width, radius), sampled.gaussian(width, radius)
    told = tell_cut(radius, share, "Σ|weight|") + chosen
    return _derivative(along, across, axis).replace(
        title=f"Gaussian derivative of order {order} along {axis}",
        tags=("edges", "gaussian", "gradient"),
        range="abs",
        description=f"{told} {_DERIVATIVE_TOLD[derivative]}",
    )


_DERIVATIVE_TOLD = {
    1: "Positive where the picture grows brighter to the right, or downwards; in levels a pixel.",
    2: "Positive in dark lines, negative in bright ones; in levels a squared pixel.",
}


def _derivative(along: sampled.Vector, across: sampled.Vector, axis: str) -> Kernel:
    column, row = (across, along) if axis == "x" else (along, across)
    product = OuterProduct(tuple(column.tolist()), tuple(row.tolist()))
    return sampled.zero_sum(product.matrix(), Factors((product,)))


def binomial(n: int) -> Kernel:
    """Return row n of Pascal's triangle, times itself."""
    row = [Fraction(math.comb(n, k), 2**n) for k in range(n + 1)]
    told = f"{tell_size(n + 1, n + 1)}, a standard deviation of {math.sqrt(n) / 2:.4g} pixels."
    return rational_kernel(row, row, description=told)


def disk(radius: Fraction) -> Kernel:
    """Return the share of each pixel that a disk covers, normalised."""
    covered = normalized(_coverage(float(radius)))
    told = tell_size(*covered.shape)
    return Kernel(covered, description=f"{told}, each weighted by the area that the disk covers.")


def ring(radius: Fraction, width: Fraction) -> Kernel:
    """Return the share of each pixel that a ring covers, normalised."""
    if width > 2 * radius:
        raise Unfit(
            "the ring is wider than its diameter", "state a smaller width, or use disk:radius=…"
        )
    covered = _coverage(float(radius + width / 2))
    inner = _coverage(float(radius - width / 2)) if width < 2 * radius else np.zeros((1, 1))
    margin = (len(covered) - len(inner)) // 2
    middle = slice(margin, margin + len(inner))
    covered[middle, middle] -= inner
    told = tell_size(*covered.shape)
    covered = np.maximum(covered, 0)
    return Kernel(
        covered / math.fsum(covered.ravel()),
        description=f"{told}, each weighted by the area that the ring covers.",
    )


def _coverage(radius: float) -> NDArray[np.float64]:
    """Return for each pixel around the origin the area of a disk that lies in it."""
    reach = sampled.checked_radius(math.ceil(radius - 0.5))
    edges = np.concatenate([[0.0], np.arange(reach + 1) + 0.5])
    areas = _corner_area(edges[:, None], edges[None, :], radius)
    cells = np.diff(np.diff(areas, axis=0), axis=1)
    cells = np.clip((cells + cells.T) / 2, 0, None)
    # The first cell of each axis is half a pixel wide, its other half lies beyond the axis.
    cells[0] *= 2
    cells[:, 0] *= 2
    squared = edges**2
    inside = squared[1:, None] + squared[None, 1:] <= radius**2
    cells = np.where(inside, 1.0, np.minimum(cells, 1.0))
    half = np.concatenate([cells[:0:-1], cells])
    return np.concatenate([half[:, :0:-1], half], axis=1)


def _corner_area(
    height: NDArray[np.float64], width: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """Return the area of a disk between both axes and a corner in the first quadrant."""
    b, a = np.minimum(height, radius), np.minimum(width, radius)
    # Up to here the corner's height lies below the circle, from here on above it.
    turn = np.minimum(_other_leg(b, radius), a)
    return b * turn + _under_circle(a, radius) - _under_circle(turn, radius)


def _under_circle(x: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the area under a quarter of a circle from 0 to x."""
    area = (x * _other_leg(x, radius) + radius**2 * np.arcsin(x / radius)) / 2
    return np.asarray(area)


def _other_leg(leg: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    # As a product, and so exactly 0 where the leg is the radius: the root magnifies what is left.
    return np.sqrt((radius - leg) * (radius + leg))
