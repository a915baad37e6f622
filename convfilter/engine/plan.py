"""The plan: which algorithm will run, over which bands, and why.

It is made before any sample is read, it prints itself, and the engine runs just what it says.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from convfilter.chain import Chain
from convfilter.cores import available_cores
from convfilter.engine.finish import Finish
from convfilter.engine.precision import allowed_error
from convfilter.engine.response import Kept
from convfilter.engine.samples import FLOAT64, NEAR_TIE, Samples
from convfilter.engine.stages import Stage, band_rows, kept_of, make_stage, offset_of
from convfilter.engine.step import Step
from convfilter.engine.threads import Turn
from convfilter.frozen import frozen
from convfilter.number import counted
from convfilter.options import Pair

LEAST_TURN = 16
"""A turn of a high picture has at least this many times the rows it must re-read."""

PIECES = 3
"""Arrays of the size of a band that a thread holds: padded, its sums, and what lies between."""

PLANS_KEPT = 8
"""Plans that are remembered: planning takes as long as a small picture, and sizes recur."""


@frozen
class Plan:
    """What the engine would run.

    Parameters
    ----------
    samples
        What is filtered.
    stages
        One for each link of the chain.
    between
        What follows each stage but the last: a range that the next one reads through, or None.
    kept
        What each thread keeps of each stage's result but the last's, or None.
    finish
        What makes samples of the last stage's sums.
    band_rows
        Rows of the result that are made at a time.
    workers
        Threads, the caller's own included.
    """

    samples: Samples
    stages: tuple[Stage, ...]
    between: tuple[Finish | None, ...]
    kept: tuple[Kept | None, ...]
    finish: Finish
    band_rows: int
    workers: int

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all stages."""
        return tuple(step for stage in self.stages for step in stage.steps)

    @property
    def algorithm(self) -> str:
        """Names of the algorithms, joined by ``+`` where the steps differ."""
        return "+".join(dict.fromkeys(step.algorithm.name for step in self.steps))

    @property
    def reason(self) -> str:
        """Why these algorithms."""
        return "; ".join(dict.fromkeys(step.reason for step in self.steps))

    @property
    def size(self) -> Pair:
        """Height and width of the result in pixels."""
        return self.stages[-1].sums.size

    @property
    def channels(self) -> int:
        """Of the result."""
        return len(self.stages[-1].sums.names)

    @property
    def bands(self) -> list[Pair]:
        """First row and row after the last, for every band of the result."""
        return bands_of(self.size[0], self.band_rows)

    @property
    def turns(self) -> list[Turn]:
        """The bands, as the threads take them."""
        return turns_of(self.stages, self.kept, self.band_rows, self.workers)

    @property
    def memory(self) -> int:
        """Bytes that the engine needs besides the picture and the result."""
        bands = (step.padded_bytes(rows) for rows, step in self._rows_at_a_time)
        blocks = (
            kept.bytes(stage.sums.size[1] * self.samples.channels)
            for stage, kept in zip(self.stages, self.kept, strict=False)
            if kept
        )
        extra = sum(step.prepared.extra_bytes for step in self.steps)
        return self.workers * (PIECES * sum(bands) + sum(blocks) + extra)

    @property
    def _rows_at_a_time(self) -> list[tuple[int, Step]]:
        """Rows of the padded band of each step."""
        read, found = self.band_rows, []
        for stage, kept in reversed([*zip(self.stages, (*self.kept, None), strict=True)]):
            rows = kept.rows if kept else read
            found += [(rows * s.problem.stride[0] + s.problem.window[0], s) for s in stage.steps]
            read = max(rows for rows, _ in found[-len(stage.steps) :])
        return found

    def __str__(self) -> str:
        first, height, width = self.samples, *self.size
        sizes = f"{first.width}×{first.height}×{first.channels} {first.dtype}"
        result = f"{width}×{height}×{self.channels} {self.finish.dtype}"
        facts = [("picture", f"{sizes} → {result}")]
        for stage, finish in zip(self.stages, (*self.between, None), strict=True):
            if len(stage.steps) > 1:
                facts.append(("together", str(stage.link.kernel)))
            for step in stage.steps:
                facts += _facts(step)
            if finish is not None:
                facts.append(("between", f"range {finish.range}"))
        facts.append(("range", self.finish.range or "none"))
        threads = f"{self.workers} threads" if self.workers > 1 else "the caller's thread"
        spent = f"{threads}, {self.memory / 1e6:.1f} MB"
        count = -(-self.size[0] // self.band_rows)
        facts.append(("bands", f"{count} of {counted(self.band_rows, 'row')}, {spent}"))
        return "\n".join(f"{name:<10} {fact}" for name, fact in facts)


def _facts(step: Step) -> list[tuple[str, str]]:
    rows, columns = step.problem.window
    laid = f"{step.kernel.operation}, border {step.problem.border}"
    facts = [
        ("kernel", f"{step.kernel.label}, window {columns}×{rows}, {laid}"),
        ("algorithm", f"{step.algorithm.name}: {step.reason}"),
    ]
    return facts + [("rejected", f"{other.algorithm}: {other.reason}") for other in step.rejected]


@lru_cache(PLANS_KEPT)
def make_plan(
    samples: Samples,
    chain: Chain,
    out_dtype: np.dtype[Any] | None = None,
    result_dtype: np.dtype[Any] | None = None,
) -> Plan:
    """Decide how to filter samples with kernels, one after another.

    Parameters
    ----------
    out_dtype
        None gives the samples' own; a float dtype gives the values unrounded and unclipped,
        and without a range unless the options state one.
    result_dtype
        Of the result where the samples are only a working form of it.

    Raises
    ------
    UsageError
        If nothing is left of the picture, or the method asked for cannot solve the problem.
    """
    dtype = out_dtype or result_dtype or samples.dtype
    allowed = allowed_error(samples.dtype, dtype, chain.amplification)
    samples = replace(samples, allowed_error=allowed)
    stages: list[Stage] = []
    between: list[Finish | None] = []
    current = samples
    for link in chain.links:
        stage = make_stage(current, link, in_order=link is chain.links[-1])
        stages.append(stage)
        finish = _between(stage, samples) if link.range else None
        between.append(finish)
        current = stage.sums.as_samples(offset_of(stage))
        if finish is not None:
            near = max(stage.sums.near_tie, NEAR_TIE[FLOAT64])
            current = replace(current, dtype=FLOAT64, limits=None, full=samples.full, near_tie=near)
    kept = tuple(map(kept_of, stages, stages[1:], between))
    last = stages[-1]
    value_range = _range(chain, dtype, out_dtype)
    finish = Finish.of(last.sums, samples.full, offset_of(last), value_range, dtype)
    rows = band_rows(last, _recomputed(stages, kept))
    bands = -(-last.sums.size[0] // rows)
    stated = chain.options.workers
    workers = min(available_cores() if stated is None else stated, bands)
    if len(stages) == 1:
        rows = _shared_evenly(last, rows, workers)
    return Plan(samples, tuple(stages), tuple(between[:-1]), kept, finish, rows, workers)


def _recomputed(stages: Sequence[Stage], kept: Sequence[Kept | None]) -> Sequence[Stage]:
    """Return the stages whose rows are computed again for each band of the last one."""
    first = max((n for n, one in enumerate(kept, 1) if one), default=0)
    return stages[first:-1]


def _shared_evenly(stage: Stage, rows: int, workers: int) -> int:
    """Return the rows of bands that are as high at most, and as many for every thread."""
    height = stage.sums.size[0]
    turns = -(-height // (rows * workers))
    block = max(step.prepared.block_rows for step in stage.steps)
    return min(rows, -(-height // (turns * workers * block)) * block)


def bands_of(height: int, rows: int) -> list[Pair]:
    """Return first row and row after the last of every band of so many rows."""
    return [(top, min(top + rows, height)) for top in range(0, height, rows)]


def turns_of(
    stages: Sequence[Stage], kept: Sequence[Kept | None], rows: int, workers: int
) -> list[Turn]:
    """Return the bands of the last stage's result, as the threads take them.

    One by one, so that all end at the same time, unless a band takes over rows from the one
    above it: then as many as make the rows with which a turn begins a small part.
    """
    bands = bands_of(stages[-1].sums.size[0], rows)
    carried = max(step.prepared.carried_rows for step in stages[-1].steps)
    again = max(carried, *(one.rows if one else 0 for one in kept), 0)
    if not again:
        return [[band] for band in bands]
    least = -(-LEAST_TURN * again // rows)
    count = max(1, len(bands) // least // workers) * workers
    ends = [len(bands) * n // count for n in range(count + 1)]
    return [bands[first:last] for first, last in pairwise(ends)]


def _between(stage: Stage, samples: Samples) -> Finish:
    """Return what applies the range of a link that others follow."""
    return Finish.of(stage.sums, samples.full, offset_of(stage), stage.link.range, FLOAT64)


def _range(chain: Chain, dtype: np.dtype[Any], out_dtype: np.dtype[Any] | None) -> str | None:
    if out_dtype is not None:
        # Such values are as they are: never clipped, and ranged only where the options say so.
        return None if chain.options.range == "clip" else chain.options.range
    if chain.options.range is not None or dtype.kind != "f":
        return chain.range or "clip"
    # Floats have room for everything, unless clipping is asked for.
    return None if chain.range == "clip" else chain.range
