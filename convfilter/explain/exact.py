"""Numbers without error, and what becomes of them: combined, ranged, rounded."""

import math
from collections.abc import Sequence
from fractions import Fraction

from convfilter.number import Number, simplify

Exact = int | Fraction | float
"""A number without error; a float only where it is NaN or infinite."""

HALF = Fraction(1, 2)

ROOT_BITS = 96
"""Binary places to which a root that is not rational is computed."""


def exact(value: Number) -> Exact:
    """Return a number as a rational one, if it is finite."""
    return simplify(value) if math.isfinite(value) else float(value)


def combine(name: str, values: Sequence[Exact], full: int) -> Exact:
    """Combine responses as the table of `COMBINATIONS` says; an angle is in turns times full."""
    if not all(math.isfinite(value) for value in values):
        return _combine_floats(name, [float(value) for value in values], full)
    known = [Fraction(value) for value in values]
    if name == "l2":
        return square_root(sum((value**2 for value in known), Fraction(0)))
    if name == "angle":
        return simplify(Fraction(turns(*known)) * full)
    if name == "l1":
        known = [sum(map(abs, known), Fraction(0))]
    if name in ("max", "min"):
        return simplify(max(known) if name == "max" else min(known))
    total = sum(known, Fraction(0))
    return simplify(total / len(known) if name == "mean" else total)


def _combine_floats(name: str, values: list[float], full: int) -> float:
    """Combine where NaN or infinity is among the values."""
    if any(math.isnan(value) for value in values):
        return math.nan
    if name == "angle":
        angle = math.atan2(values[1], values[0]) / math.tau
        return (angle + 1 if angle < 0 else angle) * full
    if name in ("l1", "l2"):
        return math.inf
    if name in ("max", "min"):
        return max(values) if name == "max" else min(values)
    return sum(values)


def square_root(square: Fraction | int) -> Exact:
    """Return a root: the very one where it is rational, else to `ROOT_BITS`."""
    square = Fraction(square)
    above, below = math.isqrt(square.numerator), math.isqrt(square.denominator)
    if above**2 == square.numerator and below**2 == square.denominator:
        return simplify(Fraction(above, below))
    scaled = (square.numerator << 2 * ROOT_BITS) // square.denominator
    return Fraction(math.isqrt(scaled), 1 << ROOT_BITS)


def turns(across: Fraction, down: Fraction) -> Exact:
    """Return the direction of a gradient in turns, clockwise from the right, from 0 to below 1."""
    if abs(across) == abs(down) or not across or not down:
        return _eighths(across, down)
    angle = math.atan2(down, across) / math.tau
    return exact(angle + 1 if angle < 0 else angle)


def _eighths(across: Fraction, down: Fraction) -> Exact:
    """Return a direction along an axis or a diagonal without error."""
    signs = (across > 0) - (across < 0), (down > 0) - (down < 0)
    around = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    return simplify(Fraction(around.index(signs), 8)) if signs != (0, 0) else 0


def apply_range(
    name: str | None, value: Exact, full: int, extremes: tuple[Exact, Exact] | None = None
) -> Exact:
    """Apply a range, but for the limits of the scale.

    Parameters
    ----------
    extremes
        Lowest and highest value of the whole picture, which ``stretch`` needs.
    """
    if name == "abs":
        return -value if value < 0 else value
    if name == "relu":
        return value if math.isnan(value) else max(value, 0)
    if name == "center":
        return value + Fraction(full, 2)
    if name == "stretch":
        low, high = extremes or (0, 0)
        return (value - low) * full / Fraction(high - low) if high > low else 0
    return value


def limit(value: Exact, full: int) -> Exact:
    """Return the nearest value on the scale."""
    return value if math.isnan(value) else min(max(value, 0), full)


def round_half_up(value: Exact, near: Fraction | int = 0) -> int:
    """Return the nearest level, the upper one of two that are equally near.

    Parameters
    ----------
    near
        What is so little below a tie counts as the tie.
    """
    return math.floor(Fraction(value) + HALF + near)
