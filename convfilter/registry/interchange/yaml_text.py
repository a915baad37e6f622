"""Kernel files in YAML, written so that reading them gives an equal kernel."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml

from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.number import LONGEST_NUMBER, Number, format_number
from convfilter.registry.catalogue import get_kernel, single
from convfilter.registry.fault import Fault
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_file import read_yaml
from convfilter.registry.yaml_tree import MOST_NODES, Fields, decode, parse_tree

NOWHERE = Path("/dev/null/inline.yaml")
"""Stands for the file of a text without one: no weights can lie beside it."""


def is_yaml(data: bytes) -> bool:
    """Whether it is a mapping that has the key ``weights``, and not JSON."""
    try:
        tree = parse_tree(decode(data))
    except Fault:
        return False
    return isinstance(tree, Fields) and "weights" in tree.fields and data.lstrip()[:1] != b"{"


def read(source: Source) -> list[Kernel]:
    """Read a kernel file."""
    kernel = single(read_yaml(source.path or NOWHERE, source.data, get_kernel))
    return [kernel if source.path else kernel.replace(name="", file=None)]


def write(kernel: Kernel, _file: str) -> Written:
    """Write a kernel file; its name is the file's, and is not in it."""
    if kernel.weights.size + 100 > MOST_NODES:
        raise KernelError(
            f"kernel {kernel.label} is too large for a YAML file",
            f"{kernel.rows}×{kernel.columns} weights are more than it may hold",
            "write it as npy",
        )
    rows = "".join(f"  - [{', '.join(row)}]\n" for row in weight_texts(kernel))
    parts = [_text("title", kernel.title), f"weights:\n{rows}"]
    parts += [f"{key}: {text}\n" for key, text in number_texts(kernel).items()]
    if kernel.origin != default_origin(kernel):
        parts.append("origin: [{}, {}]\n".format(*kernel.origin))
    if kernel.operation != "correlate":
        parts.append(f"operation: {kernel.operation}\n")
    parts.append(f"border: {yaml_string(str(kernel.border))}\n" if kernel.border else "")
    parts.append(f"range: {kernel.range}\n" if kernel.range else "")
    if kernel.tags:
        parts.append(f"tags: [{', '.join(map(yaml_string, kernel.tags))}]\n")
    parts += [_text("source", kernel.source), _text("description", kernel.description)]
    return Written("".join(parts).encode())


def default_origin(kernel: Kernel) -> tuple[int, int]:
    """Return the origin of a kernel of this size that does not say its own."""
    return (kernel.rows - 1) // 2, (kernel.columns - 1) // 2


def weight_texts(kernel: Kernel) -> list[list[str]]:
    """Write weights so that reading them gives the same ones, exact or as floats."""
    if kernel.numerators is not None:
        return [[format_number(weight) for weight in row] for row in kernel.exact_weights]
    floats = kernel.weights.tolist()
    texts = [[repr(value) for value in row] for row in floats]
    if Kernel([[Fraction(text) for text in row] for row in texts]).numerators is None:
        return texts
    # Short decimals such as 0.1 would be read as exact: with 25 digits they stay the floats.
    return [[f"{Decimal(value):.25g}" for value in row] for row in floats]


def number_texts(kernel: Kernel) -> dict[str, str]:
    """Return divisor and offset as they are written, where they are not 1 and 0."""
    stated: dict[str, Number] = {}
    if kernel.divisor != 1:
        stated["divisor"] = kernel.divisor
    if kernel.offset != 0:
        stated["offset"] = kernel.offset
    return {key: _number(value) for key, value in stated.items()}


def _number(value: Number) -> str:
    text = format_number(value)
    # Only exact floats that are extremely small have quotients as long as that.
    return text if len(text) <= LONGEST_NUMBER else repr(float(value))


def _text(key: str, text: str) -> str:
    if not text:
        return ""
    dumped: str = yaml.safe_dump({key: text}, allow_unicode=True, width=2**31)
    return dumped


def yaml_string(text: str) -> str:
    """Return a text as an item of a YAML list in one line, quoted where it has to be."""
    plain: str = yaml.safe_dump([text], allow_unicode=True, width=2**31, default_flow_style=True)
    return plain.strip()[1:-1]
