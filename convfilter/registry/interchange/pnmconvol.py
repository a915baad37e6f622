"""Matrices of Netpbm's pnmconvol: odd sizes, laid down as written.

Three forms are read: the rows of a ``-matrixfile``, the value of ``-matrix``, and the plain
PGM in which half of the largest sample stands for 0.
"""

import re
from fractions import Fraction

from convfilter.kernel import Kernel
from convfilter.number import Number, simplify
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import matrix_text
from convfilter.registry.interchange.matrix_text import Row
from convfilter.registry.interchange.table import Source
from convfilter.registry.yaml_tree import decode

OPTIONS = ("-normalize", "-nooffset")

_LEADING_ZEROS = re.compile(r"^([+-]?)0+(?=\d)")


def is_matrix(data: bytes) -> bool:
    """Whether it is a plain PGM, or says ``-matrix``."""
    return re.match(rb"\s*(P2\s|--?matrix=)", data) is not None


def read(source: Source) -> list[Kernel]:
    """Read a matrix, and the options that may follow it."""
    text = decode(source.data)
    options = {word.lstrip("-") for word in text.split() if f"-{word.lstrip('-')}" in OPTIONS}
    bare = re.sub(rf"(?<!\S)-?(?:{'|'.join(OPTIONS)})(?!\S)", "", text)
    bare = re.sub(r"^\s*--?matrix=", "", bare)
    if re.match(r"P2\s", bare):
        weights = _read_pgm(bare, "nooffset" in options)
    else:
        found = matrix_text.rows(bare, ",", row_ends=";", comment="")
        # Numbers in a matrix file are lined up with zeros, since it may not hold more blanks.
        weights = matrix_text.matrix([_without_leading_zeros(row) for row in found])
    if len(weights) % 2 == 0 or len(weights[0]) % 2 == 0:
        cause = f"{len(weights)}×{len(weights[0])} has an even side, which pnmconvol refuses"
        raise Fault(1, "", cause, "read it as text")
    divisor: Number = 1
    if "normalize" in options:
        divisor = matrix_text.total(weights)
        if divisor == 0:
            raise Fault(1, "-normalize", "the weights sum to 0, and cannot be normalised")
    return [matrix_text.make_kernel(weights, 1, divisor=divisor)]


def _without_leading_zeros(row: Row) -> Row:
    return Row(tuple(_LEADING_ZEROS.sub(r"\1", word) for word in row.words), row.line)


def _read_pgm(text: str, no_offset: bool) -> list[list[Number]]:
    words = list(matrix_text.words(text, "#"))[1:]
    if len(words) < 3:
        raise Fault(1, "", "it ends before width, height and largest sample")
    width, height, largest = (matrix_text.whole(word, "", 1) for word in words[:3])
    if len(words) - 3 != width * height or width * height > matrix_text.MOST_CELLS:
        cause = f"it has {len(words) - 3} samples, {width}×{height} needs {width * height}"
        raise Fault(words[-1].line, "", cause)
    samples = [matrix_text.whole(word, "") for word in words[3:]]
    zero, one = (Fraction(0), Fraction(largest)) if no_offset else (Fraction(largest, 2),) * 2
    return matrix_text.cut([simplify((sample - zero) / one) for sample in samples], width)
