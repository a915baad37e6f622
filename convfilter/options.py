"""How to filter: everything that a caller may say besides the kernel, checked once."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from numbers import Number as AnyNumber
from numbers import Real
from operator import index
from typing import Any, Protocol, Self, TypeVar

from convfilter.arguments import expect, refuse_unknown, whole_number
from convfilter.border import Border
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.named import ALPHAS, CHANNELS, OPERATIONS, PADDINGS, RANGES, check_name
from convfilter.number import Number

Pair = tuple[int, int]

LARGEST_STEP = 1_000_000
"""Largest stride, dilation or side of padding, in pixels."""

Padding = str | tuple[Pair, Pair]

OVERRIDES = ("operation", "border", "range", "divisor", "offset")
"""The options that take the place of what a kernel states."""


class States(Protocol):
    """Whatever states operation, border, range, divisor and offset: every kind of kernel."""

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the given ones are others."""

    def normalized(self) -> Self:
        """Return a copy that is divided by the sum of its weights."""


Stated = TypeVar("Stated", bound=States)


@frozen
class FilterOptions:
    """What the options of ``apply`` and the keywords of the library's functions say.

    Parameters
    ----------
    border, operation, range, divisor, offset, normalize
        In place of what the kernel states; None leaves the kernel's.
    padding
        A name from `PADDINGS`, or ``((top, bottom), (left, right))`` in pixels.
    stride, dilation
        In pixels, one number or ``(rows, columns)``.
    alpha
        A name from `ALPHAS`; only pictures with alpha are concerned.
    linear
        Filter light: the sRGB curve is undone before, and applied again after.
    channels
        Filter only these, names from `CHANNELS`; None means all.
    mix
        The share of the filtered picture in the result, 0 to 1; the rest is the original.
    method
        ``auto`` or the name of an algorithm.
    workers
        Threads, the caller's own included; None means one for each core.

    Raises
    ------
    UsageError
        For a value that no picture could be filtered with; an unknown method is refused later.
    """

    border: Border | None = None
    padding: Padding = "same"
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    operation: str | None = None
    range: str | None = None
    divisor: Number | None = None
    offset: Number | None = None
    normalize: bool = False
    alpha: str = "auto"
    linear: bool = False
    channels: tuple[str, ...] | None = None
    mix: Number = 1
    method: str = "auto"
    workers: int | None = None

    def __post_init__(self) -> None:
        self._set(
            border=None if self.border is None else Border.parse(self.border),
            padding=_padding(self.padding),
            stride=_pair(self.stride),
            dilation=_pair(self.dilation),
            channels=None if self.channels is None else _channels(_listed(self.channels)),
        )
        for table, name, what in (
            (ALPHAS, self.alpha, "alpha"),
            (OPERATIONS, self.operation, "operation"),
            (RANGES, self.range, "range"),
        ):
            if name is not None:
                check_name(table, name, what)
        if not 0 <= expect(self.mix, Real, "a share", "mix is a number from 0 to 1") <= 1:
            raise UsageError(
                f"mix {self.mix} is not between 0 and 1",
                "it is the filtered picture's share of the result",
                "0 gives the original, 1 the filtered picture",
            )
        for stated in (self.divisor, self.offset):
            if stated is not None:
                expect(stated, AnyNumber, "a number")
        for what, pair in (("stride", self.stride), ("dilation", self.dilation)):
            if min(pair) < 1:
                raise UsageError(f"{what} {pair} is less than 1", f"{what} counts pixels")
            if max(pair) > LARGEST_STEP:
                raise UsageError(f"{what} {pair} is beyond any picture", f"{what} counts pixels")
        if self.workers is not None and whole_number(self.workers, "workers") < 1:
            raise UsageError(f"{self.workers} workers", "at least one thread has to do the work")

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, **given: Any) -> Self:
        """Make options from what callers write: ``border="edge"``, ``channels="r,g"``.

        Raises
        ------
        UsageError
            For an unknown option, or a wrong value.
        """
        refuse_unknown(given, [one.name for one in fields(cls)])
        return cls(**given)

    def kernel_with(self, kernel: Stated) -> Stated:
        """Return the kernel with what these options state in place of what it states.

        Raises
        ------
        UsageError
            If both a divisor and normalizing are asked for.
        """
        if self.normalize and self.divisor is not None:
            raise UsageError(
                "--normalize and --divisor exclude each other", None, "give one of them"
            )
        stated = {name: getattr(self, name) for name in OVERRIDES}
        changes = {name: value for name, value in stated.items() if value is not None}
        changed = kernel.replace(**changes) if changes else kernel
        return changed.normalized() if self.normalize else changed


def _pair(value: int | Pair) -> Pair:
    both = value if isinstance(value, Sequence) else (value, value)
    try:
        rows, columns = map(index, both)
    except (TypeError, ValueError):
        raise UsageError(f"{value!r} is not a whole number or (rows, columns)") from None
    return rows, columns


def _listed(channels: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(channels, str):
        return tuple(channels.split(","))
    hint = 'name them, as in "luma" or "r,g"'
    given = tuple(expect(channels, Iterable, "channels", hint))
    return tuple(expect(name, str, "the name of a channel", hint) for name in given)


def _channels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return channels under their full names, each once."""
    known = CHANNELS | {channel: channel for channel in CHANNELS.values()}
    given = [name.strip().lower() for name in names]
    if given in ([], [""]):
        raise UsageError("no channel given", None, "known: " + ", ".join(CHANNELS))
    channels = tuple(dict.fromkeys(known[check_name(known, name, "channel")] for name in given))
    if "luma" in channels and set(channels) - {"luma", "alpha"}:
        raise UsageError(
            "luma and other colours exclude each other",
            "luma is made of all of them",
            "name luma, or colours; alpha goes with both",
        )
    return channels


def _padding(padding: Padding) -> Padding:
    if isinstance(padding, str):
        return check_name(PADDINGS, padding, "padding")
    try:
        (top, bottom), (left, right) = padding
        sides = ((index(top), index(bottom)), (index(left), index(right)))
    except (TypeError, ValueError):
        raise UsageError(
            f"padding {padding!r}", "expected a name or ((top, bottom), (left, right))"
        ) from None
    if min(map(min, sides)) < 0:
        raise UsageError(f"padding {padding!r}", "padding counts pixels and is not negative")
    if max(map(max, sides)) > LARGEST_STEP:
        raise UsageError(f"padding {padding!r} is beyond any picture", "padding counts pixels")
    return sides
