"""NaN, infinity and what becomes infinite on the way, kept to the windows that hold them.

A product with a matrix that is partly zeros, and still more a Fourier transform, spreads
them over everything that is computed together.
"""

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
        return GuardedWorkspace(inner, self.largest, self._problem, step)


class GuardedWorkspace:
    """The memory of the inner algorithm, and that of the direct one where it is needed."""

    def __init__(self, inner: Workspace, largest: float, problem: Problem, step: int) -> None:
        self._inner = inner
        self._largest = largest
        # In long floats, whatever the sums are: what the short ones hold does not overflow.
        self._problem = replace(problem, samples=replace(problem.samples, allowed_error=0.0))
        self._step = step

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
            self._mend(self._pixels(given[0]), self._pixels(sums))
        return sums

    def _is_safe(self, band: NDArray[Any]) -> NDArray[np.bool_]:
        safe: NDArray[np.bool_] = np.abs(band) <= self._largest
        return safe

    def _pixels(self, band: Band) -> NDArray[Any]:
        return band.reshape(*band.shape[:2], -1, self._step)

    def _mend(self, given: NDArray[Any], sums: NDArray[Any]) -> None:
        """Compute the sums of the windows that hold a sample which is not safe."""
        unsafe = ~self._is_safe(given)
        if self._is_known(given[unsafe]):
            up, down, bad = (
                _windows_with(marked, self._problem.window)
                for marked in (given == np.inf, given == -np.inf, np.isnan(given))
            )
            sums[up] = np.inf
            sums[down] = -np.inf
            sums[bad | (up & down)] = np.nan
            return
        for axis, (size, window) in enumerate(
            zip(sums.shape[1:3], self._problem.window, strict=True), 1
        ):
            places = np.flatnonzero(unsafe.any(axis=tuple({0, 1, 2, 3} - {axis})))
            first, last = max(0, places[0] - window + 1), min(size, places[-1] + 1)
            lines = (slice(None),) * axis
            given = given[*lines, first : last + window - 1]
            sums = sums[*lines, first:last]
        self._compute(given, sums)

    def _is_known(self, unsafe: NDArray[Any]) -> bool:
        """Whether such samples make the sums of all windows that hold one what they are."""
        weights = self._problem.weights
        if np.isfinite(unsafe).any() or self._problem.dilation != (1, 1):
            return False
        return bool((weights > 0).all() or (weights.all() and np.isnan(unsafe).all()))

    def _compute(self, given: NDArray[Any], sums: NDArray[Any]) -> None:
        """Mend the sums of some pixels from all samples in their windows."""
        planes, rows, columns, step = given.shape
        shape = planes, rows, columns * step
        samples = given.reshape(shape)
        marked = np.where(self._is_safe(samples), samples, np.nan)
        size = sums.shape[1], sums.shape[2]
        plain = direct.prepare(self._problem).workspace(shape, size, step)
        with np.errstate(invalid="ignore", over="ignore"):
            spoilt = ~np.isfinite(plain.sums(0, lambda _top, _bottom, out: np.copyto(out, marked)))
            right = plain.sums(0, lambda _top, _bottom, out: np.copyto(out, samples))
            np.copyto(sums, self._pixels(right), where=self._pixels(spoilt), casting="unsafe")


def _windows_with(marked: NDArray[np.bool_], window: Pair) -> NDArray[np.bool_]:
    """Return which windows hold a mark, from marks of shape (planes, rows, columns, step)."""
    for axis, size in enumerate(window, 1):
        counts = np.cumsum(marked, axis=axis, dtype=np.int32)
        counts = np.insert(counts, 0, 0, axis=axis)
        ends = counts.shape[axis] - size
        upto, before = np.moveaxis(counts, axis, 0)[size:], np.moveaxis(counts, axis, 0)[:ends]
        marked = np.moveaxis(upto > before, 0, axis)
    return marked


def keep_within_windows(problem: Problem, prepared: Prepared) -> Prepared:
    """Return the algorithm, safe from samples that are not finite if there can be any."""
    return prepared if problem.samples.limits else WithinWindows(problem, prepared)
