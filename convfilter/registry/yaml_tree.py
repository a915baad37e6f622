"""YAML from strangers, read strictly: text, lists and mappings with their lines, nothing else.

No value is guessed at: every scalar stays the text that stands in the file, and the
reader of each key decides what it must be. So ``on``, ``1:30`` and ``0777`` cannot turn
into something else, and ``1e-3`` and ``1/9`` can be numbers.
"""

import re
from collections.abc import Iterator

import yaml

from convfilter.frozen import frozen
from convfilter.registry.fault import Fault

LARGEST_FILE = 1024 * 1024
"""Files of more bytes are refused."""

DEEPEST_NESTING = 16

MOST_NODES = 100_000
"""Enough nodes for a 300 × 300 matrix; larger ones belong in an NPY file."""

# libyaml's parser where PyYAML was built with it: 15 times faster, and the same events.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Refused before parsing, since the parser compares each directive with all before it.
_TAG_DIRECTIVE = re.compile(r"^%TAG\b", re.MULTILINE)


@frozen
class Text:
    """A scalar as written; ``plain`` if without quotes, so that it may be a number."""

    text: str
    plain: bool
    line: int


@frozen
class Items:
    """A list."""

    items: list["Node"]
    line: int


@frozen
class Fields:
    """A mapping with unique keys."""

    fields: dict[str, "Node"]
    lines: dict[str, int]
    line: int


Node = Text | Items | Fields


def decode(data: bytes) -> str:
    """Decode the bytes of a kernel file, within the limits of size and encoding.

    Raises
    ------
    Fault
        For more than `LARGEST_FILE` bytes, or text that is not UTF-8.
    """
    if len(data) > LARGEST_FILE:
        raise Fault(None, "", "it is larger than 1 MiB", "keep large weights in an NPY file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Fault(line, "", "it is not UTF-8 text", "save it as UTF-8") from None


def parse_tree(text: str) -> Node:
    """Parse one YAML document.

    Raises
    ------
    Fault
        For bad syntax, tags, anchors, aliases, merge keys, duplicate keys, several
        documents, nesting deeper than `DEEPEST_NESTING` or more than `MOST_NODES` nodes.
    """
    if directive := _TAG_DIRECTIVE.search(text):
        line = text.count("\n", 0, directive.start()) + 1
        raise Fault(line, "", "tags (%TAG) are not allowed", "leave the line out")
    try:
        events = yaml.parse(text, Loader=_PARSER)
        return _document(_guarded(events))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        number = mark.line + 1 if mark else None
        what, hint = error.problem, None
        if number and _is_tabbed(text, number):
            what, hint = "the line begins with a tab", "indent with blanks"
        raise Fault(number, "", f"it is not valid YAML: {what}", hint) from None
    except yaml.reader.ReaderError as error:
        # One of PyYAML's readers tells the character, the other its number.
        character = error.character
        character = chr(character) if isinstance(character, int) else character
        line = text.count("\n", 0, max(text.find(character), 0)) + 1
        shown = f"character U+{ord(character):04X} is not allowed"
        raise Fault(line, "", f"it is not valid YAML: {shown}") from None
    except yaml.YAMLError as error:
        cause = str(error).splitlines()[0]
        raise Fault(None, "", f"it is not valid YAML: {cause}") from None


def _is_tabbed(text: str, line: int) -> bool:
    """Whether a line, counted from 1, is indented with a tab."""
    return any(one.lstrip(" ").startswith("\t") for one in text.splitlines()[line - 1 : line])


def _guarded(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    """Let events pass that are allowed; refuse before anything is built from the others."""
    depth = 0
    for count, event in enumerate(events):
        line = _line(event)
        if count > MOST_NODES:
            raise Fault(line, "", f"it has more than {MOST_NODES} nodes", "use an NPY file")
        if isinstance(event, yaml.AliasEvent):
            raise Fault(line, "", f"aliases (*{event.anchor}) are not allowed", "write it out")
        if anchor := getattr(event, "anchor", None):
            raise Fault(line, "", f"anchors (&{anchor}) are not allowed", "write it out")
        if tag := getattr(event, "tag", None):
            raise Fault(line, "", f"tags ({tag}) are not allowed", "leave the tag out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST_NESTING:
                raise Fault(line, "", f"it is nested deeper than {DEEPEST_NESTING} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _document(events: Iterator[yaml.Event]) -> Node:
    root: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if root is not None:
                raise Fault(_line(event), "", "a second document begins here")
            root = _node(next(events), events)
    if root is None:
        raise Fault(1, "", "it is empty", "a kernel file has at least the key weights")
    return root


def _node(event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
    line = _line(event)
    if isinstance(event, yaml.ScalarEvent):
        return Text(event.value, bool(event.implicit[0]), line)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events))
        return Items(items, line)
    return _mapping(line, events)


def _mapping(line: int, events: Iterator[yaml.Event]) -> Fields:
    fields: dict[str, Node] = {}
    lines: dict[str, int] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events)
        if not isinstance(key, Text):
            raise Fault(key.line, "", "a key must be a word")
        if key.text == "<<" and key.plain:
            raise Fault(key.line, "<<", "merge keys are not allowed", "write it out")
        if key.text in fields:
            first = lines[key.text]
            raise Fault(key.line, key.text, f"it stands twice, first in line {first}")
        fields[key.text] = _node(next(events), events)
        lines[key.text] = key.line
    return Fields(fields, lines, line)


def value_span(text: str, key: str) -> tuple[int, int]:
    """Return where the text begins and ends that is the value of a key of the outermost mapping.

    Raises
    ------
    KeyError
        If there is no such key, or its value is not a text.
    """
    depth = 0
    scalars: list[yaml.ScalarEvent | None] = []  # keys and values in turns; None for the others
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth == 1 and isinstance(event, yaml.NodeEvent):
            scalars.append(event if isinstance(event, yaml.ScalarEvent) else None)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
    for name, value in zip(scalars[::2], scalars[1::2], strict=True):
        if name and value and name.value == key and value.start_mark and value.end_mark:
            return value.start_mark.index, value.end_mark.index
    raise KeyError(key)
