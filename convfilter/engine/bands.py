"""Running a plan: bands of rows, each with its halo, on a few threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from convfilter.engine.buffers import Scratch, scratch
from convfilter.engine.padding import read_padded
from convfilter.engine.plan import Plan, Step
from convfilter.options import Pair
from convfilter.rows import Band, Rows, Sink

Made = TypeVar("Made")


class Response:
    """The sums of one step, as rows that the next step can read.

    Nothing is kept: the rows asked for are computed, with the halo that they need.
    """

    def __init__(self, step: Step, source: Rows) -> None:
        self.step = source.step
        self.planes = source.planes
        self._problem = step.problem
        self._bias = step.bias
        self._prepared = step.prepared
        self._source = source

    def sums(self, top: int, bottom: int, scratch: Scratch) -> Band:
        """Return the sums, before divisor and offset, of rows of the result."""
        problem = self._problem
        down, right = problem.stride
        first = top * down - problem.padding[0][0]
        # Also the rows behind the last one kept: whole blocks, whatever the bands.
        dense_rows = min((bottom - top) * down, problem.dense_size[0] - top * down)
        last = first + dense_rows - 1 + problem.window[0]
        band = read_padded(problem, self._source, (first, last), self._prepared.dtype, scratch)
        width = problem.dense_size[1]
        dense = self._prepared.sums(band, (dense_rows, width), self.step, scratch)
        if problem.stride == (1, 1):
            return dense
        pixels = dense.reshape(self.planes, dense_rows, width, self.step)[:, ::down, ::right]
        return pixels.reshape(self.planes, bottom - top, -1)

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums and the kernel's offset, as another step reads them."""
        # Blocks that always begin at the same rows give the same floats in every band.
        block = self._prepared.block_rows
        for start in range(top - top % block, bottom, block if block > 1 else bottom - top):
            end = min(start + block, self._problem.size[0]) if block > 1 else bottom
            with scratch() as lent:
                sums = self.sums(start, end, lent)
                inner = slice(max(top - start, 0), min(bottom, end) - start)
                into = slice(max(start - top, 0), min(bottom, end) - top)
                out[:, into] = sums[:, inner]
        if self._bias:
            out += out.dtype.type(self._bias)


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

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest value of a band."""

    def with_extremes(self, extremes: tuple[Any, Any]) -> "Finisher":
        """Return the same, knowing the extremes of the whole picture."""

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill the band at row ``top`` with samples; return how many were clipped."""


def execute(plan: Plan, source: Rows, sink: Sink, finish: Finisher | None = None) -> Executed:
    """Filter all rows of a source into a sink, as the plan says.

    Parameters
    ----------
    finish
        None means the plan's own.
    """
    rows = source
    for step in plan.steps[:-1]:
        rows = Response(step, rows)
    response = Response(plan.steps[-1], rows)
    with ThreadPoolExecutor(plan.workers, "convfilter-band") as pool:
        finisher: Finisher = finish or plan.finish
        if finisher.needs_extremes:
            finisher = finisher.with_extremes(_extremes(finisher, response, plan, pool))

        def make(top: int, bottom: int) -> Executed:
            out = sink.band(top, bottom)
            with scratch() as lent:
                clipped = finisher(top, response.sums(top, bottom, lent), out)
            sink.write(top, out)
            return Executed(clipped, out.size)

        made = list(_over_bands(make, plan.bands, pool))
    return Executed(sum(one.clipped for one in made), sum(one.samples for one in made))


def _over_bands(
    make: Callable[[int, int], Made], bands: Iterable[Pair], pool: ThreadPoolExecutor
) -> Iterator[Made]:
    """Run over the bands; when one fails, the others are not begun."""
    futures = [pool.submit(make, top, bottom) for top, bottom in bands]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _extremes(
    finisher: Finisher, response: Response, plan: Plan, pool: ThreadPoolExecutor
) -> tuple[Any, Any]:
    def of_band(top: int, bottom: int) -> tuple[Any, Any]:
        with scratch() as lent:
            return finisher.extremes_of(response.sums(top, bottom, lent))

    found = list(_over_bands(of_band, plan.bands, pool))
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return (low, high) if low <= high else (0, 0)
