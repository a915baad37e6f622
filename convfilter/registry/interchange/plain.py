"""Bare matrices: plain text and CSV.

They say nothing but weights, so what is written is the correlation with the weights divided
by the divisor, padded with zeros until the default origin is the right one.
"""

import csv
import io

from convfilter.kernel import Kernel
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import forms, matrix_text
from convfilter.registry.interchange.matrix_text import Row
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_tree import decode

SEPARATORS = ",;\t"


def is_text(data: bytes) -> bool:
    """Whether it is rows of numbers, all of one length."""
    try:
        read_text(Source(data))
    except Fault:
        return False
    return True


def read_text(source: Source) -> list[Kernel]:
    """Read numbers between blanks or commas, in rows that end with a line or a semicolon."""
    found = matrix_text.rows(decode(source.data), ",", row_ends=";")
    weights = matrix_text.matrix(found, quotients=True)
    return [matrix_text.make_kernel(weights, found[0].line)]


def read_csv(source: Source) -> list[Kernel]:
    """Read a table separated by commas, semicolons or tabs: by what stands in it first."""
    text = decode(source.data)
    delimiter = next((sign for sign in text if sign in SEPARATORS), ",")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        found = [Row(tuple(map(str.strip, cells)), lines.line_num) for cells in lines]
    except csv.Error as error:
        raise Fault(lines.line_num, "", f"it is not CSV: {error}") from None
    found = [row for row in found if any(row.words)]
    weights = matrix_text.matrix(found, quotients=True)
    return [matrix_text.make_kernel(weights, found[0].line)]


def write_csv(kernel: Kernel, _file: str) -> Written:
    """Write weights divided by the divisor, as decimals."""
    forms.refuse_offset(kernel, "csv")
    laid = forms.at_default_origin(kernel.laid_for("correlate"))
    values = forms.quotients(laid)
    texts = [[forms.decimal_text(value) for value in row] for row in values]
    notes = forms.range_notes(kernel, "a matrix of numbers")
    if not forms.is_exact(texts, values):
        notes = ("weights are rounded to 64-bit floats", *notes)
    return Written("".join(f"{','.join(row)}\n" for row in texts).encode(), notes)
