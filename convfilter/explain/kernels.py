"""Kernels, composites and recipes explained: facts, cost, algorithm, and how others do it."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from convfilter.chain import Chain, Link
from convfilter.engine.convolve import DTYPES
from convfilter.engine.mixing import MixingStage
from convfilter.engine.plan import Plan
from convfilter.engine.stages import Stage
from convfilter.engine.step import Step
from convfilter.errors import UsageError
from convfilter.explain.equivalents import Equivalent, Wanted, equivalents_of
from convfilter.explain.facts import KernelFacts, facts_of
from convfilter.explain.laying import Laying
from convfilter.explain.noise import Clipping, clipping_of
from convfilter.filtering import plan_filtering
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions, Pair
from convfilter.picture import Picture
from convfilter.recipe import AnyKernel, Filter

MOST_MATRICES = 16
"""The matrices of a kernel that mixes channels are not explained if there are more."""


@frozen
class Sheet:
    """A picture of which nothing but the size matters.

    Parameters
    ----------
    size
        Height and width in pixels.
    channels
        1, 3, or with alpha 2 or 4; None means 3, or what the kernel mixes.
    """

    size: Pair = (4000, 6000)
    channels: int | None = None
    dtype: str = "uint8"

    def picture(self, chain: Chain) -> Picture:
        """Return such a picture, black, which takes no memory."""
        if self.dtype not in map(str, DTYPES):
            known = ", ".join(map(str, DTYPES))
            raise UsageError(f"unknown dtype {self.dtype!r}", None, f"known: {known}")
        channels = self.channels or chain.mixed_inputs or 3
        black: np.ndarray[Any, Any] = np.zeros((), self.dtype)
        return Picture.of_array(np.broadcast_to(black, (*self.size, channels)))


@frozen
class PartFacts:
    """One matrix of a link, and the step that runs it.

    Parameters
    ----------
    role
        Which channels it leads from and to, of a kernel that mixes them.
    wanted
        What other tools are to do the same as.
    """

    role: str
    facts: KernelFacts
    step: Step
    wanted: Wanted

    @cached_property
    def equivalents(self) -> tuple[Equivalent, ...]:
        """How other tools do it; of a large kernel that takes long to write."""
        return equivalents_of(self.wanted)

    @property
    def kernel(self) -> Kernel:
        """The kernel, options included."""
        return self.facts.kernel


@frozen
class LinkFacts:
    """One link of the chain.

    Parameters
    ----------
    parts
        Its matrices; none of a mixing kernel that has more than `MOST_MATRICES`.
    """

    link: Link
    laying: Laying
    parts: tuple[PartFacts, ...]

    @property
    def kernel(self) -> AnyKernel:
        """The kernel, composite or mixing kernel, options included."""
        return self.link.kernel


@frozen
class Explanation:
    """What there is to know of kernels that run one after another on a picture.

    Parameters
    ----------
    mode
        Of the picture.
    gain
        What they make of an even picture, per level; None if that is not linear.
    clipping
        Of 8-bit white noise; None if channels are mixed.
    """

    filters: tuple[Filter, ...]
    mode: str
    plan: Plan
    links: tuple[LinkFacts, ...]
    gain: Fraction | None
    clipping: Clipping | None

    @property
    def range(self) -> str | None:
        """The range of the result."""
        return self.plan.finish.range

    @property
    def single(self) -> PartFacts | None:
        """The one matrix, if there is no more to it."""
        lone = len(self.links) == 1 and isinstance(self.links[0].kernel, Kernel)
        return self.links[0].parts[0] if lone else None


def explain_kernels(
    filters: Sequence[Filter], options: FilterOptions, on: Picture | Sheet | None = None
) -> Explanation:
    """Explain kernels, composites and recipes that run one after another.

    Parameters
    ----------
    on
        The picture that they would filter.

    Raises
    ------
    UsageError
        If the options or the size leave nothing to filter.
    """
    chain = Chain.of(filters, options)
    sheet = on or Sheet()
    picture = sheet.picture(chain) if isinstance(sheet, Sheet) else sheet
    plan = plan_filtering(picture, filters, options).plan
    links = []
    size = picture.height, picture.width
    for stage in plan.stages:
        laying = Laying.of(stage.link, size)
        is_last = stage is plan.stages[-1]
        wanted = (plan.finish.range or "clip") if is_last else (stage.link.range or "clip")
        links.append(LinkFacts(stage.link, laying, _parts(stage, wanted)))
        size = laying.result_size
    return Explanation(
        tuple(filters),
        picture.mode,
        plan,
        tuple(links),
        chain.gain,
        clipping_of(chain, filters, options),
    )


def _parts(stage: Stage, wanted: str) -> tuple[PartFacts, ...]:
    return tuple(
        PartFacts(role, facts_of(kernel), step, Wanted(kernel, stage.link.options, wanted))
        for role, kernel, step in _matrices(stage)
    )


def _matrices(stage: Stage) -> list[tuple[str, Kernel, Step]]:
    """Return the matrices of a stage, each with its role and the step that runs it."""
    if not isinstance(stage, MixingStage):
        return [("", step.kernel, step) for step in stage.steps]
    kernel = stage.kernel
    if kernel.inputs * kernel.outputs > MOST_MATRICES:
        return []
    steps = {(term.channel, output): term.step for term in stage.terms for output in term.outputs}
    return [
        (f"from channel {taken} to channel {given}", matrix, steps[taken, given])
        for taken, matrices in enumerate(kernel.matrices)
        for given, matrix in enumerate(matrices)
    ]
