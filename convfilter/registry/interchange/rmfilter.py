"""Filter files of GRASS r.mfilter: odd squares, laid down as written, one after another."""

from convfilter.errors import near_miss_hint
from convfilter.kernel import Kernel
from convfilter.number import Number
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import matrix_text
from convfilter.registry.interchange.matrix_text import Row, Word
from convfilter.registry.interchange.table import Source
from convfilter.registry.yaml_tree import decode

KEYWORDS = ("TITLE", "MATRIX", "DIVISOR", "TYPE", "START")


def is_filter_file(data: bytes) -> bool:
    """Whether a line says ``MATRIX`` and a number."""
    lines = (line.upper().split() for line in data.decode("utf-8", "replace").splitlines())
    return any(words[:1] == ["MATRIX"] and len(words) == 2 for words in lines)


def read(source: Source) -> list[Kernel]:
    """Read every matrix with its divisor."""
    rows = matrix_text.rows(decode(source.data), "")
    title, kernels = "", []
    position = 0
    while position < len(rows):
        row = rows[position]
        keyword = row.words[0].upper()
        if keyword == "TITLE":
            title, position = " ".join(row.words[1:]), position + 1
        elif keyword == "MATRIX":
            kernel, position = _read_matrix(rows, position, title)
            kernels.append(kernel)
        else:
            hint = near_miss_hint(keyword, list(KEYWORDS), "a filter begins with MATRIX")
            raise Fault(row.line, "", f"{matrix_text.shown(row.words[0])} stands here", hint)
    if not kernels:
        raise Fault(1, "", "it has no MATRIX")
    return kernels


def _read_matrix(rows: list[Row], position: int, title: str) -> tuple[Kernel, int]:
    """Read one filter, which ends where the next one begins."""
    begins = rows[position].line
    side = matrix_text.whole(_value(rows[position]), "MATRIX", 3)
    if side % 2 == 0:
        raise Fault(begins, "MATRIX", f"the size {side} is even", "r.mfilter takes odd ones")
    weights, position = _read_cells(rows, position + 1, side)
    divisor: Number | None = None
    while position < len(rows) and (keyword := rows[position].words[0].upper()) in KEYWORDS[2:]:
        row = rows[position]
        position += 1
        if keyword == "TYPE" and _value(row).text.upper() != "P":
            cause = "a sequential filter goes on with its own results"
            raise Fault(row.line, "TYPE", cause, "only TYPE P is a convolution")
        if keyword != "DIVISOR":
            continue
        if divisor is not None:
            raise Fault(row.line, "DIVISOR", "it stands twice")
        if len(row.words) == 1:
            shares, position = _read_cells(rows, position, side)
            divisor = matrix_text.total(shares)
        else:
            divisor = matrix_text.decimal(_value(row), "DIVISOR") or matrix_text.total(weights)
    made = matrix_text.make_kernel(
        weights, begins, divisor=1 if divisor is None else divisor, title=title
    )
    return made, position


def _value(row: Row) -> Word:
    if len(row.words) != 2:
        raise Fault(row.line, row.words[0].upper(), "expected one value")
    return Word(row.words[1], row.line)


def _read_cells(rows: list[Row], position: int, side: int) -> tuple[list[list[Number]], int]:
    """Read as many numbers as a square has; they may stand in any number of lines."""
    values: list[Number] = []
    begins = rows[position - 1].line
    if side * side > matrix_text.MOST_CELLS:
        raise Fault(begins, "MATRIX", f"it has more than {matrix_text.MOST_CELLS} numbers")
    while len(values) < side * side:
        if position == len(rows):
            cause = f"it ends after {len(values)} of {side * side} numbers"
            raise Fault(begins, "MATRIX", cause)
        row = rows[position]
        values += [matrix_text.decimal(Word(word, row.line)) for word in row.words]
        position += 1
    if len(values) > side * side:
        raise Fault(rows[position - 1].line, "MATRIX", f"there are more than {side * side} numbers")
    return matrix_text.cut(values, side), position
