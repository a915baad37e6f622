"""A kernel in the form that a tool takes: turned, padded with zeros, as integers, as decimals.

None of it changes a result: zeros add nothing, and a turned kernel is laid down the other way.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.named import RANGES
from convfilter.number import Number, format_number, simplify
from convfilter.weights import LARGEST_INTEGER


def centred(kernel: Kernel) -> Kernel:
    """Pad with zeros to odd sizes with the origin in the middle."""
    row, column = kernel.origin
    up = max(row, kernel.rows - 1 - row)
    left = max(column, kernel.columns - 1 - column)
    return kernel.within((2 * up + 1, 2 * left + 1), (up, left))


def square(kernel: Kernel) -> Kernel:
    """Pad with zeros to an odd square with the origin in the middle."""
    kernel = centred(kernel)
    side = max(kernel.rows, kernel.columns)
    return kernel.within((side, side), (side // 2, side // 2))


def at_default_origin(kernel: Kernel) -> Kernel:
    """Pad with zeros until the origin is the one of a matrix that does not say its own."""
    sizes, origins = [], []
    for before, size in zip(kernel.origin, (kernel.rows, kernel.columns), strict=True):
        behind = size - 1 - before
        before = max(before, behind - 1)
        behind = max(behind, before)
        sizes.append(before + 1 + behind)
        origins.append(before)
    return kernel.within((sizes[0], sizes[1]), (origins[0], origins[1]))


def integers(kernel: Kernel) -> tuple[list[list[int]], int] | None:
    """Return integer weights and the positive integer that divides their sum, or None.

    Weights and divisor that are integers already are left as they are.
    """
    if kernel.numerators is None:
        return None
    divisor = Fraction(kernel.divisor)
    scale = kernel.denominator * divisor.numerator
    factor = divisor.denominator
    weights = [[n * factor for n in row] for row in kernel.numerators.tolist()]
    if not kernel.is_integer:
        common = math.gcd(scale, *(n for row in weights for n in row))
        weights, scale = [[n // common for n in row] for row in weights], scale // common
    if scale < 0:
        weights, scale = [[-n for n in row] for row in weights], -scale
    largest = max(scale, *(abs(n) for row in weights for n in row))
    return (weights, scale) if largest <= LARGEST_INTEGER else None


def quotients(kernel: Kernel) -> list[list[Number]]:
    """Return the weights divided by the divisor."""
    divisor = Fraction(kernel.divisor)
    return [[simplify(Fraction(w) / divisor) for w in row] for row in kernel.exact_weights]


def decimal_text(value: Number) -> str:
    """Write a number in digits: exactly where 17 of them are enough, else as near as a float is."""
    short = format_number(simplify(value))
    return short if "/" not in short else repr(float(value))


def is_exact(texts: Sequence[Sequence[str]], values: Sequence[Sequence[Number]]) -> bool:
    """Whether every text is the very number, read as a decimal or as a 64-bit float."""
    return all(
        Fraction(value) in (Fraction(text), Fraction(float(text)))
        for text_row, row in zip(texts, values, strict=True)
        for text, value in zip(text_row, row, strict=True)
    )


def aligned(texts: Sequence[Sequence[str]], separator: str = " ") -> list[str]:
    """Return one line for each row, its columns flush right."""
    width = max(len(text) for row in texts for text in row)
    return [separator.join(text.rjust(width) for text in row) for row in texts]


def range_notes(kernel: Kernel, tool: str) -> tuple[str, ...]:
    """Say what of the kernel's range another tool leaves out."""
    if kernel.range in (None, "clip"):
        return ()
    return (
        f"{tool} clips; the kernel's range {kernel.range} ({RANGES[kernel.range]}) is not said",
    )


def refuse_offset(kernel: Kernel, format_name: str) -> None:
    """Refuse an offset that a format has no place for.

    Raises
    ------
    KernelError
        If there is one.
    """
    if kernel.offset:
        raise KernelError(
            f"kernel {kernel.label} cannot be written as {format_name}",
            f"the format has no place for its offset {format_number(kernel.offset)}",
            "write it as yaml, json, libvips or c, which carry it",
        )
