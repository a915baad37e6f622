"""Transparency: colours weighted by their alpha while they are filtered.

So what cannot be seen does not bleed into what can.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.finish import Finish
from convfilter.frozen import frozen
from convfilter.pictures.centre import CentreRows
from convfilter.pictures.finishing import WrappingFinish, nearness
from convfilter.rows import Band, Rows


class PremultipliedRows:
    """Colour times alpha, and alpha last: all planes with ``full²`` as white.

    Parameters
    ----------
    rows
        Colour planes and alpha last.
    full
        The value of white in them.
    dtype
        Of the rows.
    """

    step = 1

    def __init__(self, rows: Rows, full: int, dtype: np.dtype[Any]) -> None:
        self.planes = rows.planes
        wider = {"uint8": "uint16", "uint16": "uint32"}
        self.dtype: np.dtype[Any] = np.dtype(wider.get(str(dtype), dtype))
        self._rows = rows
        self._full = full

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the products."""
        planes = np.empty(out.shape, self.dtype)
        self._rows.read(top, bottom, planes)
        planes[:-1] *= planes[-1]
        planes[-1] *= planes.dtype.type(self._full)
        out[...] = planes


@frozen
class KeptAlphaFinish(WrappingFinish):
    """Finishes the colours, and puts the picture's own alpha behind them."""

    alpha: CentreRows

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band; return how many samples had to be clipped."""
        self.alpha.read(top, top + out.shape[1], out[-1:])
        return self.finish(top, sums, out[:-1])


def is_hidden(alpha: NDArray[Any], step: float) -> NDArray[Any]:
    """Tell where alpha will be 0 in a result whose levels lie a step apart."""
    hidden: NDArray[Any] = (alpha <= 0) | (alpha < step / 2)
    return hidden


@frozen
class UnpremultipliedFinish(WrappingFinish):
    """Divides filtered colours by filtered alpha, then finishes them.

    Parameters
    ----------
    finish
        For a colour; its full scale is that of the premultiplied planes, ``full²``.
    gain
        Sum of the weights over the divisor, of all kernels together; not 0. Alpha is
        divided by it, so that a kernel that darkens or brightens leaves alpha as it was.
    full
        The value of white in the result.
    originals
        Keep their colour where the result is fully transparent.
    step
        How far apart the levels are to which alpha will be rounded; 0 if it is not.
    """

    finish: Finish
    gain: Fraction | int
    full: int
    originals: CentreRows
    step: float

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest colour that is visible in a band."""
        alpha = sums[-1]
        seen = ~is_hidden(self._coverage(alpha), self.step)
        colours = [self._colour(colour, alpha)[seen] for colour in sums[:-1]]
        return self._colour_finish.extremes_of(np.concatenate(colours))

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band with colours and alpha; return how many colours had to be clipped."""
        alpha = sums[-1]
        coverage = self._coverage(alpha)
        hidden = is_hidden(coverage, self.step)
        originals = np.empty(out.shape, out.dtype)
        self.originals.read(top, top + out.shape[1], originals)
        clipped = 0
        for colour, original, levels in zip(sums[:-1], originals[:-1], out[:-1], strict=True):
            values = self._colour(colour, alpha)
            values[hidden] = 0
            clipped += self._colour_finish.finish(values, levels)
            levels[hidden] = original[hidden]
        out[-1] = coverage if self.finish.dtype.kind == "f" else np.floor(coverage + 0.5)
        return clipped

    @property
    def _colour_finish(self) -> Finish:
        return replace(
            self.finish,
            divisor=1,
            offset=self.finish.offset / self._opaque,
            full=self.full,
            sum_limits=None,
            may_clip=True,
            near_tie=nearness(self.finish),
        )

    @property
    def _opaque(self) -> int:
        """What colours were multiplied by where nothing shines through."""
        return int(self.finish.full) // self.full

    def _coverage(self, alpha: NDArray[Any]) -> NDArray[Any]:
        """Return alpha in the result's units, not yet rounded, between 0 and full."""
        scale = float(self.gain * Fraction(self.finish.divisor) * self._opaque)
        coverage: NDArray[Any] = np.divide(alpha, scale, dtype=np.float64)
        np.clip(coverage, 0, self.full, out=coverage)
        return coverage

    def _colour(self, colour: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
        """Return ``(colour ÷ divisor) ÷ (alpha ÷ (gain · divisor))``.

        One quotient of integers, so that ties stay ties: its factors are shortened first.
        """
        gain = Fraction(self.gain)
        over = alpha.astype(np.float64) * float(gain.denominator)
        values: NDArray[Any] = colour.astype(np.float64) * float(gain.numerator * self.full)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            np.divide(values, over, out=values)
        return values
