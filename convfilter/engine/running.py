"""Boxes of any height at the cost of a low one: sums that run down the picture.

The window of a row is that of the row above, but for one row that enters it and one that
leaves it. What the two differ by is added up across, and to the sums of the row above.
"""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from convfilter.engine.algorithms import ReadRows, Shape
from convfilter.engine.costs import PROGRAM_OVERHEAD, SECONDS_A_CALL, seconds_of
from convfilter.engine.problem import Problem
from convfilter.engine.program import Program, narrowest
from convfilter.engine.workspace import ProgramWorkspace
from convfilter.factors import OuterProduct
from convfilter.options import Pair
from convfilter.rows import Band

PASSES = 3
"""Passes over the sums: widening, adding, and one more in return for how short the calls are."""

DIFFERENCES = 2
"""Subtracting the rows that leave counts twice: they are no longer in the cache."""


class RunningSums:
    """An exact problem made ready whose kernel is one row of weights, repeated downwards.

    Parameters
    ----------
    product
        Its column is one number, as often as the kernel has rows.
    sum_dtype
        Of the window's sums.
    """

    block_rows = 1
    uses_blas = False
    extra_bytes = 0

    def __init__(self, problem: Problem, product: OuterProduct, sum_dtype: np.dtype[Any]) -> None:
        row = np.array([product.row]) * product.column[0]
        # Zeros enter, too, before the first row, and leave.
        low, high = min(0, *problem.samples.limits or ()), max(0, *problem.samples.limits or ())
        limits = low - high, high - low
        across = replace(problem, samples=replace(problem.samples, limits=limits), weights=row)
        self.program = Program(narrowest(*limits), limits, across.sum_limits)
        self.program.vector(0, row[0].tolist(), (0, problem.dilation[1]))
        self.dtype: np.dtype[Any] = self.program.dtype
        self.sum_dtype: np.dtype[Any] = sum_dtype
        self.height = len(product.column)
        self._line = problem.samples.width * problem.samples.channels

    @property
    def carried_rows(self) -> int:
        """Those of the window, but for the one that enters."""
        return self.height - 1

    def seconds(self, rows: int) -> float:  # noqa: ARG002
        """Estimate the time for one sample on one core."""
        laying = PROGRAM_OVERHEAD * self.dtype.itemsize
        leaving = DIFFERENCES * seconds_of("subtract", self.dtype)
        adding = PASSES * seconds_of("add", self.sum_dtype) + SECONDS_A_CALL / self._line
        return laying + leaving + self.program.cost() + adding

    def workspace(self, shape: Shape, size: Pair, step: int) -> "RunningWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        return RunningWorkspace(self, shape, size, step)


class RunningWorkspace:
    """One thread's memory: the rows in the window, and the last sums, are kept for the next band.

    A band that does not begin where the one before it ended is begun anew, with the rows that
    its first window holds.
    """

    def __init__(self, owner: RunningSums, shape: Shape, size: Pair, step: int) -> None:
        planes, _, pitch = shape
        rows, width = size[0], size[1] * step
        self._height, self._rows = owner.height, rows
        self._across = ProgramWorkspace(owner.program, (planes, rows, pitch), size, step)
        # A ring of whole bands: no row is overwritten before it has left the window.
        self._ring = -(-owner.height // rows) * rows + rows
        self._window = np.empty((planes, self._ring, pitch), owner.dtype)
        self._place = 0
        self._sums = np.empty((planes, rows, width), owner.sum_dtype)
        self._last = np.empty((planes, width), owner.sum_dtype)
        lines = [self._last, *self._sums.transpose(1, 0, 2)]
        self._add_line_above = [partial(np.add, *pair, pair[1]) for pair in pairwise(lines)]
        self._next: int | None = None

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        bottom = top + self._height - 1
        if top != self._next:
            self._window[...] = 0
            self._last[...] = 0
            first = top
            while first < bottom:
                count = (bottom - first) % self._rows or self._rows
                self._enter(first, count, read)
                first += count
        self._enter(bottom, self._rows, read)
        self._next = top + self._rows
        return self._sums

    def _enter(self, top: int, count: int, read: ReadRows) -> None:
        """Let rows into the window, and before them as many of zeros as a band has more."""
        missing = self._rows - count
        place, self._place = self._place, (self._place + self._rows) % self._ring
        entering = self._window[:, place : place + self._rows]
        leaving = (place - self._height) % self._ring
        # They may lie at the end of the ring and at its beginning.
        split = min(self._rows, self._ring - leaving)

        def read_difference(first: int, last: int, band: Band) -> None:
            entering[:, :missing] = 0
            read(first + missing, last, entering[:, missing:])
            for ours, theirs in (
                (slice(split), slice(leaving, leaving + split)),
                (slice(split, None), slice(self._rows - split)),
            ):
                np.subtract(entering[:, ours], self._window[:, theirs], band[:, ours])

        differences = self._across.sums(top - missing, read_difference)
        np.copyto(self._sums, differences, casting="unsafe")
        for add in self._add_line_above:
            add()
        self._last[...] = self._sums[:, -1]
