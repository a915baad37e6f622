"""Running a plan: bands of rows, each with its halo, on a few threads."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np

from convfilter.engine.blas import ONE_BLAS_THREAD
from convfilter.engine.plan import Plan, turns_of
from convfilter.engine.response import KeptBlocks, RangedRows, Response
from convfilter.engine.stages import band_rows
from convfilter.engine.step import BAND_BYTES
from convfilter.engine.threads import Threads, Turn
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band, Rows, Sink

FINISHED_BYTES = 2 * BAND_BYTES
"""Larger bands are finished a few rows at a time, so that every pass hits the cache."""


@frozen
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


def execute(
    plan: Plan,
    source: Rows,
    sink: Sink,
    finish: Finisher | None = None,
    turns: Sequence[Turn] | None = None,
) -> Executed:
    """Filter all rows of a source into a sink, as the plan says.

    Parameters
    ----------
    finish
        None means the plan's own.
    turns
        Some of the plan's; None means all.
    """
    with _one_blas_thread(plan), Threads(plan.workers) as threads:
        response = _last_response(plan, source, threads)
        finisher: Finisher = finish or plan.finish
        if finisher.needs_extremes:
            finisher = finisher.with_extremes(_extremes(finisher, response, plan.turns, threads))

        def make(top: int, bottom: int) -> Pair:
            out = sink.band(top, bottom)
            # Infinities and NaN in a float picture are the user's, and no fault.
            with np.errstate(all="ignore"):
                clipped = _finish_in_cache(finisher, top, response.sums(top, bottom), out)
            sink.write(top, out)
            return clipped, out.size

        made = threads.over(plan.turns if turns is None else turns, make)
    return Executed(sum(clipped for clipped, _ in made), sum(samples for _, samples in made))


def _finish_in_cache(finisher: Finisher, top: int, sums: Band, out: Band) -> int:
    """Finish a band, of a high one a few rows at a time; return how many samples were clipped."""
    height = sums.shape[1]
    rows = -(-height // max(1, sums.nbytes // FINISHED_BYTES))
    return sum(
        finisher(top + first, sums[:, first : first + rows], out[:, first : first + rows])
        for first in range(0, height, rows)
    )


def find_extremes(plan: Plan, source: Rows, finish: Finisher | None = None) -> tuple[Any, Any]:
    """Return what the range ``stretch`` needs: the extremes of the whole picture.

    Parameters
    ----------
    finish
        Tells what they are; None means the plan's own, which takes the sums as they are.
    """
    with _one_blas_thread(plan), Threads(plan.workers) as threads:
        response = _last_response(plan, source, threads)
        return _extremes(finish or plan.finish, response, plan.turns, threads)


def _last_response(plan: Plan, source: Rows, threads: Threads) -> Response:
    """Return the response of the last stage to those before it."""
    rows = source
    links = zip(plan.stages[:-1], plan.between, plan.kept, strict=True)
    for number, (stage, finish, kept) in enumerate(links):
        response = stage.respond(rows)
        rows = response
        if finish is not None:
            if finish.needs_extremes:
                before = plan.stages[: number + 1], plan.kept[:number]
                turns = turns_of(*before, band_rows(stage), plan.workers)
                finish = finish.with_extremes(_extremes(finish, response, turns, threads))
            rows = RangedRows(response, finish)
        if kept is not None:
            rows = KeptBlocks(rows, stage.sums.size, kept)
    return plan.stages[-1].respond(rows)


def _one_blas_thread(plan: Plan) -> AbstractContextManager[object]:
    """Keep matrix products to the thread that asks for them: the bands are the parallelism."""
    uses_blas = any(step.prepared.uses_blas for step in plan.steps)
    return ONE_BLAS_THREAD if uses_blas else nullcontext()


def _extremes(
    finisher: Finisher, response: Response, turns: Iterable[Turn], threads: Threads
) -> tuple[Any, Any]:
    def of_band(top: int, bottom: int) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            return finisher.extremes_of(response.sums(top, bottom))

    found = threads.over(turns, of_band)
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return (low, high) if low <= high else (0, 0)
