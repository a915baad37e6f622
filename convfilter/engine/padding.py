"""The border, laid around one band at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.problem import Problem, border_levels
from convfilter.rows import Band, Rows


class PaddedRows:
    """Rows of a source with the border of a problem around them.

    What is the same for all bands is worked out once.
    """

    def __init__(self, problem: Problem, source: Rows) -> None:
        self._source = source
        self._height, self._width = problem.samples.height, problem.samples.width
        self._left, self._right = problem.padding[1]
        self._index_map = problem.border.index_map
        shape = source.planes, 1, 1, source.step
        levels = border_levels(problem.border, problem.samples)
        kind = round if problem.samples.limits else float
        self._levels = np.array([kind(level) for level in levels]).reshape(shape)
        self._scale = problem.scale
        self._line = np.tile(self._levels[:, :, 0], self._width)
        if self._index_map is not None:
            outside = np.arange(-self._left, 0), np.arange(self._width, self._width + self._right)
            self._columns = [self._index_map(positions, self._width) for positions in outside]

    def read(self, top: int, bottom: int, band: Band) -> None:
        """Fill a band of shape (planes, rows, padded width · step).

        Parameters
        ----------
        top, bottom
            Counted in the picture: below 0 and from its height on lies the border.
        """
        step = self._source.step
        inside = band[:, :, self._left * step : (self._left + self._width) * step]
        if self._index_map is None:
            _fill_around(self._source, top, self._height, self._line, self._scale, inside)
        elif top >= 0 and bottom <= self._height:
            self._source.read(top, bottom, inside)
        else:
            index = self._index_map(np.arange(top, bottom), self._height)
            _gather(self._source, top, self._height, index, inside)
        if self._left or self._right:
            self._lay_sides(band.reshape(*band.shape[:2], -1, step))

    def _lay_sides(self, pixels: NDArray[Any]) -> None:
        """Fill the columns left and right of a band of shape (planes, rows, columns, step)."""
        end = self._left + self._width
        sides = pixels[:, :, : self._left], pixels[:, :, end:]
        if self._index_map is None:
            for side in sides:
                side[...] = self._levels
            return
        inside = pixels[:, :, self._left : end]
        for side, columns in zip(sides, self._columns, strict=True):
            side[...] = inside[:, :, columns]


def _gather(source: Rows, top: int, height: int, index: NDArray[Any], out: Band) -> None:
    """Read the rows that an index names: those inside the picture where they belong."""
    first, last = max(top, 0), min(top + len(index), height)
    if first < last:
        source.read(first, last, out[:, first - top : last - top])
    is_outside = np.ones(len(index), bool)
    is_outside[max(first - top, 0) : max(last - top, 0)] = False
    is_there = (index >= first) & (index < last)
    copied, missing = is_outside & is_there, is_outside & ~is_there
    out[:, copied] = out[:, index[copied] - top]
    if missing.any():
        out[:, missing] = _lines(source, index[missing], out)


def _lines(source: Rows, index: NDArray[Any], like: Band) -> Band:
    """Return the rows that an index names, in its order; each stretch of them is read once."""
    ordered = np.sort(index)
    needed = ordered[np.diff(ordered, prepend=-1) > 0]
    lines = np.empty((like.shape[0], len(needed), like.shape[2]), like.dtype)
    starts = np.flatnonzero(np.diff(needed, prepend=-2) > 1).tolist()
    for start, end in zip(starts, [*starts[1:], len(needed)], strict=True):
        source.read(int(needed[start]), int(needed[end - 1]) + 1, lines[:, start:end])
    return lines[:, np.searchsorted(needed, index)]


def _fill_around(
    source: Rows, top: int, height: int, line: NDArray[Any], scale: int, out: Band
) -> None:
    """Read the rows inside the picture, and fill those outside with a line of constants."""
    bottom = top + out.shape[1]
    first, last = max(top, 0), min(bottom, height)
    if first >= last:
        out[...] = line
        return
    inside = out[:, first - top : last - top]
    source.read(first, last, inside)
    if scale != 1:
        inside *= out.dtype.type(scale)
    out[:, : first - top] = line
    out[:, last - top :] = line
