"""NaN and infinity, kept to the windows that hold them.

A product with a matrix that is partly zeros, and still more a Fourier transform, spreads
them over everything that is computed together.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from convfilter.engine import direct
from convfilter.engine.algorithms import Prepared, ReadRows, Shape, Workspace
from convfilter.engine.problem import Problem
from convfilter.options import Pair
from convfilter.rows import Band


class WithinWindows:
    """An algorithm that is given finite samples only.

    What a sample that is not finite does to the sums is computed cell by cell, and put
    where it belongs; all other sums are as if there were none in the band.
    """

    def __init__(self, problem: Problem, inner: Prepared) -> None:
        self.dtype: np.dtype[Any] = inner.dtype
        self.sum_dtype = inner.sum_dtype
        self.block_rows = inner.block_rows
        self.carried_rows = inner.carried_rows
        self.uses_blas = inner.uses_blas
        self._problem = problem
        self._inner = inner

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample; looking whether it is finite costs next to nothing."""
        return self._inner.seconds(rows)

    def workspace(self, shape: Shape, size: Pair, step: int) -> "GuardedWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        inner = self._inner.workspace(shape, size, step)
        return GuardedWorkspace(
            inner, lambda: direct.prepare(self._problem).workspace(shape, size, step)
        )


class GuardedWorkspace:
    """The memory of the inner algorithm, and that of the direct one from when it is needed."""

    def __init__(self, inner: Workspace, plain: Callable[[], Workspace]) -> None:
        self._inner = inner
        self._plain = plain

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        given: list[Band] = []

        def read_finite(first: int, last: int, band: Band) -> None:
            read(first, last, band)
            finite = np.isfinite(band)
            if not finite.all():
                given.append(band.copy())
                band[~finite] = 0

        sums = self._inner.sums(top, read_finite)
        if given:
            with np.errstate(invalid="ignore", over="ignore"):
                spoilt = self._plain().sums(
                    top, lambda _top, _bottom, out: np.copyto(out, given[0])
                )
            np.copyto(sums, spoilt, where=~np.isfinite(spoilt), casting="unsafe")
        return sums


def keep_within_windows(problem: Problem, prepared: Prepared) -> Prepared:
    """Return the algorithm, safe from samples that are not finite if there can be any."""
    return prepared if problem.samples.limits else WithinWindows(problem, prepared)
