"""NaN and infinity, kept to the windows that hold them.

A product with a matrix that is partly zeros, and still more a Fourier transform, spreads
them over everything that is computed together.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from convfilter.engine import direct
from convfilter.engine.algorithms import Prepared, Shape, Workspace
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
        self.band = inner.band
        self._inner = inner
        self._plain = plain

    def sums(self) -> Band:
        """Return the sums of the band."""
        finite = np.isfinite(self.band)
        if finite.all():
            return self._inner.sums()
        plain = self._plain()
        plain.band[...] = self.band
        with np.errstate(invalid="ignore", over="ignore"):
            spoilt = plain.sums()
        self.band[~finite] = 0
        sums = self._inner.sums()
        np.copyto(sums, spoilt, where=~np.isfinite(spoilt), casting="unsafe")
        return sums


def keep_within_windows(problem: Problem, prepared: Prepared) -> Prepared:
    """Return the algorithm, safe from samples that are not finite if there can be any."""
    return prepared if problem.samples.limits else WithinWindows(problem, prepared)
