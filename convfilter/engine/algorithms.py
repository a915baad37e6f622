"""The table of algorithms. Each is one module; it is imported when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from convfilter.frozen import frozen

if TYPE_CHECKING:
    import numpy as np

    from convfilter.engine.problem import Problem
    from convfilter.options import Pair
    from convfilter.rows import Band


class NotApplicable(Exception):  # noqa: N818 - an answer, not a fault
    """An algorithm cannot solve a problem; the text says why."""


Shape = tuple[int, int, int]
"""Planes, rows, and columns times step, of a padded band."""


class ReadRows(Protocol):
    """Reads padded rows."""

    def __call__(self, top: int, bottom: int, band: "Band", /) -> None:
        """Fill a band with the padded rows from ``top`` to ``bottom - 1``."""


class Workspace(Protocol):
    """One thread's memory for bands of one shape, used again for one band after another."""

    def sums(self, top: int, read: ReadRows) -> "Band":
        """Return ``Σ weight·sample`` of the windows that begin at the padded row ``top``.

        They are overwritten with the next band.
        """


class Prepared(Protocol):
    """An algorithm made ready for one problem; safe to use from several threads."""

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The dtype in which it wants the padded band."""

    @property
    def sum_dtype(self) -> "np.dtype[Any]":
        """That of the sums; for an exact problem every sum is an integer, whatever the dtype."""

    @property
    def block_rows(self) -> int:
        """Bands begin at multiples of it, so that a result never depends on the bands."""

    @property
    def carried_rows(self) -> int:
        """How many padded rows a band takes over from the one above it.

        That is if one thread makes both, one after the other; else they are read and added up
        again.
        """

    @property
    def uses_blas(self) -> bool:
        """Whether it multiplies matrices, for which BLAS would start threads of its own."""

    @property
    def extra_bytes(self) -> int:
        """Bytes that a thread needs besides the band, its sums and what lies between."""

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample on one core, in bands of so many rows."""

    def workspace(self, shape: Shape, size: "Pair", step: int) -> Workspace:
        """Lay out one thread's memory for bands of one shape.

        Parameters
        ----------
        shape
            Of the padded band.
        size
            Rows, and pixels in a row, of the sums.
        step
            Channels interleaved in each plane.
        """


@frozen
class Algorithm:
    """One row of the table; its module has the function ``prepare``."""

    name: str
    summary: str

    def prepare(self, problem: "Problem") -> Prepared:
        """Make the algorithm ready for a problem.

        Raises
        ------
        NotApplicable
            If it cannot solve it.
        """
        module = import_module(f"convfilter.engine.{self.name}")
        return cast("Callable[[Problem], Prepared]", module.prepare)(problem)


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("integer", "exact sums cell by cell, in the narrowest integers that hold them"),
        Algorithm("separable", "columns and then rows, exact where the factors are integers"),
        Algorithm("matmul", "products with banded matrices, in floats"),
        Algorithm("fft", "Fourier transforms of tiles"),
        Algorithm("direct", "sums cell by cell, in floats"),
    )
}


def load_all() -> None:
    """Import every algorithm's module, to have that done while something else is waited for."""
    for algorithm in ALGORITHMS.values():
        import_module(f"convfilter.engine.{algorithm.name}")


METHODS = {"auto": "the cheapest algorithm that keeps the promise of exactness"} | {
    algorithm.name: algorithm.summary for algorithm in ALGORITHMS.values()
}
"""What ``--method`` takes."""
