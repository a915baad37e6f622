"""The keys of a kernel file as JSON, with the name that a file's stem would give."""

import json
from typing import Any

from convfilter.errors import near_miss_hint
from convfilter.kernel import Kernel
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import matrix_text, yaml_text
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_file import KINDS, Context
from convfilter.registry.yaml_tree import Fields, Items, Node, Text, decode, parse_tree

FIELDS = (
    "name", "title", "weights", "divisor", "offset", "origin", "operation", "border", "range",
    "tags", "source", "description",
)  # fmt: skip
"""The keys, in the order in which they are written."""


def is_json(data: bytes) -> bool:
    """Whether it is an object, a list of objects, or rows of numbers."""
    try:
        value = _load(decode(data))
    except Fault:
        return False
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) or (first is not value and isinstance(first, list))


def read(source: Source) -> list[Kernel]:
    """Read one object, a list of several, or weights alone."""
    text = decode(source.data)
    _load(text)
    # JSON is YAML as well, and its reader knows the lines and refuses keys that stand twice.
    tree = parse_tree(text)
    if isinstance(tree, Items) and any(isinstance(item, Items) for item in tree.items):
        tree = Fields({"weights": tree}, {"weights": tree.line}, tree.line)
    kernels = tree.items if isinstance(tree, Items) else [tree]
    if not kernels:
        raise Fault(tree.line, "", "the list is empty", "expected an object with the key weights")
    stem = source.path.stem if source.path else ""
    return [_kernel(node, stem if len(kernels) == 1 else "") for node in kernels]


def _load(text: str) -> Any:
    def refuse(word: str) -> None:
        raise Fault(None, "", f"{word} stands in it", "only finite numbers are allowed")

    try:
        return json.loads(text, parse_constant=refuse, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise Fault(error.lineno, "", f"it is not JSON: {error.msg}") from None
    except RecursionError:
        raise Fault(None, "", "it is nested too deeply") from None


def _kernel(node: Node, name: str) -> Kernel:
    if not isinstance(node, Fields):
        raise Fault(node.line, "", "expected an object with the key weights")
    context = Context(yaml_text.NOWHERE, get_kernel)
    values: dict[str, Any] = {"name": name}
    for key, value in node.fields.items():
        if key not in FIELDS:
            hint = near_miss_hint(key, list(FIELDS), "known keys: " + ", ".join(FIELDS))
            raise Fault(node.lines[key], key, "no such key", hint)
        read_key = KINDS["weights"].keys["title" if key == "name" else key]
        numeric = key in ("weights", "divisor", "offset")
        values[key] = read_key(key, _unquoted(value) if numeric else value, context)
    if "weights" not in values:
        raise Fault(node.line, "weights", "the key is missing")
    return matrix_text.make_kernel(values.pop("weights"), node.line, **values)


def _unquoted(node: Node) -> Node:
    """Let a quotient be a number: JSON can write ``1/9`` only as a string."""
    if isinstance(node, Items):
        return Items([_unquoted(item) for item in node.items], node.line)
    return Text(node.text, True, node.line) if isinstance(node, Text) else node


def write(kernel: Kernel, _file: str) -> Written:
    """Write one object, a row of the weights in a line; quotients are strings."""
    rows = [f"    [{', '.join(map(_number, row))}]" for row in yaml_text.weight_texts(kernel)]
    stated: dict[str, str] = {
        "name": _string(kernel.name),
        "title": _string(kernel.title),
        "weights": "[\n" + ",\n".join(rows) + "\n  ]",
        **{key: _number(text) for key, text in yaml_text.number_texts(kernel).items()},
        "origin": json.dumps(list(kernel.origin)),
        "operation": _string(kernel.operation),
        "border": _string(str(kernel.border or "")),
        "range": _string(kernel.range or ""),
        "tags": json.dumps(list(kernel.tags), ensure_ascii=False) if kernel.tags else "",
        "source": _string(kernel.source),
        "description": _string(kernel.description),
    }
    lines = [f'  "{key}": {text}' for key, text in stated.items() if text]
    return Written(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text else ""


def _number(text: str) -> str:
    return f'"{text}"' if "/" in text else text
