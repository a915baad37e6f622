"""NaN, infinity and what becomes infinite on the way, kept to the windows that hold them.

A product with a matrix that is partly zeros, and still more a Fourier transform, spreads
them over everything that is computed together.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine import direct
from convfilter.engine.algorithms import Prepared, ReadRows, Shape, Workspace
from convfilter.engine.precision import LARGEST_SAFE
from convfilter.engine.problem import Problem
from convfilter.options import Pair
from convfilter.rows import Band


class WithinWindows:
    """An algorithm that is given samples only of which no sum overflows.

    The sums of windows with another one are computed cell by cell, and put where they
    belong; all other sums are as if there were none in the band.
    """

    def __init__(self, problem: Problem, inner: Prepared) -> None:
        self.dtype: np.dtype[Any] = inner.dtype
        self.sum_dtype = inner.sum_dtype
        self.block_rows = inner.block_rows
        self.carried_rows = inner.carried_rows
        self.uses_blas = inner.uses_blas
        self.extra_bytes = inner.extra_bytes
        weight = max(1.0, float(np.abs(problem.weights).sum()))
        # Compared in the band's own dtype, where what it cannot hold would be infinite.
        largest = min(LARGEST_SAFE[inner.sum_dtype], float(np.finfo(inner.dtype).max))
        self.largest = largest / weight
        self._problem = problem
        self._inner = inner

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample; looking for its extremes costs next to nothing."""
        return self._inner.seconds(rows)

    def workspace(self, shape: Shape, size: Pair, step: int) -> "GuardedWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        inner = self._inner.workspace(shape, size, step)
        # In long floats, whatever the sums are: what the short ones hold does not overflow.
        precise = replace(self._problem.samples, allowed_error=0.0)
        problem = replace(self._problem, samples=precise)
        return GuardedWorkspace(
            inner, self.largest, lambda: direct.prepare(problem).workspace(shape, size, step)
        )


class GuardedWorkspace:
    """The memory of the inner algorithm, and that of the direct one from when it is needed."""

    def __init__(self, inner: Workspace, largest: float, plain: Callable[[], Workspace]) -> None:
        self._inner = inner
        self._largest = largest
        self._plain = plain

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        given: list[Band] = []

        def read_safe(first: int, last: int, band: Band) -> None:
            read(first, last, band)
            # Both are false of NaN, which is an extreme of all it is among.
            if not (band.min() >= -self._largest and band.max() <= self._largest):
                given.append(band.copy())
                band[~self._is_safe(band)] = 0

        sums = self._inner.sums(top, read_safe)
        if given:
            self._mend(top, given[0], sums)
        return sums

    def _is_safe(self, band: Band) -> NDArray[np.bool_]:
        return np.abs(band) <= self._largest

    def _mend(self, top: int, given: Band, sums: Band) -> None:
        """Compute the sums of the windows that hold a sample which is not safe."""
        marked = np.where(self._is_safe(given), given, np.nan)
        plain = self._plain()
        with np.errstate(invalid="ignore", over="ignore"):
            spoilt = ~np.isfinite(
                plain.sums(top, lambda _top, _bottom, out: np.copyto(out, marked))
            )
            right = plain.sums(top, lambda _top, _bottom, out: np.copyto(out, given))
            np.copyto(sums, right, where=spoilt, casting="unsafe")


def keep_within_windows(problem: Problem, prepared: Prepared) -> Prepared:
    """Return the algorithm, safe from samples that are not finite if there can be any."""
    return prepared if problem.samples.limits else WithinWindows(problem, prepared)
