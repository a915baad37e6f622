"""From sums to samples: divisor, offset, range and rounding, once, at the very end."""

from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.program import narrowest
from convfilter.engine.samples import LARGEST_SUM, Sums
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band

HALF = Fraction(1, 2)

LARGEST_INT64 = 2**63 - 1

LARGEST_NEAR_TIE = 2.0**-5
"""Values more than this far below a tie, in levels, are never rounded up as the tie is."""


@frozen
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
        Of the result. Floats are not rounded, and clipped only if the range is ``clip``.
    sum_limits
        Lowest and highest sum of an exact problem; None if sums are not exact.
    may_clip
        Whether values outside the scale are possible at all.
    extremes
        Lowest and highest sum of the whole picture, which ``stretch`` needs.
    near_tie
        Of full scale: values so close below a tie are taken for it, and go up.
    """

    divisor: int | float
    offset: Fraction
    full: int | float
    range: str | None
    dtype: np.dtype[Any]
    sum_limits: Pair | None
    may_clip: bool = True
    extremes: tuple[Any, Any] | None = None
    near_tie: float = 0.0

    @classmethod
    def of(
        cls,
        sums: Sums,
        full: int | float,
        offset: Fraction,
        range: str | None,
        dtype: np.dtype[Any],
    ) -> Self:
        """Finish the sums of a step.

        Parameters
        ----------
        full
            The value of white in the result; where steps went before, the sums' own
            white is so many times higher as their divisors have not been applied yet.
        offset
            As a fraction of full scale.
        """
        scale = sums.divisor * sums.full
        divisor = int(scale) // int(full) if sums.limits else scale / full
        centered = (offset + HALF if range == "center" else offset) * Fraction(full)
        values = None
        if sums.bounds is not None:
            low, high = (bound / divisor + float(centered) for bound in sums.bounds)
            values = (0.0, max(abs(low), abs(high))) if range == "abs" else (low, high)
        return cls(
            divisor=divisor,
            offset=centered,
            full=full,
            range=range,
            dtype=dtype,
            sum_limits=sums.limits,
            may_clip=values is None or values[0] < 0 or values[1] > full,
            near_tie=sums.near_tie,
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
            if self.range is None and not self.offset and sums.dtype == self.dtype:
                self._divide(sums, out)
                return 0
            values = self._values(sums)
            clipped = self._count_outside(values, out) if self.range == "clip" else 0
            out[...] = self._ranged(values)
            return clipped
        if self.sum_limits is not None:
            return self._clip(self._exact_levels(sums), out)
        values = self._ranged(self._values(sums))
        values += 0.5 + min(self.near_tie * self.full, LARGEST_NEAR_TIE)
        # Truncation is the floor here, for nothing is negative any more.
        return self._clip(values, out)

    def _values(self, sums: NDArray[Any]) -> NDArray[Any]:
        # Exact sums may come in short floats, but their quotients need the long ones.
        short = sums.dtype.kind == "f" and self.dtype != np.float64
        values = sums if short else sums.astype(np.float64, copy=False)
        if self.divisor != 1:
            self._divide(values, values)
        if self.offset:
            values += float(self.offset)
        return values

    def _divide(self, values: NDArray[Any], out: NDArray[Any]) -> None:
        if self.divisor == 1:
            out[...] = values
        elif values.dtype == np.float32:
            # Three times as quick, and a rounding more is far below what is promised.
            np.multiply(values, np.float32(1 / self.divisor), out=out)
        else:
            np.divide(values, self.divisor, out=out)

    def _ranged(self, values: NDArray[Any]) -> NDArray[Any]:
        """Apply the range in place, but for clipping."""
        if self.range == "abs":
            np.abs(values, out=values)
        elif self.range == "relu":
            np.maximum(values, 0, out=values)
        elif self.range == "clip" and self.dtype.kind == "f":
            np.clip(values, 0, self.full, out=values)
        elif self.range == "stretch":
            # Rounded as all others are, so that no value lies beyond them.
            low, high = self._values(np.array(self.extremes, values.dtype)).tolist()
            values -= low
            values *= self.full / (high - low) if high - low > self._noise(low, high) else 0.0
        return values

    def _noise(self, low: float, high: float) -> float:
        """Return how far apart the values of an even picture may be, by the error of the sums."""
        scale = self.full if self.full > 1 else 0  # floats may be of any scale
        return 4 * self.near_tie * max(abs(low), abs(high), scale)

    def _exact_levels(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Round half up in integers: ``floor(s ÷ d + c)`` is ``(s + floor(d·c)) // d``."""
        if self.range == "stretch":
            return self._stretched(sums)
        if self.range != "abs":
            return self._rounding.apply(sums)
        if self._shift.denominator == 1:
            return self._absolute.apply(sums)
        wide = sums.astype(np.int64)
        levels = self._rounding.apply(wide.copy()).astype(np.int64)
        np.maximum(levels, self._negated_rounding.apply(-wide), out=levels)
        return levels

    @cached_property
    def _shift(self) -> Fraction:
        return Fraction(self.offset * int(self.divisor))

    @cached_property
    def _rounding(self) -> "_Rounding":
        bias = int((self.offset + HALF) * int(self.divisor) // 1)
        return _Rounding.of(self.sum_limits or (0, 0), 0, False, bias, int(self.divisor))

    @cached_property
    def _negated_rounding(self) -> "_Rounding":
        low, high = self.sum_limits or (0, 0)
        bias = int((HALF - self.offset) * int(self.divisor) // 1)
        return _Rounding.of((-high, -low), 0, False, bias, int(self.divisor))

    @cached_property
    def _absolute(self) -> "_Rounding":
        divisor, shift = int(self.divisor), int(self._shift)
        return _Rounding.of(self.sum_limits or (0, 0), shift, True, divisor // 2, divisor)

    def _stretched(self, sums: NDArray[Any]) -> NDArray[Any]:
        low, high = (int(extreme) for extreme in self.extremes or ())
        span = max(high - low, 1)
        above: NDArray[Any] = sums.astype(np.int64)
        if 2 * span * self.full >= LARGEST_SUM:
            above = above.astype(object)
        levels = ((above - low) * (2 * int(self.full)) + span) // (2 * span)
        return levels.astype(np.int64, copy=False)

    def _clip(self, levels: NDArray[Any], out: NDArray[Any]) -> int:
        clipped = 0
        if self.may_clip:
            clipped = self._count_outside(levels, out)
            if clipped or self.range == "relu":
                most = _at_most(self.full, levels.dtype)
                np.clip(levels, 0, most, out=out, dtype=levels.dtype, casting="unsafe")
                return clipped
        np.copyto(out, levels, casting="unsafe")
        return clipped

    def _count_outside(self, levels: NDArray[Any], out: NDArray[Any]) -> int:
        """Count the levels below 0 or above full; ``out`` is overwritten on the way."""
        kind = levels.dtype.kind
        # Negative values that relu takes out are not lost: that is its purpose.
        look_below = self.range != "relu" and kind != "u"
        if kind == "i" and look_below and self.full < 2 ** (8 * levels.itemsize - 1):
            # Seen as unsigned, what is below 0 is above everything: one look finds both.
            levels, look_below = levels.view(_UNSIGNED[levels.itemsize]), False
        rounded_up = kind == "f" and self.dtype.kind != "f"
        above = (np.greater_equal, self.full + 1) if rounded_up else (np.greater, self.full)
        looks = [above, (np.less, 0)] if look_below else [above]
        # The result's own memory, not filled yet, takes the answers.
        mask = out.view(np.bool_) if out.itemsize == 1 else np.empty(out.shape, np.bool_)
        return sum(int(np.count_nonzero(look(levels, at, out=mask))) for look, at in looks)


@frozen
class _Rounding:
    """``(|sums + shift| + bias) // divisor`` in integers that have room for it."""

    shift: Any
    absolute: bool
    bias: Any
    divisor: Any
    dtype: np.dtype[Any]
    bits: Any
    """How far to shift right where the divisor is a power of two."""

    @classmethod
    def of(cls, limits: Pair, shift: int, absolute: bool, bias: int, divisor: int) -> Self:
        low, high = min(limits[0], limits[0] + shift), max(limits[1], limits[1] + shift)
        if absolute and low < 0:
            high = max(high, -low)
        least, most = min(low, low + bias, bias, shift), max(high, high + bias, bias, divisor)
        fits = max(-least, most) <= LARGEST_INT64
        dtype = narrowest(least, most) if fits else np.dtype(object)
        power = divisor & (divisor - 1) == 0
        kind: Any = dtype.type if fits else int
        return cls(
            kind(shift),
            absolute and low < 0,
            kind(bias),
            kind(divisor),
            dtype,
            kind(divisor.bit_length() - 1) if power else None,
        )

    def apply(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Return the levels, in place where the sums are integers as wide."""
        if self.dtype.kind == "O":
            return self._apply_wide(sums)
        if sums.dtype.itemsize == self.dtype.itemsize and sums.dtype.kind in "iu":
            levels = sums.view(self.dtype)
        else:
            levels = sums.astype(self.dtype)
        if self.shift:
            np.add(levels, self.shift, out=levels)
        if self.absolute:
            np.abs(levels, out=levels)
        if self.bias:
            np.add(levels, self.bias, out=levels)
        if self.divisor == 1:
            return levels
        if self.bits is not None:
            np.right_shift(levels, self.bits, out=levels)
        else:
            np.floor_divide(levels, self.divisor, out=levels)
        return levels

    def _apply_wide(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Do the same in Python's integers, which have room for everything."""
        levels = sums.astype(np.int64).astype(object) + self.shift
        if self.absolute:
            levels = np.abs(levels)
        levels = (levels + self.bias) // self.divisor
        clipped: NDArray[Any] = np.clip(levels, -LARGEST_INT64, LARGEST_INT64).astype(np.int64)
        return clipped


def _at_most(value: int | float, dtype: np.dtype[Any]) -> Any:
    """Return a value in a dtype, or the dtype's largest where it is larger."""
    if dtype.kind == "f":
        return dtype.type(value)
    largest = 2 ** (8 * dtype.itemsize - (dtype.kind == "i")) - 1
    return dtype.type(min(value, largest))


_UNSIGNED = {2: np.uint16, 4: np.uint32, 8: np.uint64}
"""Unsigned integers by their size in bytes."""
