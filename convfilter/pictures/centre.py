"""The pixel of the picture that lies under each pixel of a result."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.plan import Plan
from convfilter.rows import Band, Rows


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
