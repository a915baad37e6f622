"""From values to samples: clipped, mixed with the original and rounded, once.

The engine's own finish makes samples of sums at once. Where values are blended, added up or
encoded, it makes floats instead, others change them, and `LevelsFinish` comes last.
"""

from typing import Any, Protocol

import numpy as np

from convfilter.frozen import frozen
from convfilter.pictures.finishing import NEAR_EXACT_TIE, WrappingFinish
from convfilter.pictures.mix import Mix
from convfilter.rows import Band

VALUES = np.dtype(np.float64)


class Scale(Protocol):
    """A picture's scale: what lies outside it, and which sample a value becomes."""

    @property
    def values(self) -> np.dtype[Any]:
        """The floats in which values are precise enough for it."""

    def clip(self, values: Band) -> int:
        """Bring values into the scale, in place; return how many were outside."""

    def put(self, values: Band, out: Band) -> None:
        """Fill ``out`` with the samples of values that lie in the scale."""


@frozen
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
            # Truncation is the floor here, for nothing is negative any more.
            values += self._half
        np.copyto(out, values, casting="unsafe")


@frozen
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
