"""The stages of a plan: what one link of the chain makes of the rows before it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from convfilter.chain import Link
from convfilter.composite import Composite
from convfilter.engine.response import KernelResponse, Response
from convfilter.engine.samples import Samples, Sums
from convfilter.engine.step import Step, make_step
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.rows import Rows


class Stage(Protocol):
    """One link of the chain, planned.

    Attributes
    ----------
    link
        The kernel and how it is laid.
    steps
        One for each matrix that runs over the rows.
    sums
        What the stage gives.
    """

    @property
    def link(self) -> Link: ...  # noqa: D102 - see Attributes

    @property
    def steps(self) -> tuple[Step, ...]: ...  # noqa: D102

    @property
    def sums(self) -> Sums: ...  # noqa: D102

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

    Not fewer than what the stages before it compute for a single one.
    """
    block = max(step.prepared.block_rows for step in stage.steps)
    rows = min(step.band_rows for step in stage.steps)
    steps = [step for before in earlier for step in before.steps]
    least = max((max(s.problem.window[0] - 1, s.prepared.block_rows) for s in steps), default=1)
    return min(max(1, rows // block, -(-least // block)) * block, stage.sums.size[0])
