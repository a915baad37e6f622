"""Fourier transforms of tiles: the time does not grow with the kernel."""

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.algorithms import NotApplicable, Prepared, ReadRows, Shape
from convfilter.engine.costs import FFT_OVERHEAD, SECONDS_A_BUTTERFLY
from convfilter.engine.finiteness import keep_within_windows
from convfilter.engine.precision import LARGEST_EXACT, UNIT, shortest_floats
from convfilter.engine.problem import Problem
from convfilter.engine.samples import FLOAT32, FLOAT64
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band

TILES = (256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 2048, 3072, 4096, 6144, 8192)
"""Sides of tiles in pixels, all products of small primes."""

USUAL_SHARE = 1 / 16
"""Largest error found, as a share of its bound: 0.05 over photographs and noise, all kernels."""


@frozen
class TiledTransforms:
    """The algorithm made ready for one problem.

    Parameters
    ----------
    tile
        Height and width of the transforms.
    float_dtype
        In which they are done.
    """

    problem: Problem
    tile: Pair
    float_dtype: np.dtype[Any]
    uses_blas = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """The shortest that hold the padded band: a tile at a time is made floats."""
        return self.problem.padded_dtype

    @property
    def sum_dtype(self) -> np.dtype[Any]:
        """The floats that the transforms are done in."""
        return self.float_dtype

    @property
    def kept(self) -> Pair:
        """Height and width of the part of a tile that is free of wrap-around."""
        return _kept(self.problem, self.tile)

    @property
    def block_rows(self) -> int:
        """One row of tiles."""
        return self.kept[0]

    @property
    def carried_rows(self) -> int:
        """None: each tile is transformed by itself."""
        return 0

    def seconds(self, rows: int) -> float:  # noqa: ARG002
        """Estimate the time for one sample on one core."""
        butterflies = _butterflies(self.tile) / math.prod(self.kept)
        return self.float_dtype.itemsize / 4 * (FFT_OVERHEAD + SECONDS_A_BUTTERFLY * butterflies)

    def workspace(self, shape: Shape, size: Pair, step: int) -> "TransformWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        return TransformWorkspace(self, shape, size, step)

    def filter_tile(self, tile: NDArray[Any], floats: NDArray[Any], out: NDArray[Any]) -> None:
        """Fill ``out`` with the sums of a tile of one channel, using ``floats`` up."""
        from scipy import fft

        rows, columns = tile.shape
        if tile.shape != self.tile:
            floats[...] = 0
        # Around the middle of the scale the numbers, and so the errors, are half as large.
        np.subtract(tile, self._middle, out=floats[:rows, :columns], casting="unsafe")
        spectrum = fft.rfft2(floats, overwrite_x=True)
        spectrum *= self._spectrum
        sums = np.asarray(fft.irfft2(spectrum, s=self.tile, overwrite_x=True))
        np.add(sums[: out.shape[0], : out.shape[1]], self._middle_sum, out=out)

    @property
    def _middle(self) -> Any:
        limits = self.problem.samples.limits
        return self.float_dtype.type((limits[0] + limits[1] + 1) // 2 if limits else 0)

    @cached_property
    def _middle_sum(self) -> Any:
        return self.float_dtype.type(float(self._middle) * float(self.problem.weights.sum()))

    @cached_property
    def _spectrum(self) -> NDArray[Any]:
        from scipy import fft

        spread = np.zeros(self.tile)
        down, right = self.problem.dilation
        rows, columns = self.problem.window
        spread[:rows:down, :columns:right] = self.problem.weights
        spectrum: NDArray[Any] = np.conj(fft.rfft2(spread))
        return spectrum.astype(np.result_type(self.float_dtype, np.complex64))


class TransformWorkspace:
    """One thread's memory for bands of one shape."""

    def __init__(self, owner: TiledTransforms, shape: Shape, size: Pair, step: int) -> None:
        self._band: Band = np.empty(shape, owner.dtype)
        self._owner = owner
        self._pixels = self._band.reshape(shape[0], shape[1], -1, step).transpose(0, 3, 1, 2)
        self._floats = np.empty(owner.tile, owner.float_dtype)
        self._sums: Band = np.empty((shape[0], size[0], size[1] * step), owner.float_dtype)
        self._results = self._sums.reshape(shape[0], *size, step).transpose(0, 3, 1, 2)

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band, tile by tile; see `Workspace`."""
        read(top, top + self._band.shape[1], self._band)
        (height, width), (rows, columns) = self._owner.tile, self._owner.kept
        for first in range(0, self._results.shape[2], rows):
            for left in range(0, self._results.shape[3], columns):
                tile = self._pixels[:, :, first : first + height, left : left + width]
                out = self._results[:, :, first : first + rows, left : left + columns]
                # One channel after the other: a transform and its result stay in cache.
                for channel in np.ndindex(out.shape[:2]):
                    self._owner.filter_tile(tile[channel], self._floats, out[channel])
        if self._owner.problem.is_exact:
            np.rint(self._sums, out=self._sums)
        return self._sums


def prepare(problem: Problem) -> Prepared:
    """Make ready for transforms in floats that are precise, or exact, enough.

    Raises
    ------
    NotApplicable
        If no floats are, or the kernel is larger than the largest tile.
    """
    tile = _best_tile(problem)
    bound = _error_bound(problem, tile)
    if problem.is_exact:
        fitting = [
            dtype
            for dtype in (FLOAT32, FLOAT64)
            if bound * UNIT[dtype] < 0.25 and problem.largest_sum <= LARGEST_EXACT[dtype]
        ]
        if not fitting:
            raise NotApplicable("the exact sums could not be recovered from 64-bit floats")
        return TiledTransforms(problem, tile, fitting[0])
    total = float(np.abs(problem.weights).sum()) * _largest_sample(problem)
    dtype = shortest_floats(problem, USUAL_SHARE * bound / total if total else math.inf)
    return keep_within_windows(problem, TiledTransforms(problem, tile, dtype))


def _best_tile(problem: Problem) -> Pair:
    """Return the tile with which the transforms cost least for each pixel that they give."""
    best: tuple[float, Pair] | None = None
    for number, columns in enumerate(TILES, 1):
        # High tiles would leave few bands to the threads, which hold a row of tiles each.
        for rows in TILES[:number]:
            kept = _kept(problem, (rows, columns))
            if min(kept) < 1:
                continue
            # The last ones are as large as all others, however little of the picture is left.
            tiles = math.prod(-(-s // k) for s, k in zip(problem.dense_size, kept, strict=True))
            cost = tiles * _butterflies((rows, columns))
            if best is None or cost < best[0]:
                best = cost, (rows, columns)
    if best is None:
        raise NotApplicable(f"the kernel is larger than the largest tile, {TILES[-1]} pixels")
    return best[1]


def _butterflies(tile: Pair) -> float:
    """Count the operations of a transform and back."""
    area = math.prod(tile)
    # Tiles beyond the cache cost more.
    crowded = 1.0 + 0.25 * max(0.0, math.log2(area / 2**18))
    return crowded * area * math.log2(area)


def _kept(problem: Problem, tile: Pair) -> Pair:
    """Return height and width of the part of a tile that is free of wrap-around."""
    return tile[0] - problem.window[0] + 1, tile[1] - problem.window[1] + 1


def _largest_sample(problem: Problem) -> float:
    """Return the largest absolute value of an integer sample around the middle; 1 for floats."""
    limits = problem.samples.limits
    return (limits[1] - limits[0]) / 2 if limits else 1.0


def _error_bound(problem: Problem, tile: Pair) -> float:
    """Bound the error of a sum, in units of the rounding error of 1."""
    energy = math.sqrt(tile[0] * tile[1]) * _largest_sample(problem)
    weight = float(np.sqrt((problem.weights.astype(float) ** 2).sum()))
    return math.log2(tile[0] * tile[1]) * energy * weight
