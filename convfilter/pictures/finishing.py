"""Finishers around the engine's own: one that wraps, and the engine's made to keep values."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Self

import numpy as np

from convfilter.engine.bands import Finisher
from convfilter.engine.finish import Finish
from convfilter.engine.samples import FLOAT64, NEAR_TIE
from convfilter.frozen import frozen
from convfilter.rows import Band

NEAR_EXACT_TIE = NEAR_TIE[FLOAT64]
"""How far a few 64-bit operations may take exact sums below a tie: a fraction of full scale."""


@frozen
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
    return max(NEAR_EXACT_TIE, finish.near_tie)
