"""What is known of the samples that a kernel slides over, and of the sums that it gives."""

from fractions import Fraction
from typing import Any

import numpy as np

from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)

COLOURS = ("red", "green", "blue")

LARGEST_SUM = 2**62
"""Integer sums stay below it, so that a bias can be added in 64 bits."""

NEAR_TIE = {FLOAT32: 2.0**-21, FLOAT64: 2.0**-44}
"""Values this close below a tie are rounded as the tie: a fraction of full scale, by sum dtype.

It is above the error of the sums, so that values which are ties but for that error are rounded
alike: for short floats a ten-thousandth of a level at 8 bits. Long floats are so precise that
quotients whose denominator has at most eight digits are rounded exactly.
"""


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
    near_tie
        Of full scale: values so close below a tie may be ties but for the error of the samples.
    allowed_error
        Of a sum of floats, as a fraction of the largest sample times ``Σ|weight|``.
    """

    height: int
    width: int
    names: tuple[str, ...]
    dtype: np.dtype[Any]
    limits: Pair | None
    full: int | float
    near_tie: float = 0.0
    allowed_error: float = 1e-13

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
class Shift:
    """``sums · factor + bias``: an offset added, of exact sums in units so fine that it is whole.

    Parameters
    ----------
    bias
        An ``int`` for exact sums.
    """

    factor: int
    bias: int | float

    @property
    def is_exact(self) -> bool:
        """Whether exact sums stay so."""
        return isinstance(self.bias, int)

    def apply(self, sums: Band, out: Band) -> None:
        """Fill ``out`` with the shifted sums."""
        if self.factor == 1 and not self.bias:
            out[...] = sums
            return
        # In 64 bits: what is read in fewer may have room for the shifted sums alone.
        shifted = sums.astype(np.int64 if self.is_exact else np.float64)
        np.multiply(shifted, self.factor, out=shifted)
        np.add(shifted, self.bias, out=out, casting="unsafe")


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
    near_tie
        Of full scale: values so close below a tie may be ties but for the error of the sums.
    """

    size: Pair
    names: tuple[str, ...]
    divisor: int | float
    full: int | float
    limits: Pair | None = None
    bounds: tuple[float, float] | None = None
    near_tie: float = 0.0

    def shifted(self, offset: int | Fraction) -> "Shift":
        """Return how a kernel's offset, a fraction of full scale, is added to the sums."""
        bias = Fraction(offset) * Fraction(self.full) * Fraction(self.divisor)
        if self.limits is not None:
            factor = bias.denominator
            if max(map(abs, self.limits)) * factor + abs(bias.numerator) < LARGEST_SUM:
                return Shift(factor, bias.numerator)
        return Shift(1, float(bias))

    def as_samples(self, offset: int | Fraction) -> Samples:
        """Describe the sums, an offset added, as samples of another step.

        They will be divided only at the very end.
        """
        height, width = self.size
        shift = self.shifted(offset)
        full = self.full * self.divisor * shift.factor
        if self.limits is None or not shift.is_exact:
            near = max(self.near_tie, NEAR_TIE[FLOAT64])
            return Samples(height, width, self.names, FLOAT64, None, full, near)
        low, high = (limit * shift.factor + int(shift.bias) for limit in self.limits)
        return Samples(height, width, self.names, np.dtype(np.int64), (low, high), int(full))


def channel_names(count: int) -> tuple[str, ...]:
    """Return what so many channels are taken for, when nothing else is known of them."""
    known = {1: ("gray",), 2: ("gray", ""), 3: COLOURS, 4: (*COLOURS, "")}
    return known.get(count, ("",) * count)
