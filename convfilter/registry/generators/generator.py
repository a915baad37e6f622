"""What a generator is: a name, checked parameters, and a function that is imported when needed."""

from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from convfilter.frozen import frozen
from convfilter.number import Number
from convfilter.registry.generators.parameter import Parameter

if TYPE_CHECKING:
    from convfilter.kernel import Kernel

LARGEST_SIZE = 2001
"""Cells along a side of the largest kernel."""


@frozen
class Generator:
    """One row of the table.

    Parameters
    ----------
    name
        As it is written before the colon; with ``_`` for ``-`` it is the function's name.
    title
        What it makes, in a few words.
    module
        In this package; its function takes the parameters and returns a kernel.
    parameters
        In the order of the kernel's name.
    example
        A text that makes a kernel.
    description
        What the kernels do, and how they are to be understood.
    tags, source, range
        Of the kernels, unless the function knows better.
    """

    name: str
    title: str
    module: str
    parameters: tuple[Parameter, ...]
    example: str
    description: str
    tags: tuple[str, ...]
    source: str
    range: str | None = None

    @property
    def function(self) -> Callable[..., "Kernel"]:
        """What makes the kernel."""
        module = import_module(f"convfilter.registry.generators.{self.module}")
        return cast("Callable[..., Kernel]", getattr(module, self.name.replace("-", "_")))

    @property
    def signature(self) -> str:
        """All parameters as tables show them."""
        return ", ".join(parameter.signature for parameter in self.parameters)


def length(name: str, summary: str, lowest: Number, highest: Number, **others: Any) -> Parameter:
    """Return a parameter in pixels."""
    return Parameter(name, "length", summary, lowest=lowest, highest=highest, **others)


def sigma(name: str = "sigma", summary: str = "standard deviation", **others: Any) -> Parameter:
    """Return the width of a Gaussian; the widest fills the largest kernel."""
    return length(name, summary, Fraction(1, 10), 240, **others)


def size(name: str, summary: str, lowest: int = 1, **others: Any) -> Parameter:
    """Return a number of rows or columns."""
    return Parameter(name, "size", summary, lowest=lowest, highest=LARGEST_SIZE, **others)


def angle(name: str, summary: str, default: int | None = 0) -> Parameter:
    """Return a parameter in degrees."""
    return Parameter(name, "angle", summary, default, lowest=-360, highest=360)


def whole(name: str, summary: str, lowest: int, highest: int, **others: Any) -> Parameter:
    """Return a count."""
    return Parameter(name, "whole", summary, lowest=lowest, highest=highest, **others)


def real(name: str, summary: str, lowest: Number, highest: Number, **others: Any) -> Parameter:
    """Return a parameter that has no unit."""
    return Parameter(name, "real", summary, lowest=lowest, highest=highest, **others)


def choice(name: str, summary: str, choices: tuple[str, ...], **others: Any) -> Parameter:
    """Return a parameter that is one of a few words."""
    return Parameter(name, "choice", summary, choices=choices, **others)
