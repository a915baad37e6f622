"""The stages of a plan: what one link of the chain makes of the rows before it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from convfilter.chain import Link
from convfilter.composite import Composite
from convfilter.engine.finish import Finish
from convfilter.engine.program import narrowest
from convfilter.engine.response import UNSHIFTED, Kept, KernelResponse, Response
from convfilter.engine.samples import FLOAT64, Samples, Sums
from convfilter.engine.step import Step, make_step
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.rows import Rows

LARGEST_REPEATED = 16
"""Blocks of at most this many rows are computed again for the next band rather than kept."""

ELSEWHERE = 1
"""Blocks kept besides, for rows that a border takes from another part of the picture."""


class Stage(Protocol):
    """One link of the chain, planned."""

    @property
    def link(self) -> Link:
        """The kernel and how it is laid."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """One for each matrix that runs over the rows."""

    @property
    def sums(self) -> Sums:
        """What the stage gives."""

    @property
    def sum_dtype(self) -> np.dtype[Any]:
        """The dtype of the sums."""

    def respond(self, rows: Rows) -> Response:
        """Return what the stage makes of rows."""


@frozen
class KernelStage:
    """One kernel."""

    link: Link
    step: Step

    @property
    def steps(self) -> tuple[Step, ...]:
        """The one step."""
        return (self.step,)

    @property
    def sums(self) -> Sums:
        """Those of the kernel."""
        return self.step.sums

    @property
    def sum_dtype(self) -> np.dtype[Any]:
        """Those of the kernel."""
        return self.step.prepared.sum_dtype

    def respond(self, rows: Rows) -> Response:
        """Return the kernel's sums over rows."""
        return KernelResponse(self.step, rows, self.sums.shifted(self.step.kernel.offset))


def make_stage(samples: Samples, link: Link, *, in_order: bool) -> Stage:
    """Plan one link of a chain on samples.

    Parameters
    ----------
    in_order
        Whether nothing follows that reads rows twice; see `Problem`.

    Raises
    ------
    UsageError
        If nothing is left of the picture, the method asked for cannot solve the problem,
        or the kernel mixes another number of channels.
    """
    kernel = link.kernel
    if isinstance(kernel, Kernel):
        return KernelStage(link, make_step(samples, kernel, link.options, in_order=in_order))
    if isinstance(kernel, Composite):
        from convfilter.engine.combining import CompositeStage

        return CompositeStage.of(samples, link, kernel, in_order=in_order)
    from convfilter.engine.mixing import MixingStage

    return MixingStage.of(samples, link, kernel, in_order=in_order)


def offset_of(stage: Stage) -> Fraction:
    """Return the offset of a stage's kernel, a fraction of full scale."""
    return Fraction(stage.link.kernel.offset)


def band_rows(stage: Stage, earlier: Sequence[Stage] = ()) -> int:
    """Return how many rows of a stage's result to make at a time: whole blocks of its steps.

    Parameters
    ----------
    earlier
        Stages of which nothing is kept: not fewer rows than they compute for a single one.
    """
    block = max(step.prepared.block_rows for step in stage.steps)
    rows = min(step.band_rows for step in stage.steps)
    steps = [step for before in earlier for step in before.steps]
    least = max((max(s.problem.window[0] - 1, s.prepared.block_rows) for s in steps), default=1)
    return min(max(1, rows // block, -(-least // block)) * block, stage.sums.size[0])


def kept_of(stage: Stage, following: Stage, finish: Finish | None) -> Kept | None:
    """Return what each thread keeps of a stage's result, or None where it is cheaper not to.

    It is where several kernels follow, which read the same rows, and where a stage computes
    whole blocks of so many rows that to compute one again for the next band takes long.

    Parameters
    ----------
    finish
        What applies a range in between, or None.
    """
    block = max(step.prepared.block_rows for step in stage.steps)
    if len(following.steps) == 1 and block <= LARGEST_REPEATED:
        return None
    rows = band_rows(stage)
    reach = max(step.problem.window[0] for step in following.steps)
    read = band_rows(following) * following.steps[0].problem.stride[0] + reach
    blocks = min(-(-read // rows) + 1 + ELSEWHERE, -(-stage.sums.size[0] // rows))
    return Kept(rows, blocks, _kept_dtype(stage, finish))


def _kept_dtype(stage: Stage, finish: Finish | None) -> np.dtype[Any]:
    """Return what holds the values that another stage reads."""
    if finish is not None:
        return finish.dtype
    if stage.sums.shifted(offset_of(stage)) == UNSHIFTED:
        return stage.sum_dtype
    limits = stage.sums.as_samples(offset_of(stage)).limits
    return FLOAT64 if limits is None else narrowest(*limits)
