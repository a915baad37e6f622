"""Composites: responses of several kernels to the same rows, combined band by band."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.chain import Link
from convfilter.composite import Composite
from convfilter.engine.precision import LARGEST_EXACT
from convfilter.engine.program import narrowest
from convfilter.engine.response import KernelResponse
from convfilter.engine.samples import FLOAT64, LARGEST_SUM, NEAR_TIE, Samples, Sums
from convfilter.engine.step import Step, make_step
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.options import Pair
from convfilter.rows import Band, Rows


@frozen
class Combination:
    """How values become one: each prepared, then joined in pairs, the last one finished.

    Parameters
    ----------
    limits
        Of the result, from those of the values, where integers stay integers.
    """

    join: Callable[..., Any]
    prepare: Callable[..., Any] | None = None
    finish: Callable[..., Any] | None = None
    limits: Callable[[Sequence[Pair]], Pair] | None = None

    def __call__(self, values: Sequence[Band], dtype: np.dtype[Any]) -> Band:
        """Combine arrays in a dtype that has room for the result."""
        result = self._prepared(values[0], dtype)
        for value in values[1:]:
            self.join(result, self._prepared(value, dtype), out=result)
        if self.finish is not None:
            self.finish(result, out=result)
        return result

    def _prepared(self, value: Band, dtype: np.dtype[Any]) -> Band:
        own = value.astype(dtype)
        if self.prepare is not None:
            self.prepare(own, out=own)
        return own


def _largest(pair: Pair) -> int:
    return max(map(abs, pair))


COMBINE: dict[str, Combination] = {
    "l2": Combination(np.add, np.square, np.sqrt),
    "l1": Combination(
        np.add, np.abs, limits=lambda pairs: (-sum(map(_largest, pairs)), sum(map(_largest, pairs)))
    ),
    "max": Combination(
        np.maximum, limits=lambda pairs: (min(p[0] for p in pairs), max(p[1] for p in pairs))
    ),
    "min": Combination(
        np.minimum, limits=lambda pairs: (min(p[0] for p in pairs), max(p[1] for p in pairs))
    ),
    "sum": Combination(
        np.add, limits=lambda pairs: (sum(p[0] for p in pairs), sum(p[1] for p in pairs))
    ),
}
COMBINE["mean"] = COMBINE["sum"]  # the count is part of the divisor


def turns(across: Band, down: Band) -> Band:
    """Return the direction of a gradient in turns, from 0 on, clockwise as rows go down."""
    # Transforms, and divisors below 0, leave zeros of both signs, half a turn apart.
    x, y = (np.add(sums, 0.0, dtype=FLOAT64) for sums in (across, down))
    angle: NDArray[Any] = np.arctan2(y, x)
    angle *= 1 / (2 * np.pi)
    angle[angle < 0] += 1
    return angle


@frozen
class CompositeStage:
    """A composite on samples.

    Parameters
    ----------
    full
        The value of white in the samples.
    """

    link: Link
    composite: Composite
    steps: tuple[Step, ...]
    full: int | float

    @classmethod
    def of(cls, samples: Samples, link: Link, composite: Composite, *, in_order: bool) -> Self:
        """Plan the kernels of a composite, on the same samples; ``in_order`` as in `Problem`."""
        kernels = composite.kernels
        if link.options.padding != "same":
            kernels = _in_one_window(kernels)
        steps = tuple(
            make_step(samples, kernel, link.options, in_order=in_order) for kernel in kernels
        )
        return cls(link, composite, steps, samples.full)

    @cached_property
    def divisor(self) -> int | float | None:
        """The divisor that all responses share, if their sums can be combined undivided."""
        first = self.steps[0].problem
        alike = all(
            step.problem.divisor == first.divisor
            and step.problem.samples.full == self.full
            and not step.kernel.offset
            for step in self.steps
        )
        return first.divisor if alike else None

    @cached_property
    def sum_dtype(self) -> np.dtype[Any]:
        """Integers where the combined sums are such, else floats."""
        limits = self._integer_limits
        if limits is None:
            return FLOAT64
        largest = _largest(limits) if self.is_negated else 0
        return narrowest(min(limits[0], -largest), max(limits[1], largest))

    @cached_property
    def sums(self) -> Sums:
        """What is known of the combined sums."""
        first = self.steps[0].problem
        divisor = abs(Fraction(self.composite.divisor))
        if self.composite.combine == "mean":
            divisor *= len(self.steps)
        if self.divisor is not None and self.composite.combine != "angle":
            divisor *= Fraction(self.divisor)
        limits = self._integer_limits
        return Sums(
            first.size,
            first.samples.names,
            int(divisor) if divisor.denominator == 1 else float(divisor),
            self.full,
            limits,
            None if limits is None else (float(limits[0]), float(limits[1])),
            near_tie=self._near_tie,
        )

    @property
    def _near_tie(self) -> float:
        """As in `Sums`; a root of what is exact is a tie only where it is one to the last bit."""
        combine = self.composite.combine
        if self._integer_limits is not None or combine == "angle":
            return 0.0
        if combine == "l2" and self._squares_are_exact:
            return 0.0
        return max(NEAR_TIE[FLOAT64], *(step.sums.near_tie for step in self.steps))

    @property
    def _squares_are_exact(self) -> bool:
        problems = [step.problem for step in self.steps]
        exact = self.divisor is not None and all(problem.is_exact for problem in problems)
        squares = sum(problem.largest_sum**2 for problem in problems) if exact else 0
        return exact and squares <= LARGEST_EXACT[FLOAT64]

    @cached_property
    def _integer_limits(self) -> Pair | None:
        limits_of = COMBINE[self.composite.combine].limits if self._is_table_entry else None
        exact = all(step.problem.is_exact for step in self.steps)
        whole = isinstance(self.composite.divisor, int)
        if limits_of is None or not exact or self.divisor is None or not whole:
            return None
        limits = limits_of([step.problem.sum_limits for step in self.steps])
        if self.is_negated:
            limits = -limits[1], -limits[0]
        return limits if _largest(limits) < LARGEST_SUM else None

    @property
    def is_negated(self) -> bool:
        """Whether the combined sums change their sign, and so the divisor."""
        return self.composite.divisor < 0

    @property
    def _is_table_entry(self) -> bool:
        return self.composite.combine in COMBINE

    def respond(self, rows: Rows) -> "CombinedResponse":
        """Return what the composite makes of rows."""
        return CombinedResponse(self, rows)


class CombinedResponse:
    """The combined sums of a composite's kernels."""

    def __init__(self, stage: CompositeStage, source: Rows) -> None:
        self.step = source.step
        self.planes = source.planes
        self._stage = stage
        self._responses = [KernelResponse(step, source) for step in stage.steps]
        self._shift = stage.sums.shifted(stage.composite.offset)

    def sums(self, top: int, bottom: int) -> Band:
        """Return the combined sums; see `Response`."""
        stage = self._stage
        values = [response.block_sums(top, bottom) for response in self._responses]
        if stage.divisor is None:
            values = [
                _values(step, sums, stage.full)
                for step, sums in zip(stage.steps, values, strict=True)
            ]
        if stage.composite.combine == "angle":
            combined = turns(*values) * stage.full
        else:
            combined = COMBINE[stage.composite.combine](values, stage.sum_dtype)
        return np.negative(combined, out=combined) if stage.is_negated else combined

    block_sums = sums

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums and the composite's offset, as another step reads them."""
        self._shift.apply(self.sums(top, bottom), out)


def _values(step: Step, sums: Band, full: int | float) -> Band:
    """Return what a kernel gives, divided and its offset added, where ``full`` is white."""
    problem = step.problem
    values: Band = np.divide(sums, problem.divisor * (problem.samples.full / full), dtype=FLOAT64)
    values += float(step.kernel.offset) * full
    return values


def _in_one_window(kernels: Sequence[Kernel]) -> tuple[Kernel, ...]:
    """Return the kernels with zeros around them, so that all cover the same pixels."""
    turned = [kernel.laid_for("correlate") for kernel in kernels]
    above, left = (max(kernel.origin[axis] for kernel in turned) for axis in (0, 1))
    below, right = (
        max(kernel.weights.shape[axis] - kernel.origin[axis] for kernel in turned)
        for axis in (0, 1)
    )
    return tuple(kernel.within((above + below, left + right), (above, left)) for kernel in turned)
