"""Kernel files in YAML: one reader for each key, in one table."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from convfilter.border import Border
from convfilter.errors import ConvfilterError, near_miss_hint
from convfilter.kernel import Kernel
from convfilter.named import OPERATIONS, RANGES, check_name
from convfilter.number import Number, parse_number
from convfilter.registry.beside import is_npy_name
from convfilter.registry.fault import Fault, KernelFileError, raise_together
from convfilter.registry.npy_file import read_weights
from convfilter.registry.yaml_tree import Fields, Items, Node, Text, decode, parse_tree

Value = TypeVar("Value")

MOST_FAULTS = 100
"""Of one file; nobody mends more at a time, and a hostile file has tens of thousands."""

MATRIX_HINT = "write it as [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]"


def read_yaml(path: Path, data: bytes) -> Kernel:
    """Read a kernel from the bytes of a YAML file.

    Parameters
    ----------
    path
        Where the bytes are from: its stem is the kernel's name, and an NPY file that
        ``weights`` names is looked for beside it.

    Raises
    ------
    KernelFileError
        With every fault, each with its line and key.
    """
    try:
        tree = parse_tree(decode(data))
        if not isinstance(tree, Fields):
            raise Fault(tree.line, "", "it is not a mapping of keys to values", MATRIX_HINT)
    except Fault as fault:
        raise KernelFileError(str(path), [fault]) from None
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for key, node in tree.fields.items():
        if len(faults) >= MOST_FAULTS:
            break
        try:
            values[key] = _read_key(key, node, tree, path)
        except Fault as fault:
            faults += [fault, *fault.others]
    if "weights" not in tree.fields:
        faults.append(Fault(tree.line, "weights", "the key is missing", MATRIX_HINT))
    if not faults:
        try:
            return Kernel(values.pop("weights"), **values, name=path.stem, file=path)
        except ConvfilterError as error:
            cause = f"{error.what}: {error.cause}" if error.cause else error.what
            key = _key_of_fault(error, tree)
            faults.append(Fault(tree.lines[key], key, cause, error.hint))
    raise KernelFileError(str(path), faults)


def _read_key(key: str, node: Node, tree: Fields, path: Path) -> Any:
    if key == "weights" and isinstance(node, Text):
        return _weights_beside(node, path)
    if key not in KEYS:
        known = list(KEYS)
        hint = near_miss_hint(key, known, "known keys: " + ", ".join(known))
        raise Fault(tree.lines[key], key, "no such key", hint)
    return KEYS[key](key, node)


def _key_of_fault(error: ConvfilterError, tree: Fields) -> str:
    """Find the key that an error from `Kernel` is about: its first word, or else the weights."""
    word = error.what.split()[0]
    return word if word in tree.lines else "weights"


def _weights_beside(node: Text, path: Path) -> Any:
    if not is_npy_name(node.text):
        raise Fault(
            node.line,
            "weights",
            f"{node.text!r} is neither a matrix nor the plain name of an NPY file beside it",
            MATRIX_HINT,
        )
    beside = path.parent / node.text
    if os.path.islink(beside):  # the method of Path fails for a name that is too long
        cause = f"{node.text} is a link, and may lead anywhere"
        raise Fault(node.line, "weights", cause, "copy the file itself there")
    try:
        return read_weights(beside)
    except Fault as fault:
        raise Fault(node.line, "weights", f"{beside.name}: {fault.cause}", fault.hint) from None


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
    faults: list[Fault] = []
    matrix = []
    for number, row in enumerate(rows):
        if len(faults) >= MOST_FAULTS:
            break
        place = f"{key}[{number}]"
        if len(row.items) != len(rows[0].items):
            cause = f"the row has {len(row.items)} numbers, the first one {len(rows[0].items)}"
            faults.append(Fault(row.line, place, cause))
        matrix.append(_read_each(read_number, place, row, faults))
    raise_together(faults)
    return matrix


def _read_each(
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
            faults.append(fault)
    return values


def _read_text(key: str, node: Node) -> str:
    if not isinstance(node, Text):
        raise Fault(node.line, key, "expected text")
    return node.text.strip()


def _read_texts(key: str, node: Node) -> list[str]:
    if not isinstance(node, Items):
        raise Fault(node.line, key, "expected a list", "write it as [blur, soft]")
    faults: list[Fault] = []
    texts = _read_each(_read_text, key, node, faults)
    raise_together(faults)
    return texts


def _read_origin(key: str, node: Node) -> tuple[int, int]:
    if not isinstance(node, Items) or len(node.items) != 2:
        raise Fault(node.line, key, "expected a row and a column", "write it as [1, 1]")
    row, column = (read_number(f"{key}[{n}]", item) for n, item in enumerate(node.items))
    if not isinstance(row, int) or not isinstance(column, int):
        raise Fault(node.line, key, "row and column are whole numbers, counted from 0")
    return row, column


def _read_border(key: str, node: Node) -> Border:
    try:
        return Border.parse(_read_text(key, node))
    except ConvfilterError as error:
        raise Fault(node.line, key, error.what, error.hint) from None


def _read_from(table: dict[str, str]) -> Callable[[str, Node], str]:
    def read(key: str, node: Node) -> str:
        try:
            return check_name(table, _read_text(key, node), key)
        except ConvfilterError as error:
            raise Fault(node.line, key, error.what, error.hint) from None

    return read


KEYS: dict[str, Callable[[str, Node], Any]] = {
    "title": _read_text,
    "description": _read_text,
    "weights": read_matrix,
    "divisor": read_number,
    "offset": read_number,
    "origin": _read_origin,
    "operation": _read_from(OPERATIONS),
    "border": _read_border,
    "range": _read_from(RANGES),
    "tags": _read_texts,
    "source": _read_text,
}
"""The keys of a kernel file, and what reads the value of each."""
