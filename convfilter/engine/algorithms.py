"""The table of algorithms. Each is one module; it is imported when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convfilter.engine.problem import Problem


class Prepared(Protocol):
    """An algorithm made ready for one problem; safe to use from several threads."""

    dtype: "np.dtype[Any]"

    def sums(self, padded: "NDArray[Any]", size: tuple[int, int], step: int) -> "NDArray[Any]":
        """Return ``Σ weight·sample`` for ``size`` pixels of a padded plane of `dtype`.

        For an exact problem every sum is an integer, whatever the dtype.
        """


@dataclass(frozen=True)
class Algorithm:
    """One row of the table.

    The module that it names offers three functions: ``refusal(problem)`` says why it
    cannot solve a problem, or None; ``cost(problem)`` estimates the time for a sample;
    ``prepare(problem)`` makes it ready.
    """

    name: str
    summary: str

    @property
    def refusal(self) -> "Callable[[Problem], str | None]":
        """Why the algorithm cannot solve a problem."""
        return cast("Callable[[Problem], str | None]", self._function("refusal"))

    @property
    def cost(self) -> "Callable[[Problem], float]":
        """What it would cost."""
        return cast("Callable[[Problem], float]", self._function("cost"))

    @property
    def prepare(self) -> "Callable[[Problem], Prepared]":
        """Make it ready."""
        return cast("Callable[[Problem], Prepared]", self._function("prepare"))

    def _function(self, name: str) -> Any:
        return getattr(import_module(f"convfilter.engine.{self.name}"), name)


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("integer", "exact sums in the narrowest integers that hold them"),
        Algorithm("direct", "sums in 64-bit floats, one shift of the picture after another"),
    )
}

METHODS = {"auto": "the cheapest algorithm that keeps the promise of exactness"} | {
    algorithm.name: algorithm.summary for algorithm in ALGORITHMS.values()
}
"""What ``--method`` takes."""
