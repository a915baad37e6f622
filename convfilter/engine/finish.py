"""From sums to samples: divisor, offset, range and rounding, once, at the very end."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.problem import Problem
from convfilter.options import Pair
from convfilter.rows import Planes

HALF = Fraction(1, 2)

NEAR_TIE = 2.0**-30
"""Of full scale: float results this close below a tie are taken for the tie, and go up.

Far above the error of a 64-bit sum, and far below what any other value could come near.
"""


@dataclass(frozen=True)
class Finish:
    """Turns sums into samples of the result.

    Parameters
    ----------
    divisor, offset
        The value is ``sums ÷ divisor + offset``; the offset in the samples' units.
    full
        The value of white in the same units.
    range
        A name from `RANGES`; None leaves the values as they are.
    dtype
        Of the result. Floats are neither rounded nor clipped.
    sum_limits
        Lowest and highest sum of an exact problem; None if sums are not exact.
    extremes
        Lowest and highest sum of the whole picture, which ``stretch`` needs.
    ties_are_exact
        Whether sums that are floats show a tie as a tie, so that near ones are none.
    """

    divisor: int | float
    offset: Fraction
    full: int | float
    range: str | None
    dtype: np.dtype[Any]
    sum_limits: Pair | None
    extremes: tuple[Any, Any] | None = None
    ties_are_exact: bool = False

    @classmethod
    def of(
        cls,
        problem: Problem,
        full: int | float,
        offset: Fraction,
        range: str | None,
        dtype: np.dtype[Any],
    ) -> Self:
        """Finish the sums of a problem.

        Parameters
        ----------
        full
            The value of white in the result; where steps went before, the problem's own
            white is so many times higher as their divisors have not been applied yet.
        offset
            As a fraction of full scale.
        """
        centered = offset + HALF if range == "center" else offset
        divisor = problem.divisor * problem.samples.full
        return cls(
            divisor=int(divisor) // int(full) if problem.is_exact else divisor / full,
            offset=centered * Fraction(full),
            full=full,
            range=range,
            dtype=dtype,
            sum_limits=problem.sum_limits if problem.is_exact else None,
        )

    @property
    def needs_extremes(self) -> bool:
        """Whether the whole picture's sums must be seen before the first sample is made."""
        return self.range == "stretch" and self.extremes is None

    def with_extremes(self, extremes: tuple[Any, Any]) -> Self:
        """Return the same, knowing the picture's lowest and highest sum."""
        return replace(self, extremes=extremes)

    def extremes_of(self, planes: Planes) -> tuple[Any, Any]:
        """Return the lowest and highest finite sum of a band, or (inf, -inf) of none."""
        finite = np.concatenate([sums[np.isfinite(sums)] for sums in planes])
        return (finite.min(), finite.max()) if finite.size else (np.inf, -np.inf)

    def __call__(self, top: int, planes: Planes) -> tuple[Planes, int]:  # noqa: ARG002
        """Return the samples of a band, and how many of them had to be clipped."""
        finished = [self.finish(sums) for sums in planes]
        return [samples for samples, _ in finished], sum(clipped for _, clipped in finished)

    def finish(self, sums: NDArray[Any]) -> tuple[NDArray[Any], int]:
        """Return the samples made of an array of sums, and how many had to be clipped."""
        if self.dtype.kind == "f":
            return self._ranged(self._values(sums)).astype(self.dtype), 0
        if self.sum_limits is not None:
            return self._clipped(self._exact_levels(sums))
        near = 0 if self.ties_are_exact else NEAR_TIE * self.full
        return self._clipped(np.floor(self._ranged(self._values(sums)) + (0.5 + near)))

    def _values(self, sums: NDArray[Any]) -> NDArray[Any]:
        values: NDArray[Any] = np.divide(sums, self.divisor, dtype=np.float64)
        if self.offset:
            values += float(self.offset)
        return values

    def _ranged(self, values: NDArray[Any]) -> NDArray[Any]:
        """Apply the range in place, but for clipping."""
        if self.range == "abs":
            np.abs(values, out=values)
        elif self.range == "relu":
            np.maximum(values, 0, out=values)
        elif self.range == "stretch":
            low, high = (float(e) / self.divisor + float(self.offset) for e in self.extremes or ())
            values -= low
            values *= self.full / (high - low) if high > low else 0.0
        return values

    def _exact_levels(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Round half up in integers: ``floor(s ÷ d + c)`` is ``(s + floor(d·c)) // d``."""
        if self.range == "stretch":
            return self._stretched(sums)
        divisor = int(self.divisor)
        up = int((self.offset + HALF) * divisor // 1)
        if self.range != "abs":
            return self._divided(sums, up)
        down = int((HALF - self.offset) * divisor // 1)
        levels = self._divided(sums, up)
        np.maximum(levels, self._divided(-self._widened(sums, down), down), out=levels)
        return levels

    def _divided(self, sums: NDArray[Any], bias: int) -> NDArray[Any]:
        levels = self._widened(sums, bias) + bias
        if self.divisor != 1:
            np.floor_divide(levels, int(self.divisor), out=levels)
        return levels

    def _widened(self, sums: NDArray[Any], bias: int) -> NDArray[Any]:
        """Return the sums as integers that have room for a bias and a change of sign."""
        largest = max(map(abs, self.sum_limits or ())) + abs(bias) + 1
        for dtype in (np.int16, np.int32, np.int64):
            if max(largest, int(self.divisor)) <= np.iinfo(dtype).max:
                return sums.astype(dtype, copy=False)
        raise AssertionError("a problem with such sums is not exact")

    def _stretched(self, sums: NDArray[Any]) -> NDArray[Any]:
        low, high = (int(extreme) for extreme in self.extremes or ())
        span = max(high - low, 1)
        if 2 * span * self.full < 2**62:
            above = sums.astype(np.int64) - low
            return (above * (2 * self.full) + span) // (2 * span)
        return np.floor((sums - float(low)) * (self.full / span) + 0.5)

    def _clipped(self, levels: NDArray[Any]) -> tuple[NDArray[Any], int]:
        # Negative values that relu takes out are not lost: taking them out is its purpose.
        clipped = 0 if self.range == "relu" else int(np.count_nonzero(levels < 0))
        clipped += int(np.count_nonzero(levels > self.full))
        return np.clip(levels, 0, self.full).astype(self.dtype), clipped
