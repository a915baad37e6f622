"""Kernels, recipes and options laid out as one chain of links, each as it will run."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Self

from convfilter.composite import Composite
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.recipe import AnyKernel, Filter, Recipe, RecipeStep

CHAINS_KEPT = 8
"""Chains that are remembered: asked for again, they have the same links, and so the same plan."""


@frozen
class Link:
    """One step of a chain.

    Parameters
    ----------
    kernel
        With everything that recipes and options state of it.
    options
        Padding, stride, dilation and method of this link.
    range
        Applied to its values before the next link reads them; None for the last link.
    """

    kernel: AnyKernel
    options: FilterOptions
    range: str | None = None

    @property
    def gain(self) -> Fraction | None:
        """What it makes of an even picture, per level; None if that is not linear."""
        if self.range is not None or not isinstance(self.kernel, Kernel | Composite):
            return None
        return self.kernel.gain


@frozen
class Chain:
    """What is done to a picture, in order."""

    links: tuple[Link, ...]
    options: FilterOptions

    @classmethod
    def of(cls, filters: Sequence[Filter], options: FilterOptions) -> Self:
        """Lay out kernels and recipes that run one after another.

        Border, padding, dilation and operation, where the options state them, hold for
        every link; stride, divisor, offset and range for the last.

        Raises
        ------
        UsageError
            If there is no kernel.
        """
        if not filters:
            raise UsageError("no kernel given", None, "name one, as in --kernel blur5")
        return cls(_links(tuple(filters), options), options)

    @property
    def range(self) -> str | None:
        """The range of the result: the one that options state, or else the last kernel to.

        What comes before a range in between has had its own.
        """
        if self.options.range is not None:
            return self.options.range
        for link in reversed(self.links):
            if link.range is not None:
                return None
            if link.kernel.range is not None:
                return link.kernel.range
        return None

    @property
    def mixes(self) -> bool:
        """Whether any kernel mixes channels, so that they have to lie in planes."""
        return self.mixed_inputs is not None

    @property
    def mixed_inputs(self) -> int | None:
        """How many channels the first kernel that mixes them reads; None without one."""
        kernels = (link.kernel for link in self.links)
        return next((k.inputs for k in kernels if isinstance(k, MixingKernel)), None)

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights of any kernel cancel."""
        return any(link.kernel.is_zero_sum for link in self.links)

    @property
    def gain(self) -> Fraction | None:
        """What it makes of an even picture, per level; None if that is not linear."""
        gain = Fraction(1)
        for link in self.links:
            if link.gain is None:
                return None
            gain *= link.gain
        return gain

    @property
    def amplification(self) -> float:
        """How many times full scale all that is added up may be in the end; inf if not known."""
        if "stretch" in (self.range, *(link.range for link in self.links)):
            return math.inf
        return math.prod(link.kernel.amplification for link in self.links)


@lru_cache(CHAINS_KEPT)
def _links(filters: tuple[Filter, ...], options: FilterOptions) -> tuple[Link, ...]:
    steps = [step for given in filters for step in _steps(given)]
    links = [_between(step, options) for step in steps[:-1]]
    return (*links, _last(steps[-1], options))


def _steps(given: Filter) -> tuple[RecipeStep, ...]:
    return given.steps if isinstance(given, Recipe) else (RecipeStep(given),)


def _between(step: RecipeStep, options: FilterOptions) -> Link:
    for_all = replace(options, stride=(1, 1), divisor=None, offset=None, range=None)
    link = _last(step, for_all)
    return replace(link, range=step.options.range)


def _last(step: RecipeStep, options: FilterOptions) -> Link:
    stated = step.options
    laid = replace(
        options,
        padding=stated.padding if options.padding == "same" else options.padding,
        stride=_product(stated.stride, options.stride),
        dilation=_product(stated.dilation, options.dilation),
    )
    return Link(options.kernel_with(stated.kernel_with(step.kernel)), laid)


def _product(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] * other[0], one[1] * other[1]
