"""From sums to samples where more than a division lies between: values first, levels last.

The engine's own finish makes levels at once. What blends, adds up or encodes values needs
them unrounded, so here a finisher makes floats of the sums, others change them, and
`LevelsFinish` clips, mixes and rounds, once.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol, Self

import numpy as np

from convfilter.engine.bands import Finisher
from convfilter.engine.finish import NEAR_TIE, Finish
from convfilter.pictures.mix import Mix
from convfilter.rows import Band

VALUES = np.dtype(np.float64)

NEAR_EXACT_TIE = 2.0**-44
"""Of full scale: values of exact sums that are so close to a tie are ties.

A few operations on 64-bit floats are off by less, and quotients whose denominator has fewer
than ten digits lie further from a tie, or on it: so they are rounded exactly.
"""


@dataclass(frozen=True)
class WrappingFinish:
    """Adds to another finisher, and leaves the extremes of the whole picture to it."""

    finish: Finisher

    @property
    def needs_extremes(self) -> bool:
        """Whether the whole picture's sums must be seen first."""
        return self.finish.needs_extremes

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest sum of a band."""
        return self.finish.extremes_of(sums)

    def with_extremes(self, extremes: tuple[Any, Any]) -> Self:
        """Return the same, knowing the picture's lowest and highest sum."""
        return replace(self, finish=self.finish.with_extremes(extremes))


class Scale(Protocol):
    """A picture's scale: what lies outside it, and which sample a value becomes."""

    @property
    def values(self) -> np.dtype[Any]:
        """The floats in which values are precise enough for it."""

    def clip(self, values: Band) -> int:
        """Bring values into the scale, in place; return how many were outside."""

    def put(self, values: Band, out: Band) -> None:
        """Fill ``out`` with the samples of values that lie in the scale."""


@dataclass(frozen=True)
class StoredScale:
    """The scale of samples as they are stored.

    Parameters
    ----------
    full
        The value of white.
    whole
        Whether samples are whole numbers; then values are rounded half up.
    clips
        Whether values are brought into the scale; whole samples have no room for others.
    near
        Of full scale: values so close below a tie are taken for it.
    """

    full: int
    whole: bool
    clips: bool = True
    near: float = NEAR_EXACT_TIE

    values = VALUES

    @property
    def _half(self) -> float:
        return 0.5 + self.near * self.full

    def clip(self, values: Band) -> int:
        """Count what would be rounded to a level outside, and clip; see `Scale`."""
        if not self.clips:
            return 0
        if self.whole:
            outside = (values < -self._half) | (values >= self.full + 1 - self._half)
        else:
            outside = (values < 0) | (values > self.full)
        np.clip(values, 0, self.full, out=values)
        return int(np.count_nonzero(outside))

    def put(self, values: Band, out: Band) -> None:
        """Round half up; see `Scale`."""
        if self.whole:
            # Cutting off behind the point is the floor, for nothing is below 0 by then.
            values += self._half
        np.copyto(out, values, casting="unsafe")


@dataclass(frozen=True)
class LevelsFinish(WrappingFinish):
    """Makes samples of another finisher's values: clipped, mixed, rounded.

    Parameters
    ----------
    finish
        Makes values of the sums, neither clipped nor rounded.
    mix
        What is blended with them; None for nothing.
    """

    scale: Scale
    mix: Mix | None = None

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band with samples; return how many values were outside the scale."""
        values = np.empty(out.shape, self.scale.values)
        self.finish(top, sums, values)
        clipped = self.scale.clip(values)
        if self.mix is not None:
            self.mix.blend(top, values)
        self.scale.put(values, out)
        return clipped


def valued(finish: Finish, dtype: np.dtype[Any], full: int | None = None) -> Finish:
    """Return a finish that makes values, where another makes levels.

    They are neither rounded nor clipped, but ranged otherwise.

    Parameters
    ----------
    full
        The value of white in them; None leaves the finish's.
    """
    unit = 1 if full is None else int(finish.full) // full
    return replace(
        finish,
        divisor=finish.divisor * unit,
        offset=Fraction(finish.offset, unit),
        full=finish.full if full is None else full,
        range=None if finish.range == "clip" else finish.range,
        dtype=dtype,
        sum_limits=None,
    )


def nearness(finish: Finish) -> float:
    """Return how close below a tie, of full scale, a value of a finish is to be taken for it."""
    exact = finish.sum_limits is not None or finish.ties_are_exact
    return NEAR_EXACT_TIE if exact else NEAR_TIE
