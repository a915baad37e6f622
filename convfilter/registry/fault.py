"""A fault in a kernel file, with the place where it stands."""

from typing import Self

from convfilter.errors import ConvfilterError, KernelError

LONGEST_MESSAGE = 240
"""Characters of each part; a hostile file can put a megabyte into a name or a number."""


class Fault(Exception):  # noqa: N818 - a finding to collect, not the error that users see
    """One thing wrong in a kernel file.

    Parameters
    ----------
    line
        Counted from 1; None in a file that has no lines.
    key
        The key or cell, such as ``weights[1][2]``; empty for the file as a whole.
    cause, hint
        What is wrong, and what to do about it.

    Attributes
    ----------
    others
        What else was found in the same value.
    """

    def __init__(self, line: int | None, key: str, cause: str, hint: str | None = None) -> None:
        super().__init__(line, key, cause, hint)
        self.line = line
        self.key = _shortened(key)
        self.cause = _shortened(cause)
        self.hint = _shortened(hint) if hint else None
        self.others: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, error: ConvfilterError, line: int | None = None, key: str = "") -> Self:
        """Return what an error says as a fault at a place."""
        cause = f"{error.what}: {error.cause}" if error.cause else error.what
        return cls(line, key, cause, error.hint)

    def place(self, file: str) -> str:
        """Say where: ``mine.yaml, line 3, key 'divisor'``."""
        line = f", line {self.line}" if self.line else ""
        key = f", key '{self.key}'" if self.key else ""
        return f"{file}{line}{key}"


def raise_together(faults: list[Fault]) -> None:
    """Raise the first of several faults, with the rest as its ``others``; nothing for none."""
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]


class KernelFileError(KernelError):
    """A kernel file with at least one fault; the message tells the first."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        first = faults[0]
        number = len(faults) - 1
        more = f" (and {number} more; convfilter kernels check tells all)" if number else ""
        super().__init__(f"kernel {first.place(file)}", first.cause + more, first.hint)
        self.file = file
        self.faults = tuple(faults)


def _shortened(text: str) -> str:
    half = LONGEST_MESSAGE // 2
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:half]} ... {text[-half:]}"
