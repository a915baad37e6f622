"""What is known of the samples that a kernel slides over, and of the sums that it gives."""

from fractions import Fraction
from typing import Any

import numpy as np

from convfilter.frozen import frozen
from convfilter.options import Pair

COLOURS = ("red", "green", "blue")

LARGEST_SUM = 2**62
"""Integer sums stay below it, so that a bias can be added in 64 bits."""


@frozen
class Samples:
    """The picture's side of a problem.

    Parameters
    ----------
    height, width
        In pixels.
    names
        What each channel is, as `Border.constant_levels` takes it.
    dtype
        Of the samples.
    limits
        Lowest and highest value that an integer sample can have; None for floats.
    full
        The value of white.
    """

    height: int
    width: int
    names: tuple[str, ...]
    dtype: np.dtype[Any]
    limits: Pair | None
    full: int | float

    @classmethod
    def of_dtype(
        cls, height: int, width: int, names: tuple[str, ...], dtype: np.dtype[Any]
    ) -> "Samples":
        """Describe samples whose full scale is their dtype's maximum, or 1.0 for floats."""
        if dtype.kind == "f":
            return cls(height, width, names, dtype, None, 1)
        full = int(np.iinfo(dtype).max)
        return cls(height, width, names, dtype, (0, full), full)

    @property
    def channels(self) -> int:
        """Samples a pixel."""
        return len(self.names)


@frozen
class Sums:
    """What is known of the sums of one step before any is made.

    Parameters
    ----------
    size
        Height and width in pixels.
    names
        What each channel is.
    divisor
        ``sums ÷ divisor`` are values in the units of the samples that they were made of.
    full
        The value of white in those.
    limits
        Lowest and highest, of sums that are integers without error; else None.
    bounds
        Lowest and highest; None where the samples have none.
    ties_are_exact
        Whether sums that are floats show a tie as a tie, so that near ones are none.
    """

    size: Pair
    names: tuple[str, ...]
    divisor: int | float
    full: int | float
    limits: Pair | None = None
    bounds: tuple[float, float] | None = None
    ties_are_exact: bool = False

    def bias(self, offset: int | Fraction) -> int | float:
        """Return a kernel's offset, a fraction of full scale, in the units of the sums."""
        bias = Fraction(offset) * Fraction(self.full) * Fraction(self.divisor)
        return int(bias) if bias.denominator == 1 else float(bias)

    def as_samples(self, offset: int | Fraction) -> Samples:
        """Describe the sums, an offset added, as samples of another step.

        They will be divided only at the very end.
        """
        height, width = self.size
        full, bias = self.full * self.divisor, self.bias(offset)
        if self.limits is not None and isinstance(bias, int):
            limits = self.limits[0] + bias, self.limits[1] + bias
            return Samples(height, width, self.names, np.dtype(np.int64), limits, int(full))
        return Samples(height, width, self.names, np.dtype(np.float64), None, full)


def channel_names(count: int) -> tuple[str, ...]:
    """Return what so many channels are taken for, when nothing else is known of them."""
    known = {1: ("gray",), 2: ("gray", ""), 3: COLOURS, 4: (*COLOURS, "")}
    return known.get(count, ("",) * count)
