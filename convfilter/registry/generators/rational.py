"""Kernels from rational numbers, kept as integers over a common divisor."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from convfilter.kernel import Kernel

LARGEST_SUM = 2**44
"""Limit of the integer ``Σ|weight|`` and of the divisor: sums of 16-bit samples fit 64 bits."""


def rational_kernel(
    column: Sequence[int | Fraction], row: Sequence[int | Fraction], **fields: Any
) -> Kernel:
    """Return ``column ⊗ row``, in integers unless they would be too large to add up exactly."""
    tall, down = _integers(column)
    wide, across = _integers(row)
    divisor = Fraction(down * across)
    tall = [n * divisor.denominator for n in tall]
    total = sum(map(abs, tall)) * sum(map(abs, wide))
    if max(total, divisor.numerator) <= LARGEST_SUM:
        return Kernel.outer(tall, wide, divisor=divisor.numerator, **fields)
    return Kernel.outer([float(n) for n in column], [float(n) for n in row], **fields)


def _integers(vector: Sequence[int | Fraction]) -> tuple[list[int], Fraction]:
    """Return integers without a common factor, and what they have to be divided by."""
    denominator = math.lcm(*(Fraction(value).denominator for value in vector))
    whole = [int(value * denominator) for value in vector]
    common = math.gcd(*whole)
    return [value // common for value in whole], Fraction(denominator, common)
