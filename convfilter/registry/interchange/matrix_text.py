"""Matrices in texts from strangers: exact numbers, rows of one length, the line of each fault."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from convfilter.errors import ConvfilterError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import Number, counted, parse_number, simplify
from convfilter.registry.fault import Fault

MOST_CELLS = 100_000
"""Most cells of a matrix: as many as a kernel file may hold."""

FULL_SCALE = 255
"""Tools that write an offset in levels mean those of an 8-bit picture."""


@frozen
class Word:
    """A piece of text, and the line that it stands in."""

    text: str
    line: int


@frozen
class Row:
    """The words of one row, and the line that it begins in."""

    words: tuple[str, ...]
    line: int


def shown(text: str) -> str:
    """Quote a piece of someone's text in a message, shortened."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def number(word: Word, key: str = "") -> int | Fraction:
    """Read one number exactly.

    Raises
    ------
    Fault
        With its line.
    """
    try:
        return parse_number(word.text)
    except ValueError as error:
        cause = f"{shown(word.text)} is not a number: {error}"
        raise Fault(word.line, key, cause) from None


def decimal(word: Word, key: str = "") -> int | Fraction:
    """Read one number as tools read it that know no quotients such as ``1/9``."""
    if "/" in word.text:
        cause = f"{shown(word.text)} is a quotient, which this format does not have"
        raise Fault(word.line, key, cause, "write it as a decimal number")
    return number(word, key)


def whole(word: Word, key: str, smallest: int = 0) -> int:
    """Read one whole number of at least ``smallest``."""
    value = number(word, key)
    if not isinstance(value, int) or value < smallest:
        raise Fault(word.line, key, f"{shown(word.text)} is not a whole number from {smallest} up")
    return value


def words(text: str, comment: str | None = None) -> Iterator[Word]:
    """Yield the words between blanks; what follows a comment sign is left out."""
    for number_of_line, line in enumerate(text.splitlines(), 1):
        kept = line if comment is None else line.split(comment)[0]
        for word in kept.split():
            yield Word(word, number_of_line)


def rows(text: str, separators: str, *, row_ends: str = "\n", comment: str = "#") -> list[Row]:
    """Split a text into rows of words; empty rows are passed over."""
    found: list[Row] = []
    for number_of_line, line in enumerate(text.splitlines(), 1):
        kept = line.split(comment)[0] if comment else line
        found += [
            Row(split(part, separators, number_of_line), number_of_line)
            for part in re.split(f"[{re.escape(row_ends)}]", kept)
        ]
    return [row for row in found if row.words]


def split(text: str, separators: str, line: int) -> tuple[str, ...]:
    """Split at single signs out of ``separators`` or at blanks.

    Raises
    ------
    Fault
        If two signs follow each other: a number is missing between them.
    """
    if not text.strip():
        return ()
    spaced = text.strip()
    if separators:
        spaced = re.sub(rf"\s*([{re.escape(separators)}])\s*", r"\1", spaced)
    pattern = rf"[{re.escape(separators)}]|\s+" if separators else r"\s+"
    pieces = tuple(re.split(pattern, spaced))
    if "" in pieces:
        raise Fault(line, "", "a number is missing between two separators")
    return pieces


def matrix(found: Sequence[Row], *, quotients: bool = False) -> list[list[Number]]:
    """Read rows of numbers, all of one length.

    Raises
    ------
    Fault
        For a word that is no number, a row of another length, no or too many cells.
    """
    if not found:
        raise Fault(None, "", "it holds no numbers")
    if sum(len(row.words) for row in found) > MOST_CELLS:
        raise Fault(found[0].line, "", f"it has more than {MOST_CELLS} numbers", "use an NPY file")
    width = len(found[0].words)
    for row in found:
        if len(row.words) != width:
            has = counted(len(row.words), "number")
            cause = f"the row has {has}, the first one {width}"
            raise Fault(row.line, "", cause)
    read = number if quotients else decimal
    return [[read(Word(word, row.line)) for word in row.words] for row in found]


def cut(values: Sequence[Any], width: int) -> list[list[Any]]:
    """Cut a sequence into rows."""
    return [list(values[start : start + width]) for start in range(0, len(values), width)]


def make_kernel(weights: Any, line: int | None, **fields: Any) -> Kernel:
    """Make a kernel, turning what is wrong with it into a fault with its line."""
    try:
        return Kernel(weights, **fields)
    except ConvfilterError as error:
        raise Fault.of(error, line) from None


def total(weights: Sequence[Sequence[Number]]) -> int | Fraction:
    """Return the exact sum of a matrix."""
    return simplify(sum((Fraction(value) for row in weights for value in row), Fraction(0)))
