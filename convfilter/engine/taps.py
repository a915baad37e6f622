"""Sums of shifted samples: the arithmetic that the integer and the direct algorithm share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.problem import Problem

Shift = tuple[int, int]


def count_operations(problem: Problem) -> int:
    """Count the additions and multiplications for one sample."""
    taps = int(np.count_nonzero(problem.weights))
    return taps + 2 * len(np.unique(problem.weights))


class TapSums:
    """Adds up ``weight · samples`` over all cells of a kernel, shift by shift.

    Parameters
    ----------
    problem
        Gives weights and dilation.
    dtype
        In which the sums are made; wide enough for every partial sum.
    """

    def __init__(self, problem: Problem, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._groups = _group_shifts(problem.weights, problem.dilation)

    def sums(self, padded: NDArray[Any], size: Shift, step: int) -> NDArray[Any]:
        """Return the sums for ``size`` (rows, pixels in a row) from a padded band.

        Parameters
        ----------
        padded
            Shape ``(rows, columns · step)``, of `dtype`.
        size
            Rows, and pixels in a row, of the result.
        step
            Samples a pixel.
        """
        rows, width = size[0], size[1] * step
        total = np.zeros((rows, width), self.dtype)
        partial = np.empty_like(total)
        for weight, shifts in self._groups:
            views = [
                padded[down : down + rows, right * step : right * step + width]
                for down, right in shifts
            ]
            np.add(total, _weighted(views, weight, partial), out=total)
        return total


def _group_shifts(weights: NDArray[Any], dilation: Shift) -> list[tuple[Any, list[Shift]]]:
    """Collect the cells of each weight other than 0, so that each is multiplied by once."""
    groups = []
    for weight in np.unique(weights[weights != 0]).tolist():
        cells = np.argwhere(weights == weight) * dilation
        groups.append((weight, [(int(down), int(right)) for down, right in cells]))
    return groups


def _weighted(views: list[NDArray[Any]], weight: Any, out: NDArray[Any]) -> NDArray[Any]:
    if len(views) == 1:
        np.multiply(views[0], weight, out=out)
        return out
    np.add(views[0], views[1], out=out)
    for view in views[2:]:
        np.add(out, view, out=out)
    if weight != 1:
        np.multiply(out, weight, out=out)
    return out
