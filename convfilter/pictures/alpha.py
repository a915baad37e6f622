"""Transparency: colours weighted by their alpha while they are filtered.

So what cannot be seen does not bleed into what can.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.finish import Finish
from convfilter.engine.plan import Plan
from convfilter.rows import Band, Rows


class PremultipliedRows:
    """Colour times alpha, and alpha last: all planes with ``full²`` as white.

    Parameters
    ----------
    rows
        Colour planes and alpha last.
    full
        The value of white in them.
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


class CentreRows:
    """For each pixel of a result, the pixel of the picture that its window is centred on.

    Outside the picture it is the nearest pixel on the edge.
    """

    def __init__(self, rows: Rows, plan: Plan) -> None:
        self.step = rows.step
        self.planes = rows.planes
        self._rows = rows
        self._width = plan.samples.width
        self._row, self._column = (_centres(plan, axis) for axis in (0, 1))

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the pixels under rows ``top`` to ``bottom - 1`` of the result."""
        rows = self._row[top:bottom]
        first, last = int(rows[0]), int(rows[-1])
        planes = np.empty((self.planes, last + 1 - first, self._width), out.dtype)
        self._rows.read(first, last + 1, planes)
        out[...] = planes[:, rows - first][:, :, self._column]


def _centres(plan: Plan, axis: int) -> NDArray[Any]:
    """Return the position in the picture under each row or column of the result."""
    positions = np.arange(plan.size[axis])
    for stage in reversed(plan.stages):
        # The steps of a stage are laid so that their origins lie on one pixel.
        problem, kernel = stage.steps[0].problem, stage.steps[0].kernel.laid_for("correlate")
        before = problem.padding[axis][0]
        reach = kernel.origin[axis] * problem.dilation[axis]
        positions = positions * problem.stride[axis] + reach - before
    length = (plan.samples.height, plan.samples.width)[axis]
    return np.clip(positions, 0, length - 1)


@dataclass(frozen=True)
class _ColourFinish:
    """Finishes colours, and leaves the extremes of the whole picture to their finish."""

    finish: Finish

    @property
    def needs_extremes(self) -> bool:
        """Whether the whole picture's sums must be seen first."""
        return self.finish.needs_extremes

    def with_extremes(self, extremes: tuple[Any, Any]) -> Self:
        """Return the same, knowing the picture's lowest and highest sum."""
        return replace(self, finish=self.finish.with_extremes(extremes))


@dataclass(frozen=True)
class KeptAlphaFinish(_ColourFinish):
    """Finishes the colours, and puts the picture's own alpha behind them."""

    alpha: CentreRows

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest sum of a band."""
        return self.finish.extremes_of(sums)

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band; return how many samples had to be clipped."""
        self.alpha.read(top, top + out.shape[1], out[-1:])
        return self.finish(top, sums, out[:-1])


@dataclass(frozen=True)
class UnpremultipliedFinish(_ColourFinish):
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
    """

    gain: Fraction | int
    full: int
    originals: CentreRows

    def extremes_of(self, sums: Band) -> tuple[Any, Any]:
        """Return the lowest and highest colour that is visible in a band."""
        alpha = sums[-1]
        seen = self._coverage(alpha) > 0
        colours = [self._colour(colour, alpha)[seen] for colour in sums[:-1]]
        return self._colour_finish.extremes_of(np.concatenate(colours))

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band with colours and alpha; return how many colours had to be clipped."""
        alpha = sums[-1]
        coverage = self._coverage(alpha)
        opacity = coverage if self.finish.dtype.kind == "f" else np.floor(coverage + 0.5)
        hidden = opacity.astype(self.finish.dtype) == 0
        originals = np.empty(out.shape, out.dtype)
        self.originals.read(top, top + out.shape[1], originals)
        clipped = 0
        for colour, original, levels in zip(sums[:-1], originals[:-1], out[:-1], strict=True):
            values = self._colour(colour, alpha)
            values[hidden] = 0
            clipped += self._colour_finish.finish(values, levels)
            levels[hidden] = original[hidden]
        out[-1] = opacity
        return clipped

    @property
    def _colour_finish(self) -> Finish:
        return replace(
            self.finish,
            divisor=1,
            offset=self.finish.offset / self.full,
            full=self.full,
            sum_limits=None,
            may_clip=True,
            ties_are_exact=True,
        )

    def _coverage(self, alpha: NDArray[Any]) -> NDArray[Any]:
        """Return alpha in the result's units, not yet rounded, between 0 and full."""
        scale = float(self.gain * Fraction(self.finish.divisor) * self.full)
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
