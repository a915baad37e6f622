"""The border, laid around one band at a time."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.border import Border
from convfilter.engine.buffers import Scratch
from convfilter.engine.problem import Problem, Samples
from convfilter.options import Pair
from convfilter.rows import Band, Rows


def read_padded(
    problem: Problem, source: Rows, rows: Pair, dtype: np.dtype[Any], scratch: Scratch
) -> Band:
    """Read rows of the picture with its border around them.

    Parameters
    ----------
    rows
        First row and row after the last, counted in the picture: below 0 and from its
        height on lies the border.
    dtype
        Of the band; wide enough for the samples.

    Returns
    -------
    ndarray, shape (planes, rows, padded width · step)
    """
    top, bottom = rows
    left, right = problem.padding[1]
    height, width, step = problem.samples.height, problem.samples.width, source.step
    levels = constant_levels(problem.border, problem.samples).reshape(source.planes, 1, 1, step)
    pitch = (left + width + right) * step
    band = scratch.array((source.planes, bottom - top, pitch), dtype)
    inside = band[:, :, left * step : (left + width) * step]
    if top >= 0 and bottom <= height:
        source.read(top, bottom, inside)
    elif problem.border.index_map is not None:
        _gather(source, problem.border.index_map(np.arange(top, bottom), height), inside)
    else:
        _fill_around(source, top, height, np.tile(levels[:, :, 0], width), inside)
    if left or right:
        pixels = band.reshape(source.planes, bottom - top, left + width + right, step)
        _lay_sides(pixels, left, width, problem.border, levels)
    return band


def constant_levels(border: Border, samples: Samples) -> NDArray[Any]:
    """Return the value outside for each channel, in the samples' own units.

    Zeros where the border is not constant.
    """
    if border.index_map is not None:
        return np.zeros(samples.channels)
    levels = [level * Fraction(samples.full) for level in border.constant_levels(samples.names)]
    if samples.limits is None:
        return np.array([float(level) for level in levels])
    return np.array([int((level + Fraction(1, 2)) // 1) for level in levels])


def _gather(source: Rows, index: NDArray[Any], out: Band) -> None:
    """Read the rows that an index names, in its order; each stretch of them once."""
    needed = np.unique(index)
    lines = np.empty((out.shape[0], len(needed), out.shape[2]), out.dtype)
    starts = np.flatnonzero(np.diff(needed, prepend=-2) > 1).tolist()
    for start, end in zip(starts, [*starts[1:], len(needed)], strict=True):
        source.read(int(needed[start]), int(needed[end - 1]) + 1, lines[:, start:end])
    out[...] = lines[:, np.searchsorted(needed, index)]


def _fill_around(source: Rows, top: int, height: int, line: NDArray[Any], out: Band) -> None:
    """Read the rows inside the picture, and fill those outside with a line of constants."""
    bottom = top + out.shape[1]
    first, last = max(top, 0), min(bottom, height)
    if first >= last:
        out[...] = line
        return
    source.read(first, last, out[:, first - top : last - top])
    out[:, : first - top] = line
    out[:, last - top :] = line


def _lay_sides(
    pixels: NDArray[Any], left: int, width: int, border: Border, levels: NDArray[Any]
) -> None:
    """Fill the columns left and right of a band of shape (planes, rows, columns, step)."""
    inside = pixels[:, :, left : left + width]
    right = pixels.shape[2] - left - width
    for side, positions in (
        (pixels[:, :, :left], np.arange(-left, 0)),
        (pixels[:, :, left + width :], np.arange(width, width + right)),
    ):
        if border.index_map is None:
            side[...] = levels
        else:
            side[...] = inside[:, :, border.index_map(positions, width)]
