"""The border, laid around one band at a time."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.border import Border, IndexMap
from convfilter.engine.problem import Problem, Samples
from convfilter.rows import Planes, Rows


def read_padded(
    problem: Problem, source: Rows, top: int, bottom: int, dtype: np.dtype[Any]
) -> Planes:
    """Read rows of the picture with its border around it.

    Parameters
    ----------
    top, bottom
        Rows counted in the picture: below 0 and from its height on lies the border.
    dtype
        Of the planes returned; wide enough for the samples.

    Returns
    -------
    list of ndarray, shape (bottom - top, padded width · step)
    """
    left, right = problem.padding[1]
    width, step = problem.samples.width, source.step
    levels = constant_levels(problem.border, problem.samples).reshape(source.planes, step)
    rows = _read_rows(problem, source, top, bottom, levels)
    padded = []
    for plane, level in zip(rows, levels, strict=True):
        out = np.empty((bottom - top, left + width + right, step), dtype)
        inside = plane.reshape(bottom - top, width, step)
        out[:, left : left + width] = inside
        for edge, positions in (
            (out[:, :left], np.arange(-left, 0)),
            (out[:, left + width :], np.arange(width, width + right)),
        ):
            _fill_columns(edge, inside, positions, problem.border.index_map, level)
        padded.append(out.reshape(bottom - top, -1))
    return padded


def constant_levels(border: Border, samples: Samples) -> NDArray[Any]:
    """Return the value outside for each channel, in the samples' own units.

    Zeros where the border is not constant.
    """
    if border.index_map is not None:
        return np.zeros(samples.channels)
    levels = [level * samples.full for level in border.constant_levels(samples.names)]
    if samples.limits is None:
        return np.array([float(level) for level in levels])
    return np.array([int((level + Fraction(1, 2)) // 1) for level in levels])


def _read_rows(
    problem: Problem, source: Rows, top: int, bottom: int, levels: NDArray[Any]
) -> Planes:
    height, width = problem.samples.height, problem.samples.width
    if top >= 0 and bottom <= height:
        return source.read(top, bottom)
    index_map = problem.border.index_map
    if index_map is not None:
        return _gather(source, index_map(np.arange(top, bottom), height))
    first, last = max(top, 0), min(bottom, height)
    dtype = np.result_type(problem.samples.dtype, levels.dtype)
    planes: Planes = [np.tile(level.astype(dtype), (bottom - top, width)) for level in levels]
    if first < last:
        for plane, inside in zip(planes, source.read(first, last), strict=True):
            plane[first - top : last - top] = inside
    return planes


def _gather(source: Rows, index: NDArray[Any]) -> Planes:
    """Read the rows that an index names, in its order; each stretch of them once."""
    needed = np.unique(index)
    stretches = np.split(needed, np.flatnonzero(np.diff(needed) > 1) + 1)
    parts = [source.read(int(rows[0]), int(rows[-1]) + 1) for rows in stretches]
    order = np.searchsorted(needed, index)
    return [np.concatenate(plane)[order] for plane in zip(*parts, strict=True)]


def _fill_columns(
    edge: NDArray[Any],
    inside: NDArray[Any],
    positions: NDArray[Any],
    index_map: IndexMap | None,
    level: NDArray[Any],
) -> None:
    if index_map is None:
        edge[:] = level
    else:
        edge[:] = inside[:, index_map(positions, inside.shape[1])]
