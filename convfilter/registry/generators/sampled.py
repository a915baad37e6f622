"""Gaussians and their derivatives at whole pixels, and how far out they have to reach."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.factors import Factors, OuterProduct
from convfilter.kernel import Kernel
from convfilter.registry.generators.generator import LARGEST_SIZE
from convfilter.registry.generators.parameter import Unfit

LEFT_OUT = 1e-4
"""Share of the mass that a default size may leave out."""

SIGMAS_COVERED = 4.06
"""Within so many σ to either side lies all of a two-dimensional Gaussian but that share."""

SMALLEST_WAVE = 1e-6
"""A difference that is a smaller share of what it is made of is taken for a rounding error."""

LARGEST_MOVE = 5e-14
"""Share of ``Σ|weight|`` by which weights may be moved to make them cancel."""

Vector = NDArray[np.float64]
Profile = Callable[[Vector], Vector]
"""A symmetric or antisymmetric function of the distance from the middle, in pixels."""


def gaussian_profile(sigma: float) -> Profile:
    """Return a Gaussian; not normalised."""
    return lambda x: np.exp(-0.5 * (x / sigma) ** 2)


def first_profile(sigma: float) -> Profile:
    """Return the first derivative of a Gaussian, turned so that rising values count positive."""
    return lambda x: x * np.exp(-0.5 * (x / sigma) ** 2)


def second_profile(sigma: float) -> Profile:
    """Return the second derivative of a Gaussian."""
    return lambda x: ((x / sigma) ** 2 - 1) * np.exp(-0.5 * (x / sigma) ** 2)


PROFILES = (gaussian_profile, first_profile, second_profile)
"""The Gaussian and its derivatives, by their order."""


def gaussian(sigma: float, radius: int) -> Vector:
    """Return a Gaussian that sums to 1."""
    return normalized(gaussian_profile(sigma)(distances(radius)))


def first_derivative(sigma: float, radius: int) -> Vector:
    """Return weights that give the slope of a ramp exactly."""
    x = distances(radius)
    weights = first_profile(sigma)(x)
    return weights / math.fsum(weights * x)


def second_derivative(sigma: float, radius: int) -> Vector:
    """Return weights that give the curvature of a parabola exactly, and 0 on a ramp.

    Samples of the second derivative do not quite cancel; the middle one makes them.

    Raises
    ------
    Unfit
        If the samples hold no curvature, as those one σ to either side do.
    """
    x = distances(radius)
    weights = second_profile(sigma)(x)
    weights[radius] = 0
    weights[radius] = -math.fsum(weights)
    curvature = math.fsum(weights * x**2)
    if abs(curvature) <= SMALLEST_WAVE * math.fsum(np.abs(weights) * x**2):
        raise Unfit("its cells lie where the second derivative is 0", "state a larger size")
    return 2 * weights / curvature


def distances(radius: int) -> Vector:
    """Return ``-radius … radius``."""
    return np.arange(-radius, radius + 1, dtype=np.float64)


def normalized(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights that sum to 1."""
    return with_sum_1(weights / math.fsum(weights.ravel()))


def with_sum_1(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights of which the middle one takes the rounding errors of all."""
    even = weights.copy()
    even.flat[even.size // 2] += 1 - math.fsum(even.ravel())
    return even


def square(vector: Vector, **fields: Any) -> Kernel:
    """Return the kernel ``vector ⊗ vector``, of a vector that sums to 1."""
    product = OuterProduct(tuple(vector.tolist()), tuple(vector.tolist()))
    return Kernel(with_sum_1(product.matrix()), factors=Factors((product,)), **fields)


def cancelled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights that sum to 0, wherever that can be without any rounding error.

    The middle takes what is left over; on a grid that is common to all, it can hold that.
    """
    grid = max(2.0 ** (math.frexp(float(np.abs(weights).max()))[1] - 52), math.ulp(0.0))
    even = np.rint(weights / grid) * grid
    if np.abs(even - weights).sum() > LARGEST_MOVE * np.abs(weights).sum():
        even = weights.copy()
    even.flat[even.size // 2] -= math.fsum(even.ravel())
    return even


def zero_sum(weights: NDArray[np.float64], factors: Factors, **fields: Any) -> Kernel:
    """Return a kernel whose weights cancel, with its factors.

    Unless they have lost digits: where products nearly cancel, rounding them is no longer
    small beside their sum.
    """
    even = cancelled(weights)
    return Kernel(even, factors=factors if factors.fit(even) else None, **fields)


def share_left_out(profiles: Sequence[Profile], radius: int) -> float:
    """Return the share of ``Σ|weight|`` that lies outside, for the product of profiles."""
    inside = 1.0
    for profile in profiles:
        reach = _far(profile)
        values = np.abs(profile(np.arange(reach + 1, dtype=np.float64)))
        values[1:] *= 2
        inside *= 1 - math.fsum(values[radius + 1 :]) / math.fsum(values)
    return 1 - inside


def radius_for(profiles: Sequence[Profile], size: int | None) -> int:
    """Return how far a kernel reaches: half the size, or until nearly all is covered.

    Raises
    ------
    Unfit
        If it would be too large.
    """
    if size is not None:
        return size // 2
    low, high = 0, LARGEST_SIZE
    while low < high:
        middle = (low + high) // 2
        if share_left_out(profiles, middle) < LEFT_OUT:
            high = middle
        else:
            low = middle + 1
    return checked_radius(low)


def checked_radius(radius: int) -> int:
    """Return the radius, if a kernel may be that large.

    Raises
    ------
    Unfit
        If it may not.
    """
    if 2 * radius + 1 > LARGEST_SIZE:
        raise Unfit(
            f"it would be larger than {LARGEST_SIZE} × {LARGEST_SIZE} cells",
            "reduce the picture first, or state a smaller kernel",
        )
    return radius


def tell_size(rows: int, columns: int) -> str:
    """Say how large a kernel is."""
    return f"{columns} × {rows} cells"


def tell_cut(radius: int, share: float, of: str = "the mass") -> str:
    """Say how large a square kernel is, and how much of what it stands for is left out."""
    size = tell_size(2 * radius + 1, 2 * radius + 1)
    cells = "cell" if radius == 1 else "cells"
    percent = f"{100 * share:.2g} %" if share >= 1e-12 else "less than 1e-10 %"
    return f"{size}; the tails beyond {radius} {cells}, {percent} of {of}, are left out."


def _far(profile: Any) -> int:
    """Return a distance beyond which a profile has nothing that counts."""
    reach = 1
    while reach < 100 * LARGEST_SIZE and abs(float(profile(np.array(float(reach))))) > 1e-300:
        reach *= 2
    return reach
