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
from convfilter.once import once_property
from convfilter.options import Pair
from convfilter.rows import Band

TILES = (256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 2048, 3072, 4096, 6144, 8192)
"""Sides of tiles in pixels, all products of small primes."""

PAIRED = 0.85
"""Time to transform two tiles at once, as a fraction of that for one after the other."""

USUAL_SHARE = 1 / 23
"""Share of its bound that an error reaches: at most 0.035 in photographs and noise, all kernels."""

LARGEST_ERROR = 2.0**-6
"""In levels: a larger error would show in flat areas, which share a tile with details."""

Place = tuple[int, int, int]
"""The first column of a tile, its plane, and its channel in the plane."""


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
    def complex_dtype(self) -> np.dtype[Any]:
        """Of the transforms."""
        return np.result_type(self.float_dtype, np.complex64)

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
        butterflies = _transforms(self.problem, self.tile) / math.prod(self.problem.dense_size)
        butterflies *= PAIRED if self.takes_pairs else 1
        return self.float_dtype.itemsize / 4 * (FFT_OVERHEAD + SECONDS_A_BUTTERFLY * butterflies)

    @property
    def takes_pairs(self) -> bool:
        """Whether two tiles may share a transform, and so their rounding errors.

        Float samples may differ much in size from one tile to the other.
        """
        samples = self.problem.samples
        in_a_row = -(-self.problem.dense_size[1] // self.kept[1]) * samples.channels
        return samples.limits is not None and in_a_row > 1

    @property
    def extra_bytes(self) -> int:
        """A tile, its transform and its sums, and that of the weights."""
        return 4 * math.prod(self.tile) * self.complex_dtype.itemsize

    def workspace(self, shape: Shape, size: Pair, step: int) -> "TransformWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        return TransformWorkspace(self, shape, size, step)

    def filter(self, tile: NDArray[Any]) -> NDArray[Any]:
        """Return the sums of a tile, or of two as real and imaginary parts; use it up.

        The weights are real, and so leave the parts as they are.
        """
        from scipy import fft

        if tile.dtype == self.float_dtype:
            spectrum = fft.rfft2(tile, overwrite_x=True)
            spectrum *= self._spectrum[:, : spectrum.shape[1]]
            return np.asarray(fft.irfft2(spectrum, s=self.tile, overwrite_x=True))
        spectrum = fft.fft2(tile, overwrite_x=True)
        spectrum *= self._spectrum
        columns = fft.ifft(spectrum, axis=0, overwrite_x=True)
        # Rows that are not kept need not be transformed back to the end.
        return np.asarray(fft.ifft(columns[: self.kept[0]], overwrite_x=True))

    @property
    def middle(self) -> int:
        """Of the scale of integer samples."""
        limits = self.problem.samples.limits
        return (limits[0] + limits[1] + 1) // 2 if limits else 0

    @cached_property
    def middle_sum(self) -> Any:
        """The sum of a window in which all samples are that."""
        return self.float_dtype.type(self.middle * float(self.problem.weights.sum()))

    @once_property
    def _spectrum(self) -> NDArray[Any]:
        """Of the weights; half of the columns, for the rest mirrors them, unless for pairs."""
        from scipy import fft

        spread = np.zeros(self.tile)
        down, right = self.problem.dilation
        rows, columns = self.problem.window
        spread[:rows:down, :columns:right] = self.problem.weights
        spectrum = fft.rfft2(spread, overwrite_x=True)
        half = np.conj(spectrum, out=spectrum).astype(self.complex_dtype, copy=False)
        return _mirrored(half) if self.takes_pairs else half


class TransformWorkspace:
    """One thread's memory for bands of one shape."""

    def __init__(self, owner: TiledTransforms, shape: Shape, size: Pair, step: int) -> None:
        self._owner = owner
        self._band: Band = np.empty(shape, owner.dtype)
        # Around the middle of the scale, and so signed, numbers and errors are half as large.
        around = self._band.view(f"i{owner.dtype.itemsize}") if owner.middle else self._band
        self._pixels = around.reshape(*shape[:2], -1, step)
        self._numbers = np.empty(owner.tile, owner.complex_dtype)
        self._alone = np.empty(owner.tile, owner.float_dtype)
        self._sums: Band = np.empty((shape[0], size[0], size[1] * step), owner.float_dtype)
        self._results = self._sums.reshape(shape[0], *size, step)

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band, tile by tile; see `Workspace`."""
        read(top, top + self._band.shape[1], self._band)
        if self._owner.middle:
            np.subtract(self._band, self._owner.middle, out=self._band)
        together = self._together()
        for first in range(0, self._results.shape[1], self._owner.kept[0]):
            for places in together:
                self._filter(first, places)
        if self._owner.problem.is_exact:
            np.rint(self._sums, out=self._sums)
        return self._sums

    def _together(self) -> list[list[Place]]:
        """Return what of a row of tiles shares a transform.

        Two channels of a tile, which lie side by side in memory; of an odd number of channels
        the last one with that of the next tile.
        """
        planes, _, width, step = self._results.shape
        tiles = [
            [(left, *channel) for channel in np.ndindex(planes, step)]
            for left in range(0, width, self._owner.kept[1])
        ]
        if not self._owner.takes_pairs:
            return [[place] for tile in tiles for place in tile]
        even, found = planes * step // 2 * 2, []
        for number in range(0, len(tiles), 2):
            both = tiles[number : number + 2]
            found += [tile[n : n + 2] for tile in both for n in range(0, even, 2)]
            found += [[tile[even] for tile in both]] if even < planes * step else []
        return found

    def _filter(self, first: int, places: list[Place]) -> None:
        """Fill the sums of one or two tiles whose first row is given."""
        tile = self._numbers if len(places) == 2 else self._alone
        for part, (left, plane, channel) in zip(_parts(tile), places, strict=True):
            _lay(self._pixels[plane, first:, left:, channel], part)
        sums = self._owner.filter(tile)
        rows, columns = self._owner.kept
        bottom, (left, plane, channel) = first + rows, places[0]
        if places[1:] == [(left, plane, channel + 1)]:
            pairs = self._results[plane, first:bottom, left : left + columns]
            both = pairs[..., channel : channel + 2].view(sums.dtype)[..., 0]
            both_sums = self._owner.middle_sum * (1 + 1j)
            np.add(sums[: both.shape[0], : both.shape[1]], both_sums, out=both)
            return
        for part, (left, plane, channel) in zip(_parts(sums), places, strict=True):
            out = self._results[plane, first:bottom, left : left + columns, channel]
            np.add(part[: out.shape[0], : out.shape[1]], self._owner.middle_sum, out=out)


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
    error = USUAL_SHARE * bound * UNIT[FLOAT64] / abs(float(problem.divisor))
    if problem.samples.limits is not None and error > LARGEST_ERROR:
        raise NotApplicable("its rounding errors would show in flat areas")
    total = float(np.abs(problem.weights).sum()) * _largest_sample(problem)
    dtype = shortest_floats(problem, USUAL_SHARE * bound / total if total else math.inf)
    return keep_within_windows(problem, TiledTransforms(problem, tile, dtype))


def _parts(numbers: NDArray[Any]) -> list[NDArray[Any]]:
    return [numbers.real, numbers.imag] if numbers.dtype.kind == "c" else [numbers]


def _lay(samples: NDArray[Any], part: NDArray[Any]) -> None:
    """Lay the first samples into a tile, or what there is of them with zeros around."""
    tile = samples[: part.shape[0], : part.shape[1]]
    if tile.shape != part.shape:
        part[...] = 0
    np.copyto(part[: tile.shape[0], : tile.shape[1]], tile, casting="unsafe")


def _mirrored(half: NDArray[Any]) -> NDArray[Any]:
    """Return the whole transform of real weights, of which half of the columns are known."""
    other = half[:, -2:0:-1]
    return np.hstack([half, np.conj(np.vstack([other[:1], other[:0:-1]]))])


def _best_tile(problem: Problem) -> Pair:
    """Return the tile with which the transforms cost least for each pixel that they give."""
    best: tuple[float, Pair] | None = None
    for number, columns in enumerate(TILES, 1):
        # High tiles would leave few bands to the threads, which hold a row of tiles each.
        for rows in TILES[:number]:
            if min(_kept(problem, (rows, columns))) < 1:
                continue
            cost = _transforms(problem, (rows, columns))
            if best is None or cost < best[0]:
                best = cost, (rows, columns)
    if best is None:
        raise NotApplicable(f"the kernel is larger than the largest tile, {TILES[-1]} pixels")
    return best[1]


def _transforms(problem: Problem, tile: Pair) -> float:
    """Count the operations for a channel of the whole picture."""
    # The last tiles are as large as all others, however little of the picture is left.
    pairs = zip(problem.dense_size, _kept(problem, tile), strict=True)
    return math.prod(-(-size // kept) for size, kept in pairs) * _butterflies(tile)


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
    # Of two tiles together, the real and the imaginary parts of one.
    energy = math.sqrt(2 * tile[0] * tile[1]) * _largest_sample(problem)
    weight = float(np.sqrt((problem.weights.astype(float) ** 2).sum()))
    return math.log2(tile[0] * tile[1]) * energy * weight
