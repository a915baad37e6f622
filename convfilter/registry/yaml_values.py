"""Values in kernel files: for each kind of value one reader, which says what is wrong and where."""

from collections.abc import Callable

from convfilter.border import Border
from convfilter.errors import ConvfilterError
from convfilter.named import check_name
from convfilter.number import Number, parse_number
from convfilter.registry.fault import Fault
from convfilter.registry.yaml_tree import Items, Node, Text

MATRIX_HINT = "write it as [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]"


def read_number(key: str, node: Node) -> Number:
    """Read one number."""
    if not isinstance(node, Text):
        raise Fault(node.line, key, "expected one number")
    if not node.plain:
        raise Fault(node.line, key, f"{node.text!r} is text", "leave the quotes out")
    try:
        return parse_number(node.text)
    except ValueError as error:
        raise Fault(node.line, key, f"{node.text!r} is not a number: {error}") from None


def read_matrix(key: str, node: Node) -> list[list[Number]]:
    """Read rows of numbers, all of one length."""
    if not isinstance(node, Items) or not all(isinstance(row, Items) for row in node.items):
        raise Fault(node.line, key, "expected a list of rows", MATRIX_HINT)
    rows = [row for row in node.items if isinstance(row, Items)]
    if not rows or not rows[0].items:
        raise Fault(node.line, key, "the matrix is empty", "it has at least one row and column")
    for number, row in enumerate(rows):
        if len(row.items) != len(rows[0].items):
            raise Fault(
                row.line,
                f"{key}[{number}]",
                f"the row has {len(row.items)} numbers, the first one {len(rows[0].items)}",
            )
    return [
        [read_number(f"{key}[{y}][{x}]", cell) for x, cell in enumerate(row.items)]
        for y, row in enumerate(rows)
    ]


def read_text(key: str, node: Node) -> str:
    """Read text."""
    if not isinstance(node, Text):
        raise Fault(node.line, key, "expected text")
    return node.text.strip()


def read_texts(key: str, node: Node) -> tuple[str, ...]:
    """Read a list of texts."""
    if not isinstance(node, Items):
        raise Fault(node.line, key, "expected a list", "write it as [blur, soft]")
    return tuple(read_text(f"{key}[{n}]", item) for n, item in enumerate(node.items))


def read_origin(key: str, node: Node) -> tuple[int, int]:
    """Read a row and a column."""
    if not isinstance(node, Items) or len(node.items) != 2:
        raise Fault(node.line, key, "expected a row and a column", "write it as [1, 1]")
    row, column = (read_number(f"{key}[{n}]", item) for n, item in enumerate(node.items))
    if not isinstance(row, int) or not isinstance(column, int):
        raise Fault(node.line, key, "row and column are whole numbers, counted from 0")
    return row, column


def read_border(key: str, node: Node) -> Border:
    """Read a border."""
    try:
        return Border.parse(read_text(key, node))
    except ConvfilterError as error:
        raise Fault(node.line, key, error.what, error.hint) from None


def read_from(table: dict[str, str]) -> Callable[[str, Node], str]:
    """Return a reader of a name from a table."""

    def read(key: str, node: Node) -> str:
        try:
            return check_name(table, read_text(key, node), key)
        except ConvfilterError as error:
            raise Fault(node.line, key, error.what, error.hint) from None

    return read


def read_pair(key: str, node: Node) -> tuple[int, int]:
    """Read one whole number for both directions, or a list of rows and columns."""
    if isinstance(node, Text):
        both = read_number(key, node)
        values = [both, both]
    elif isinstance(node, Items) and len(node.items) == 2:
        values = [read_number(f"{key}[{n}]", item) for n, item in enumerate(node.items)]
    else:
        raise Fault(node.line, key, "expected one number or two", "write it as 2, or as [2, 1]")
    rows, columns = values
    if not isinstance(rows, int) or not isinstance(columns, int):
        raise Fault(node.line, key, "expected whole numbers, of pixels")
    return rows, columns


def read_flag(key: str, node: Node) -> bool:
    """Read true or false."""
    words = {"true": True, "false": False}
    if not isinstance(node, Text) or node.text not in words:
        raise Fault(node.line, key, "expected true or false")
    return words[node.text]
