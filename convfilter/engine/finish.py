"""From sums to samples: divisor, offset, range and rounding, once, at the very end."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.problem import LARGEST_SUM, Problem
from convfilter.engine.program import narrowest
from convfilter.options import Pair
from convfilter.rows import Band

HALF = Fraction(1, 2)

NEAR_TIE = 2.0**-21
"""Of full scale: float results this close below a tie are taken for the tie, and go up.

It is above the error of the sums, so that values which are ties but for that error are
rounded alike, and a ten-thousandth of a level at 8 bits.
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
    may_clip
        Whether values outside the scale are possible at all.
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
    may_clip: bool = True
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
        scale = problem.divisor * problem.samples.full
        divisor = int(scale) // int(full) if problem.is_exact else scale / full
        centered = (offset + HALF if range == "center" else offset) * Fraction(full)
        values = problem.value_limits(divisor, float(centered))
        if values and range == "abs":
            values = 0.0, max(map(abs, values))
        return cls(
            divisor=divisor,
            offset=centered,
            full=full,
            range=range,
            dtype=dtype,
            sum_limits=problem.sum_limits if problem.is_exact else None,
            may_clip=values is None or values[0] < 0 or values[1] > full,
        )

    @property
    def needs_extremes(self) -> bool:
        """Whether the whole picture's sums must be seen before the first sample is made."""
        return self.range == "stretch" and self.extremes is None

    def with_extremes(self, extremes: tuple[Any, Any]) -> Self:
        """Return the same, knowing the picture's lowest and highest sum."""
        return replace(self, extremes=extremes)

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest finite sum of a band, or (inf, -inf) of none."""
        finite = sums[np.isfinite(sums)]
        return (finite.min(), finite.max()) if finite.size else (np.inf, -np.inf)

    def __call__(self, top: int, sums: Band, out: Band) -> int:  # noqa: ARG002
        """Fill ``out`` with samples; return how many of them had to be clipped.

        The sums are used up.
        """
        return self.finish(sums, out)

    def finish(self, sums: NDArray[Any], out: NDArray[Any]) -> int:
        """Make samples of sums; see `__call__`."""
        if self.dtype.kind == "f":
            out[...] = self._ranged(self._values(sums))
            return 0
        if self.sum_limits is not None:
            return self._clip(self._exact_levels(sums), out)
        near = 0.0 if self.ties_are_exact else NEAR_TIE * self.full
        values = self._ranged(self._values(sums))
        values += 0.5 + near
        # Cutting off behind the point is the floor, for nothing is below 0 by then.
        return self._clip(values, out)

    def _values(self, sums: NDArray[Any]) -> NDArray[Any]:
        values = sums if sums.dtype.kind == "f" else sums.astype(np.float64)
        if self.divisor != 1:
            np.divide(values, self.divisor, out=values)
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
        shift = self.offset * divisor
        if shift.denominator == 1:
            shifted = self._widened(sums, int(shift))
            shifted += shifted.dtype.type(int(shift))
            if shifted.dtype.kind == "i":
                np.abs(shifted, out=shifted)
            return self._divided(shifted, divisor // 2)
        down = int((HALF - self.offset) * divisor // 1)
        levels = self._divided(sums.astype(np.int64), up)
        np.maximum(levels, self._divided(-sums.astype(np.int64), down), out=levels)
        return levels

    def _divided(self, sums: NDArray[Any], bias: int) -> NDArray[Any]:
        levels = self._widened(sums, bias)
        if bias:
            levels += levels.dtype.type(bias)
        if self.divisor != 1:
            np.floor_divide(levels, levels.dtype.type(int(self.divisor)), out=levels)
        return levels

    def _widened(self, sums: NDArray[Any], bias: int) -> NDArray[Any]:
        """Return the sums, or their absolute values, as integers that have room for a bias."""
        low, high = self.sum_limits or (0, 0)
        high = max(high, -low, int(self.divisor)) if low < 0 else max(high, int(self.divisor))
        needed = narrowest(min(low, low + bias), max(high, high + bias))
        if sums.dtype.kind in "iu":
            holds = np.iinfo(sums.dtype)
            if holds.min <= min(low, low + bias) and max(high, high + bias) <= holds.max:
                return sums
        return sums.astype(needed)

    def _stretched(self, sums: NDArray[Any]) -> NDArray[Any]:
        low, high = (int(extreme) for extreme in self.extremes or ())
        span = max(high - low, 1)
        if 2 * span * self.full < LARGEST_SUM:
            above = sums.astype(np.int64) - low
            return (above * (2 * int(self.full)) + span) // (2 * span)
        return (sums - float(low)) * (self.full / span) + 0.5

    def _clip(self, levels: NDArray[Any], out: NDArray[Any]) -> int:
        clipped = 0
        if self.may_clip:
            # Negative values that relu takes out are not lost: that is its purpose.
            if self.range not in ("relu", "abs"):
                clipped += int(np.count_nonzero(levels < 0))
            clipped += int(np.count_nonzero(levels >= self.full + 1))
            kind = levels.dtype
            most = min(self.full, np.iinfo(kind).max) if kind.kind in "iu" else self.full
            np.clip(levels, 0, kind.type(most), out=levels)
        np.copyto(out, levels, casting="unsafe")
        return clipped
