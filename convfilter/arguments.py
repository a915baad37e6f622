"""Arguments of the library's functions, which may be anything: what they should be, or an error."""

import os
from collections.abc import Collection
from operator import index
from typing import Any, TypeVar

from convfilter.errors import UsageError, near_miss_hint

Given = TypeVar("Given")


def expect(value: Given, kind: Any, what: str, hint: str | None = None) -> Given:
    """Return a value that is of a kind.

    Parameters
    ----------
    kind
        A class, or several, as `isinstance` takes them.
    what
        What is wanted, as in "a picture".
    hint
        How to come by one.

    Raises
    ------
    UsageError
        If it is something else.
    """
    if isinstance(value, kind):
        return value
    raise UsageError(f"{type(value).__name__} instead of {what}", None, hint)


def whole_number(value: Any, what: str) -> int:
    """Return a whole number, of Python's or of NumPy's.

    Raises
    ------
    UsageError
        For everything else; nothing is cut off.
    """
    try:
        return index(value)
    except TypeError:
        raise UsageError(f"{what} {value!r} is not a whole number") from None


def path_name(path: Any) -> str:
    """Return the name of a file as text.

    Raises
    ------
    UsageError
        If it is no path.
    """
    try:
        return os.fsdecode(path)
    except TypeError:
        wrong = f"{type(path).__name__} instead of a path"
        raise UsageError(wrong, None, 'name the file, as in "in.jpg"') from None


def refuse_unknown(given: dict[str, Any], known: Collection[str]) -> None:
    """Refuse keywords that are not known.

    Raises
    ------
    UsageError
        With the names that are near.
    """
    for name in given:
        if name not in known:
            hint = near_miss_hint(name, [*known], "known: " + ", ".join(known))
            raise UsageError(f"unknown option {name!r}", None, hint)
