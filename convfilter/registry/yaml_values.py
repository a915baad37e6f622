"""Values in kernel files: for each kind of value one reader, which says what is wrong and where."""

from collections.abc import Callable
from typing import TypeVar

from convfilter.border import Border
from convfilter.errors import ConvfilterError
from convfilter.named import check_name
from convfilter.number import Number, counted, parse_number
from convfilter.registry.fault import Fault, raise_together
from convfilter.registry.yaml_tree import Fields, Items, Node, Text

Value = TypeVar("Value")

MOST_FAULTS = 100
"""Of one file; nobody mends more at a time, and a hostile file has tens of thousands."""

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


def read_checked(check: Callable[[Number], Number]) -> Callable[[str, Node], Number]:
    """Return a reader of one number that also has to pass a check."""

    def read(key: str, node: Node) -> Number:
        try:
            return check(read_number(key, node))
        except ConvfilterError as error:
            raise Fault.of(error, node.line, key) from None

    return read


def read_matrix(key: str, node: Node) -> list[list[Number]]:
    """Read rows of numbers, all of one length."""
    if not isinstance(node, Items) or not all(isinstance(row, Items) for row in node.items):
        raise Fault(node.line, key, "expected a list of rows", MATRIX_HINT)
    rows = [row for row in node.items if isinstance(row, Items)]
    if not rows or not rows[0].items:
        raise Fault(node.line, key, "the matrix is empty", "it has at least one row and column")
    faults: list[Fault] = []
    matrix = []
    for number, row in enumerate(rows):
        if len(faults) >= MOST_FAULTS:
            break
        place = f"{key}[{number}]"
        if len(row.items) != len(rows[0].items):
            has = counted(len(row.items), "number")
            cause = f"the row has {has}, the first one {len(rows[0].items)}"
            faults.append(Fault(row.line, place, cause))
        matrix.append(read_each(read_number, place, row, faults))
    raise_together(faults)
    return matrix


def read_each(
    read: Callable[[str, Node], Value], key: str, node: Items, faults: list[Fault]
) -> list[Value]:
    """Read the items of a list; what is wrong with them is added to ``faults``."""
    values = []
    for number, item in enumerate(node.items):
        if len(faults) >= MOST_FAULTS:
            break
        try:
            values.append(read(f"{key}[{number}]", item))
        except Fault as fault:
            faults += [fault, *fault.others]
    return values


def read_text(key: str, node: Node) -> str:
    """Read text."""
    if not isinstance(node, Text):
        raise Fault(node.line, key, "expected text")
    return node.text.strip()


def read_texts(key: str, node: Node) -> tuple[str, ...]:
    """Read a list of texts."""
    if not isinstance(node, Items):
        raise Fault(node.line, key, "expected a list", "write it as [blur, soft]")
    faults: list[Fault] = []
    texts = read_each(read_text, key, node, faults)
    raise_together(faults)
    return tuple(texts)


def read_texts_by_name(key: str, node: Node) -> dict[str, str]:
    """Read a mapping of names to texts."""
    if not isinstance(node, Fields):
        raise Fault(node.line, key, "expected a mapping", "write it as {sigma: 2}")
    return {name: read_text(f"{key}.{name}", value) for name, value in node.fields.items()}


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
        raise Fault.of(error, node.line, key) from None


def read_from(table: dict[str, str]) -> Callable[[str, Node], str]:
    """Return a reader of a name from a table."""

    def read(key: str, node: Node) -> str:
        try:
            return check_name(table, read_text(key, node), key)
        except ConvfilterError as error:
            raise Fault.of(error, node.line, key) from None

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
