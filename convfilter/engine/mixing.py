"""Kernels that mix channels: for each channel of the result, sums over those of the picture."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from convfilter.chain import Link
from convfilter.engine.program import narrowest
from convfilter.engine.response import KernelResponse
from convfilter.engine.samples import FLOAT64, LARGEST_SUM, NEAR_TIE, Samples, Sums, channel_names
from convfilter.engine.step import Step, make_step
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.mixing import MixingKernel
from convfilter.options import Pair
from convfilter.rows import Band, ChosenPlanes, Rows


@frozen
class Term:
    """One matrix on one channel of the picture, and the channels of the result it is part of."""

    channel: int
    outputs: tuple[int, ...]
    step: Step


@frozen
class MixingStage:
    """A mixing kernel on samples.

    Parameters
    ----------
    terms
        Each matrix once for each channel of the picture, however many outputs have it.
    full
        The value of white in the samples.
    """

    link: Link
    kernel: MixingKernel
    terms: tuple[Term, ...]
    full: int | float

    @classmethod
    def of(cls, samples: Samples, link: Link, kernel: MixingKernel, *, in_order: bool) -> Self:
        """Plan every matrix of the kernel; ``in_order`` as in `Problem`.

        Raises
        ------
        UsageError
            If the samples have another number of channels.
        """
        if samples.channels != kernel.inputs:
            raise UsageError(
                f"kernel {kernel.label} mixes {kernel.inputs} channels",
                f"the picture has {samples.channels}",
                "its shape is [rows, columns, channels in, channels out]",
            )
        terms = []
        for channel, matrices in enumerate(kernel.matrices):
            one = replace(samples, names=samples.names[channel : channel + 1])
            outputs: dict[bytes, list[int]] = {}
            for output, matrix in enumerate(matrices):
                outputs.setdefault(matrix.weights.tobytes(), []).append(output)
            for same in outputs.values():
                step = make_step(one, matrices[same[0]], link.options, in_order=in_order)
                terms.append(Term(channel, tuple(same), step))
        return cls(link, kernel, tuple(terms), samples.full)

    @property
    def steps(self) -> tuple[Step, ...]:
        """One for each term."""
        return tuple(term.step for term in self.terms)

    @cached_property
    def divisor(self) -> int | None:
        """The divisor that all terms share, if their sums are integers and can be added."""
        first = self.steps[0].problem
        alike = all(
            step.problem.is_exact
            and step.problem.divisor == first.divisor
            and step.problem.samples.full == self.full
            for step in self.steps
        )
        return int(first.divisor) if alike and self._total_below_limit else None

    @property
    def _total_below_limit(self) -> bool:
        return sum(step.problem.largest_sum for step in self.steps) < LARGEST_SUM

    @cached_property
    def sums(self) -> Sums:
        """What is known of the sums of each channel of the result."""
        limits = self._limits if self.divisor is not None else None
        return Sums(
            self.steps[0].problem.size,
            channel_names(self.kernel.outputs),
            1 if self.divisor is None else self.divisor,
            self.full,
            limits,
            None if limits is None else (float(limits[0]), float(limits[1])),
            0.0 if limits else max(NEAR_TIE[FLOAT64], *(s.sums.near_tie for s in self.steps)),
        )

    @property
    def _limits(self) -> Pair:
        per_output = [[0, 0] for _ in range(self.kernel.outputs)]
        for term in self.terms:
            low, high = term.step.problem.sum_limits
            for output in term.outputs:
                per_output[output][0] += low
                per_output[output][1] += high
        return min(low for low, _ in per_output), max(high for _, high in per_output)

    @cached_property
    def sum_dtype(self) -> np.dtype[Any]:
        """In which the terms are added up."""
        return np.dtype(np.float64) if self.divisor is None else narrowest(*self._partial_limits)

    @property
    def _partial_limits(self) -> Pair:
        """Bounds of every partial sum: those of terms that are left out count as 0."""
        low, high = self._limits
        most = sum(step.problem.largest_sum for step in self.steps)
        return min(low, -most), max(high, most)

    def respond(self, rows: Rows) -> "MixedResponse":
        """Return what the kernel makes of rows, which must have one plane for each channel."""
        return MixedResponse(self, rows)


class MixedResponse:
    """The sums of a mixing kernel, one plane for each channel of the result."""

    step = 1

    def __init__(self, stage: MixingStage, source: Rows) -> None:
        self.planes = stage.kernel.outputs
        self._stage = stage
        self._shift = stage.sums.shifted(stage.kernel.offset)
        self._terms = [
            (term, KernelResponse(term.step, ChosenPlanes(source, slice(n, n + 1))))
            for term in stage.terms
            for n in (term.channel,)
        ]

    def sums(self, top: int, bottom: int) -> Band:
        """Return the sums; see `Response`."""
        stage = self._stage
        total = np.zeros((self.planes, bottom - top, stage.sums.size[1]), stage.sum_dtype)
        for term, response in self._terms:
            part = response.block_sums(top, bottom)[0]
            if stage.divisor is None:
                problem = term.step.problem
                # Exact sums may come in short floats, but their quotients need the long ones.
                scale = problem.divisor * (problem.samples.full / stage.full)
                part = np.divide(part, scale, dtype=FLOAT64)
            for output in term.outputs:
                np.add(total[output], part, out=total[output], casting="unsafe")
        return total

    block_sums = sums

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums and the kernel's offset, as another step reads them."""
        self._shift.apply(self.sums(top, bottom), out)
