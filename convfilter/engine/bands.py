"""Running a plan: bands of rows, each with its halo, on a few threads."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from convfilter.engine.algorithms import Workspace
from convfilter.engine.padding import PaddedRows
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
        self._padded = PaddedRows(step.problem, source)
        self._local = threading.local()

    def sums(self, top: int, bottom: int) -> Band:
        """Return the sums, before divisor and offset, of rows of the result.

        They are overwritten when the thread asks for others.
        """
        problem = self._problem
        down, right = problem.stride
        first = top * down - problem.padding[0][0]
        # Also the rows behind the last one kept: whole blocks, whatever the bands.
        dense_rows = min((bottom - top) * down, problem.dense_size[0] - top * down)
        workspace = self._workspace(dense_rows)
        self._padded.read(first, first + workspace.band.shape[1], workspace.band)
        dense = workspace.sums()
        if problem.stride == (1, 1):
            return dense
        pixels = dense.reshape(*dense.shape[:2], -1, self.step)[:, ::down, ::right]
        return pixels.reshape(self.planes, bottom - top, -1)

    def _workspace(self, dense_rows: int) -> Workspace:
        """Return this thread's memory for bands of so many rows."""
        if getattr(self._local, "rows", None) != dense_rows:
            problem = self._problem
            left, right = problem.padding[1]
            pitch = (left + problem.samples.width + right) * self.step
            shape = self.planes, dense_rows + problem.window[0] - 1, pitch
            size = dense_rows, problem.dense_size[1]
            self._local.workspace = self._prepared.workspace(shape, size, self.step)
            self._local.rows = dense_rows
        workspace: Workspace = self._local.workspace
        return workspace

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums and the kernel's offset, as another step reads them."""
        # Blocks that always begin at the same rows give the same floats in every band.
        block = self._prepared.block_rows
        first = top - top % block
        last = min(bottom + -bottom % block, self._problem.size[0])
        out[...] = self.sums(first, last)[:, top - first : bottom - first]
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
    with _one_blas_thread(plan), _threads(plan.workers) as pool:
        finisher: Finisher = finish or plan.finish
        if finisher.needs_extremes:
            finisher = finisher.with_extremes(_extremes(finisher, response, plan, pool))

        def make(top: int, bottom: int) -> Executed:
            out = sink.band(top, bottom)
            # Infinities and NaN in a float picture are the user's, and no fault.
            with np.errstate(all="ignore"):
                clipped = finisher(top, response.sums(top, bottom), out)
            sink.write(top, out)
            return Executed(clipped, out.size)

        made = list(_over_bands(make, plan.bands, pool))
    return Executed(sum(one.clipped for one in made), sum(one.samples for one in made))


def _one_blas_thread(plan: Plan) -> AbstractContextManager[object]:
    """Keep matrix products to the thread that asks for them: the bands are the parallelism."""
    if not any(step.algorithm.name == "matmul" for step in plan.steps):
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits


def _threads(count: int) -> AbstractContextManager[ThreadPoolExecutor | None]:
    return ThreadPoolExecutor(count, "convfilter-band") if count else nullcontext()


def _over_bands(
    make: Callable[[int, int], Made], bands: Iterable[Pair], pool: ThreadPoolExecutor | None
) -> Iterator[Made]:
    """Run over the bands; when one fails, the others are not begun."""
    if pool is None:
        yield from (make(top, bottom) for top, bottom in bands)
        return
    futures = [pool.submit(make, top, bottom) for top, bottom in bands]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _extremes(
    finisher: Finisher, response: Response, plan: Plan, pool: ThreadPoolExecutor | None
) -> tuple[Any, Any]:
    def of_band(top: int, bottom: int) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            return finisher.extremes_of(response.sums(top, bottom))

    found = list(_over_bands(of_band, plan.bands, pool))
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return (low, high) if low <= high else (0, 0)
