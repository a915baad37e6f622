"""The parameters of generators: what each may be, in which unit, and how it is read."""

from fractions import Fraction
from typing import Any

from convfilter.frozen import frozen
from convfilter.number import Number, format_number, parse_number

Value = int | Fraction | str
"""A parameter as it is written: a number, a choice, or the name of a kernel."""

KINDS = {
    "length": "pixels",
    "size": "cells",
    "angle": "degrees",
    "whole": "",
    "real": "",
    "choice": "",
    "kernel": "",
}
"""What parameters can be, and the unit of each kind."""

WHOLE = ("size", "whole")
"""The kinds that are whole numbers."""


class Unfit(Exception):  # noqa: N818 - a finding, which gets the generator's name on its way
    """Parameters of which each may be what it is, but not all of them together."""

    def __init__(self, cause: str, hint: str | None = None) -> None:
        super().__init__(cause, hint)
        self.cause = cause
        self.hint = hint


@frozen
class Parameter:
    """One parameter of a generator.

    Parameters
    ----------
    name
        As it is written before ``=``.
    kind
        A name from `KINDS`.
    summary
        What it does, for people.
    default
        What it is where it is not given; None if there is no such value.
    otherwise
        How it is found where it is not given and has no default value. A parameter with
        neither has to be given.
    lowest, highest
        Limits of a number.
    odd
        Whether a whole number has to be odd.
    choices
        What a choice can be.
    """

    name: str
    kind: str
    summary: str
    default: Value | None = None
    otherwise: str = ""
    lowest: Number = 0
    highest: Number = 0
    odd: bool = False
    choices: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """Its unit, or nothing."""
        return KINDS[self.kind]

    @property
    def is_required(self) -> bool:
        """Whether it has to be given."""
        return self.default is None and not self.otherwise

    @property
    def allowed(self) -> str:
        """What it may be, in words that follow "is"."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        if self.kind == "kernel":
            return "the name of a kernel"
        whole = self.kind in WHOLE
        what = "an odd whole number" if self.odd else "a whole number" if whole else "a number"
        unit = f" of {self.unit}" if self.unit else ""
        limits = f"from {format_number(self.lowest)} to {format_number(self.highest)}"
        return f"{what}{unit} {limits}"

    @property
    def signature(self) -> str:
        """The parameter as tables show it: ``angle=0 (degrees)``, ``[size] (cells)``."""
        if self.default is not None:
            shown = f"{self.name}={format_value(self.default)}"
        else:
            shown = self.name if self.is_required else f"[{self.name}]"
        return f"{shown} ({self.unit})" if self.unit else shown

    def read(self, given: object) -> Value:
        """Return the value that a text, or a number from a kernel file, stands for.

        Raises
        ------
        ValueError
            With a sentence that says why it cannot be that.
        """
        if self.kind in ("choice", "kernel"):
            if not isinstance(given, str) or not given:
                raise ValueError(f"it is not {self.allowed}")
            if self.kind == "choice" and given not in self.choices:
                raise ValueError("there is no such choice")
            return given
        value = parse_number(_written(given))
        if self.kind in WHOLE and not isinstance(value, int):
            raise ValueError("it is not a whole number")
        if not self.lowest <= value <= self.highest:
            side = "below" if value < self.lowest else "above"
            limit = self.lowest if value < self.lowest else self.highest
            raise ValueError(f"it is {side} {format_number(limit)}")
        if self.odd and not value % 2:
            raise ValueError("it is even, so that no cell is in the middle")
        return value


def format_value(value: Value) -> str:
    """Write a value as it may be read again."""
    return value if isinstance(value, str) else format_number(value)


def _written(given: Any) -> str:
    """Return a number as text; a float as the shortest decimal number that it stands for."""
    if isinstance(given, str):
        return given.strip()
    if isinstance(given, float):
        return repr(float(given))
    if isinstance(given, int | Fraction) and not isinstance(given, bool):
        return str(given)
    raise ValueError("it is not a number")
