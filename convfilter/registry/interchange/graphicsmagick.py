"""The list of numbers that ``gm convert -convolve`` takes.

It is an odd square laid down as written, whose weights GraphicsMagick divides by their sum.
"""

from fractions import Fraction
from math import isqrt

from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.number import format_number
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import forms, matrix_text
from convfilter.registry.interchange.imagemagick_cells import EPSILON
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_tree import decode

LONGEST_OPTION = 1025
"""Characters that ``gm`` takes after an option."""


def read(source: Source) -> list[Kernel]:
    """Read numbers between commas or blanks."""
    found = matrix_text.rows(decode(source.data), ",", comment="")
    words = [
        matrix_text.Word(word.strip(), row.line) for row in found for word in row.words if word
    ]
    side = isqrt(len(words))
    if side * side != len(words) or side % 2 == 0:
        cause = f"{len(words)} numbers make no square of an odd size"
        raise Fault(1, "", cause, "9, 25 or 49 numbers do")
    weights = matrix_text.cut([matrix_text.decimal(word) for word in words], side)
    total = matrix_text.total(weights)
    divisor = total if abs(float(total)) > EPSILON else 1
    return [matrix_text.make_kernel(weights, 1, divisor=divisor)]


def write(kernel: Kernel, _file: str) -> Written:
    """Write a kernel whose weights sum to its divisor, or to 0."""
    forms.refuse_offset(kernel, "graphicsmagick")
    if not kernel.is_zero_sum and Fraction(kernel.sum) != Fraction(kernel.divisor):
        raise KernelError(
            f"kernel {kernel.label} cannot be written as graphicsmagick",
            f"gm divides by the sum of the weights, {format_number(kernel.sum)}, "
            f"the kernel by {format_number(kernel.divisor)}",
            "write it as imagemagick or libvips",
        )
    laid = forms.square(kernel.laid_for("correlate"))
    whole = forms.integers(laid)
    scaled = kernel.is_zero_sum and kernel.divisor != 1
    values = whole[0] if whole and not scaled else forms.quotients(laid)
    texts = [[forms.decimal_text(value) for value in row] for row in values]
    notes = forms.range_notes(kernel, "GraphicsMagick")
    if not forms.is_exact(texts, values):
        notes = ("weights are rounded to 64-bit floats", *notes)
    string = ",".join(text for row in texts for text in row)
    if len(string) > LONGEST_OPTION:
        notes = (f"gm takes no option of more than {LONGEST_OPTION} characters", *notes)
    command = f"gm convert in.png -convolve {string} out.png"
    return Written(f"{string}\n".encode(), notes, command)
