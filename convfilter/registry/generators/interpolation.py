"""Kernels that pictures are resized with, as low-pass filters."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import numpy as np

from convfilter.kernel import Kernel
from convfilter.registry.generators.rational import rational_kernel
from convfilter.registry.generators.sampled import checked_radius, normalized, square, tell_size

T = TypeVar("T", float, Fraction)


def lanczos(a: int, scale: Fraction) -> Kernel:
    """Return a sinc of which a wider sinc leaves ``a`` lobes to either side."""
    row = _sampled(lambda x: _lanczos(x, a), a, scale)
    return square(normalized(np.array(row)), description=_told(len(row)))


def _lanczos(x: Fraction, a: int) -> float:
    if x.denominator == 1:
        return float(x == 0)
    turn = math.pi * float(x)
    return a * math.sin(turn) * math.sin(turn / a) / turn**2


def mitchell(scale: Fraction) -> Kernel:
    """Return Mitchell and Netravali's cubic, B = C = 1/3."""
    return _cubic(Fraction(1, 3), Fraction(1, 3), scale)


def catmull_rom(scale: Fraction) -> Kernel:
    """Return the cubic of Catmull and Rom, B = 0, C = 1/2."""
    return _cubic(Fraction(0), Fraction(1, 2), scale)


def b_spline(scale: Fraction) -> Kernel:
    """Return the cubic B-spline, B = 1, C = 0."""
    return _cubic(Fraction(1), Fraction(0), scale)


def _cubic(b: Fraction, c: Fraction, scale: Fraction) -> Kernel:
    row = _sampled(_piecewise(b, c), 2, scale)
    total = sum(row, Fraction(0))
    weights = [weight / total for weight in row]
    return rational_kernel(weights, weights, description=_told(len(weights)))


def _piecewise(b: Fraction, c: Fraction) -> Callable[[Fraction], Fraction]:
    """Return the two-parameter family of cubics over distances from 0 to 2, times 6."""

    def value(x: Fraction) -> Fraction:
        if x < 1:
            return (12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + 6 - 2 * b
        return (
            (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 - (12 * b + 48 * c) * x + (8 * b + 24 * c)
        )

    return value


def _sampled(profile: Callable[[Fraction], T], support: int, scale: Fraction) -> list[T]:
    """Return a profile at whole pixels, up to the last one where it is not 0."""
    reach = checked_radius(math.ceil(support * Fraction(scale)) - 1)
    half = [profile(Fraction(n) / scale) for n in range(reach + 1)]
    while not half[-1]:
        half.pop()
    return half[:0:-1] + half


def _told(size: int) -> str:
    return f"{tell_size(size, size)}; nothing is left out."
