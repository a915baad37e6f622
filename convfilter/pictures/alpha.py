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
from convfilter.rows import Planes, Rows, Sink


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

    def read(self, top: int, bottom: int) -> Planes:
        """Return new planes, wide enough for the products."""
        *colours, alpha = self._rows.read(top, bottom)
        wide = alpha.astype(self.dtype)
        return [*(colour * wide for colour in colours), wide * self._full]


class CentreRows:
    """For each pixel of a result, the pixel of the picture that its window is centred on.

    Outside the picture it is the nearest pixel on the edge.
    """

    def __init__(self, rows: Rows, plan: Plan) -> None:
        self.step = rows.step
        self.planes = rows.planes
        self._rows = rows
        self._row, self._column = (_centres(plan, axis) for axis in (0, 1))

    def read(self, top: int, bottom: int) -> Planes:
        """Return the pixels under rows ``top`` to ``bottom - 1`` of the result."""
        rows = self._row[top:bottom]
        first = int(rows[0])
        planes = self._rows.read(first, int(rows[-1]) + 1)
        return [plane[rows - first][:, self._column] for plane in planes]


def _centres(plan: Plan, axis: int) -> NDArray[Any]:
    """Return the position in the picture under each row or column of the result."""
    positions = np.arange(plan.size[axis])
    for step in reversed(plan.steps):
        problem, kernel = step.problem, step.kernel
        origin = kernel.origin[axis]
        if kernel.operation == "convolve":
            origin = kernel.weights.shape[axis] - 1 - origin
        before = problem.padding[axis][0]
        positions = positions * problem.stride[axis] + origin * problem.dilation[axis] - before
    length = (plan.samples.height, plan.samples.width)[axis]
    return np.clip(positions, 0, length - 1)


class KeptAlphaSink:
    """Passes colour planes on with the picture's own alpha behind them."""

    def __init__(self, sink: Sink, alpha: CentreRows) -> None:
        self._sink = sink
        self._alpha = alpha

    def write(self, top: int, planes: Planes) -> None:
        """Write the colours and the alpha under them."""
        alpha = self._alpha.read(top, top + planes[0].shape[0])
        self._sink.write(top, [*planes, *alpha])


@dataclass(frozen=True)
class UnpremultipliedFinish:
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

    finish: Finish
    gain: Fraction | int
    full: int
    originals: CentreRows

    @property
    def needs_extremes(self) -> bool:
        """Whether the whole picture's values must be seen first."""
        return self.finish.needs_extremes

    def with_extremes(self, extremes: tuple[Any, Any]) -> Self:
        """Return the same, knowing the picture's lowest and highest value."""
        return replace(self, finish=self.finish.with_extremes(extremes))

    def extremes_of(self, planes: Planes) -> tuple[Any, Any]:
        """Return the lowest and highest colour that is visible in a band."""
        alpha = planes[-1]
        seen = self._coverage(alpha) > 0
        return self._colour_finish.extremes_of([self._colour(p, alpha)[seen] for p in planes[:-1]])

    def __call__(self, top: int, planes: Planes) -> tuple[Planes, int]:
        """Return colours and alpha of a band, and how many colours had to be clipped."""
        *colours, alpha = planes
        coverage = self._coverage(alpha)
        rounded = coverage if self.finish.dtype.kind == "f" else np.floor(coverage + 0.5)
        opacity = rounded.astype(self.finish.dtype)
        hidden = opacity == 0
        finished: Planes = []
        clipped = 0
        originals = self.originals.read(top, top + alpha.shape[0])[:-1]
        for colour, original in zip(colours, originals, strict=True):
            values = self._colour(colour, alpha)
            values[hidden] = 0
            levels, count = self._colour_finish.finish(values)
            levels[hidden] = original[hidden]
            clipped += count
            finished.append(levels)
        return [*finished, opacity], clipped

    @property
    def _colour_finish(self) -> Finish:
        return replace(
            self.finish,
            divisor=1,
            offset=self.finish.offset / self.full,
            full=self.full,
            sum_limits=None,
            ties_are_exact=True,
        )

    def _coverage(self, alpha: NDArray[Any]) -> NDArray[Any]:
        """Return alpha in the result's units, not yet rounded, between 0 and full."""
        scale = float(self.gain * Fraction(self.finish.divisor) * self.full)
        coverage: NDArray[Any] = np.divide(alpha, scale, dtype=np.float64)
        np.clip(coverage, 0, self.full, out=coverage)
        return coverage

    def _colour(self, colour: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
        """Return ``(colour ÷ divisor) ÷ (alpha ÷ (gain · divisor))``, alpha at most 1.

        One quotient of integers, so that ties stay ties: its factors are shortened first.
        """
        gain, most = Fraction(self.gain), self.gain * Fraction(self.finish.divisor) * self.full**2
        sign = 1 if gain > 0 else -1
        over = np.minimum(sign * alpha.astype(np.float64), abs(float(most)))
        above = colour.astype(np.float64) * float(sign * gain.numerator * self.full)
        with np.errstate(divide="ignore", invalid="ignore"):
            np.divide(above, over * float(gain.denominator), out=above)
        return above
