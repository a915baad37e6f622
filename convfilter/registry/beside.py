"""The NPY file that a YAML kernel file names as its weights: which it is, and another one."""

from convfilter.registry.fault import Fault
from convfilter.registry.search_path import is_kernel_name
from convfilter.registry.yaml_tree import Fields, Text, decode, parse_tree, value_span

KEY = "weights"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def npy_beside(data: bytes) -> str | None:
    """Return the name of the NPY file that the bytes of a YAML file ask for, if they do.

    A file that cannot be read as YAML asks for none, and neither does one with a path.
    """
    try:
        tree = parse_tree(decode(data))
    except Fault:
        return None
    node = tree.fields.get(KEY) if isinstance(tree, Fields) else None
    if not isinstance(node, Text):
        return None
    return node.text if is_npy_name(node.text) else None


def is_npy_name(text: str) -> bool:
    """Whether a text is the plain name of an NPY file, which may lie beside a YAML file."""
    return text.endswith(".npy") and is_kernel_name(text.removesuffix(".npy"))


def with_npy_beside(data: bytes, name: str) -> bytes:
    """Return the bytes of a YAML file that ask for an NPY file of another name.

    Nothing else in them changes.
    """
    text = decode(data)
    start, end = value_span(text, KEY)
    # A text in the block style ends with the end of its line.
    line_end = "\n" if text[start:end].endswith("\n") else ""
    changed = (text[:start] + name + line_end + text[end:]).encode()
    return _BYTE_ORDER_MARK + changed if data.startswith(_BYTE_ORDER_MARK) else changed
