"""Blurs along a line: what moves past a pixel while the shutter is open."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from convfilter.kernel import Kernel
from convfilter.registry.generators.rational import rational_kernel
from convfilter.registry.generators.sampled import LEFT_OUT, checked_radius, normalized, tell_size

SHORTEST_PART = 1e-9
"""Shorter parts, in pixels, are corners that are crossed at a rounding error's distance."""

HALF = Fraction(1, 2)


class Part(NamedTuple):
    """A part of a ray that lies in one pixel: how far from the start it begins and ends."""

    row: int
    column: int
    start: float
    end: float


def motion(length: Fraction, angle: Fraction) -> Kernel:
    """Return for each pixel the share of a line through the middle that lies in it."""
    turned = angle % 180
    if turned % 90 == 0:
        cells = _straight(length)
        column, row = ([1], cells) if turned == 0 else (cells, [1])
        told = f"{tell_size(len(column), len(row))}, the mean along {float(length):g} pixels."
        return rational_kernel(column, row, description=told)
    if turned % 45 == 0:
        return _diagonal(length, rising=turned == 45)
    parts = _trace(float(length) / 2, float(turned))
    weights = _laid([*parts, *(Part(-p.row, -p.column, p.start, p.end) for p in parts)])
    told = f"{tell_size(*weights.shape)}, each weighted by the length of the line in it."
    return Kernel(normalized((weights + weights[::-1, ::-1]) / 2), description=told)


def comet(sigma: Fraction, angle: Fraction) -> Kernel:
    """Return half a Gaussian along a ray, its origin where the ray begins."""
    spread = float(sigma) * math.sqrt(2)
    reach = 1
    while math.erfc(reach / spread) >= LEFT_OUT:
        reach += 1
    checked_radius(-(-reach // 2))
    # The window lies where light comes from, opposite to where the tail points.
    parts = _trace(reach, float(angle % 360) + 180)
    masses = [math.erf(p.end / spread) - math.erf(p.start / spread) for p in parts]
    weighted = [Part(p.row, p.column, 0, mass) for p, mass in zip(parts, masses, strict=True)]
    top, left = min(p.row for p in parts), min(p.column for p in parts)
    weights = _laid(weighted)
    share = math.erfc(reach / spread)
    told = f"the tail beyond {reach} pixels, {100 * share:.2g} % of the mass, is left out."
    return Kernel(
        weights / math.fsum(weights.ravel()),
        origin=(-top, -left),
        description=f"{tell_size(*weights.shape)}; {told}",
    )


def _straight(length: Fraction) -> list[Fraction]:
    """Return the share of each pixel in a line along them, centred on the middle one."""
    reach = math.ceil(Fraction(length) / 2 - HALF)
    ends = Fraction(length) / 2
    inner = [
        min(ends, abs(n) + HALF) - (abs(n) - HALF if n else -min(ends, HALF))
        for n in range(-reach, reach + 1)
    ]
    return [cell / Fraction(length) for cell in inner]


def _diagonal(length: Fraction, *, rising: bool) -> Kernel:
    """Return equal weights along a diagonal, an odd number of them."""
    count = 2 * round((float(length) / math.sqrt(2) - 1) / 2) + 1
    weights = np.eye(count, dtype=np.int64)
    told = f"{count} pixels on the diagonal, which are {count * math.sqrt(2):.3g} pixels long."
    return Kernel(weights[:, ::-1] if rising else weights, divisor=count, description=told)


def _trace(reach: float, angle: float) -> list[Part]:
    """Follow a ray from the middle of a pixel, counter-clockwise from the right."""
    # Rounding makes the cosine of 90 degrees 0.
    right = round(math.cos(math.radians(angle)), 15)
    down = -round(math.sin(math.radians(angle)), 15)
    stops = {0.0, reach}
    for speed in (abs(right), abs(down)):
        count = math.ceil(reach * speed + 0.5)
        stops |= {(n + 0.5) / speed for n in range(count) if (n + 0.5) < reach * speed}
    ordered = sorted(stops)
    parts = []
    start = 0.0
    for end in ordered[1:]:
        if end - start < SHORTEST_PART:
            continue
        middle = (start + end) / 2
        parts.append(Part(round(middle * down), round(middle * right), start, end))
        start = end
    return parts


def _laid(parts: Sequence[Part]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Add up the lengths of parts in the smallest matrix that holds them."""
    rows, columns = [part.row for part in parts], [part.column for part in parts]
    weights = np.zeros((max(rows) - min(rows) + 1, max(columns) - min(columns) + 1))
    for part in parts:
        weights[part.row - min(rows), part.column - min(columns)] += part.end - part.start
    return weights
