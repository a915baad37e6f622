"""Matrix files of libvips: width, height, scale and offset in the first line, then rows.

They are laid down as written, with the origin at half the size, rounded down; the offset is
in levels.
"""

import shlex
from fractions import Fraction

from convfilter.kernel import Kernel
from convfilter.number import simplify
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import forms, matrix_text
from convfilter.registry.interchange.matrix_text import FULL_SCALE, Row, Word
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_tree import decode

SEPARATORS = ",;"


def is_matrix_file(data: bytes) -> bool:
    """Whether the first line gives the size of what follows."""
    try:
        read(Source(data))
    except Fault:
        return False
    return True


def read(source: Source) -> list[Kernel]:
    """Read a matrix file."""
    found = matrix_text.rows(decode(source.data), SEPARATORS, comment="")
    if not found:
        raise Fault(1, "", "it is empty", "it begins with: width height scale offset")
    head = found[0]
    if not 2 <= len(head.words) <= 4:
        cause = f"the first line has {len(head.words)} numbers"
        raise Fault(head.line, "", cause, "it is: width height scale offset")
    words = [Word(word, head.line) for word in head.words]
    width, height = (matrix_text.whole(word, "size", 1) for word in words[:2])
    scale = matrix_text.decimal(words[2]) if len(words) > 2 else 1
    offset = matrix_text.decimal(words[3]) if len(words) > 3 else 0
    _check_size(found, width, height)
    weights = matrix_text.matrix(found[1:])
    return [
        matrix_text.make_kernel(
            weights,
            head.line,
            divisor=scale,
            offset=simplify(Fraction(offset) / FULL_SCALE),
            origin=(height // 2, width // 2),
            description="Its offset was in levels of an 8-bit picture." if offset else "",
        )
    ]


def _check_size(found: list[Row], width: int, height: int) -> None:
    if len(found) - 1 != height:
        cause = f"it has {len(found) - 1} rows, the first line says {height}"
        raise Fault(found[-1].line, "", cause)
    for row in found[1:]:
        if len(row.words) != width:
            cause = f"the row has {len(row.words)} numbers, the first line says {width}"
            raise Fault(row.line, "", cause)


def write(kernel: Kernel, file: str) -> Written:
    """Write a matrix file, padded with zeros until the origin lies in the middle."""
    laid = forms.centred(kernel.laid_for("correlate"))
    whole = forms.integers(laid)
    notes = forms.range_notes(kernel, "libvips")
    if whole:
        weights, scale = whole
        texts = [[str(weight) for weight in row] for row in weights]
    else:
        values, scale = forms.quotients(laid), 1
        texts = [[forms.decimal_text(value) for value in row] for row in values]
        if not forms.is_exact(texts, values):
            notes = ("weights are rounded to 64-bit floats", *notes)
    if kernel.offset:
        notes = ("the offset is written in levels of an 8-bit picture", *notes)
    offset = forms.decimal_text(Fraction(kernel.offset) * FULL_SCALE)
    lines = [f"{laid.columns} {laid.rows} {scale} {offset}", *forms.aligned(texts)]
    # Its integers round negative sums up and offsets to whole levels.
    precision = "integer" if whole and not kernel.offset else "float"
    command = (
        f"vips conv in.png out.png {shlex.quote(file)} --precision {precision} --vips-novector"
    )
    return Written("".join(f"{line}\n" for line in lines).encode(), notes, command)
