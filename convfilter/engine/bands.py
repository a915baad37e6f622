"""Running a plan: bands of rows, each with its halo, on a few threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from convfilter.engine.padding import read_padded
from convfilter.engine.plan import Plan, Step
from convfilter.rows import Planes, Rows, Sink

Band = tuple[int, int]
Made = TypeVar("Made")


class Response:
    """The sums of one step, as rows that the next step can read.

    Nothing is kept: the rows asked for are computed, with the halo that they need.
    """

    def __init__(self, step: Step, source: Rows) -> None:
        self.step = source.step
        self.planes = source.planes
        self._problem = step.problem
        self._prepared = step.algorithm.prepare(step.problem)
        self._source = source

    def read(self, top: int, bottom: int) -> Planes:
        """Return the sums, before the divisor, of rows of the result."""
        problem, step = self._problem, self.step
        down, right = problem.stride
        first = top * down - problem.padding[0][0]
        dense_rows = (bottom - top - 1) * down + 1
        last = first + dense_rows - 1 + problem.window[0]
        planes = read_padded(problem, self._source, first, last, self._prepared.dtype)
        width = problem.dense_size[1]
        dense = [self._prepared.sums(plane, (dense_rows, width), step) for plane in planes]
        if problem.stride == (1, 1):
            return dense
        return [
            sums.reshape(dense_rows, width, step)[::down, ::right].reshape(bottom - top, -1)
            for sums in dense
        ]


class BiasedRows:
    """Sums with their kernel's offset added, as the next step reads them."""

    def __init__(self, rows: Rows, bias: int | float) -> None:
        self.step = rows.step
        self.planes = rows.planes
        self._rows = rows
        self._bias = bias

    def read(self, top: int, bottom: int) -> Planes:
        """Return the rows with the bias added."""
        planes = self._rows.read(top, bottom)
        if not self._bias:
            return planes
        wide = np.float64 if isinstance(self._bias, float) else np.result_type(np.int64, planes[0])
        return [np.add(sums, self._bias, dtype=wide) for sums in planes]


@dataclass(frozen=True)
class Executed:
    """What running a plan found out: how many of how many samples were clipped."""

    clipped: int
    samples: int


class Finisher(Protocol):
    """Makes samples of sums, a band at a time."""

    @property
    def needs_extremes(self) -> bool:
        """Whether the extremes of the whole picture must be known first."""

    def extremes_of(self, planes: Planes) -> tuple[Any, Any]:
        """Return the lowest and highest value of a band."""

    def with_extremes(self, extremes: tuple[Any, Any]) -> "Finisher":
        """Return the same, knowing the extremes of the whole picture."""

    def __call__(self, top: int, planes: Planes) -> tuple[Planes, int]:
        """Return the samples of the band at row ``top``, and how many were clipped."""


def execute(plan: Plan, source: Rows, sink: Sink, finish: Finisher | None = None) -> Executed:
    """Filter all rows of a source into a sink, as the plan says.

    Parameters
    ----------
    finish
        None means the plan's own.
    """
    rows = source
    for step in plan.steps[:-1]:
        rows = BiasedRows(Response(step, rows), step.bias)
    response = Response(plan.steps[-1], rows)
    with ThreadPoolExecutor(plan.workers, "convfilter-band") as pool:
        finisher: Finisher = finish or plan.finish
        if finisher.needs_extremes:
            finisher = finisher.with_extremes(_extremes(finisher, response, plan, pool))

        def make(band: Band) -> Executed:
            planes, clipped = finisher(band[0], response.read(*band))
            sink.write(band[0], planes)
            return Executed(clipped, sum(plane.size for plane in planes))

        made = list(_over_bands(make, plan.bands, pool))
    return Executed(sum(one.clipped for one in made), sum(one.samples for one in made))


def _over_bands(
    make: Callable[[Band], Made], bands: Iterable[Band], pool: ThreadPoolExecutor
) -> Iterator[Made]:
    """Run over the bands; when one fails, the others are not begun."""
    futures = [pool.submit(make, band) for band in bands]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _extremes(
    finisher: Finisher, response: Response, plan: Plan, pool: ThreadPoolExecutor
) -> tuple[Any, Any]:
    def of_band(band: Band) -> tuple[Any, Any]:
        return finisher.extremes_of(response.read(*band))

    found = list(_over_bands(of_band, plan.bands, pool))
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return (low, high) if low <= high else (0, 0)
