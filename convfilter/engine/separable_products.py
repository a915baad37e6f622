"""Outer products by banded matrices: along the rows first, and then down the columns.

The channels are laid apart as the samples are made floats. The products along the rows come
out with rows and columns swapped, those down the columns swap them back: so each matrix is
multiplied as it lies in memory, and the sums are interleaved again without a pass of their own.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from convfilter.engine.algorithms import ReadRows, Shape
from convfilter.engine.banded import banded
from convfilter.engine.costs import BLOCKS_OVERHEAD, SECONDS_A_FLOP_OF_BLOCKS, seconds_of
from convfilter.engine.problem import Problem
from convfilter.factors import Factors
from convfilter.once import once_property
from convfilter.options import Pair
from convfilter.rows import Band

BLOCK = 32
"""Pixels of a block: a multiple of what the processor multiplies at a time."""

LARGE_BLOCK = 64
"""Pixels of a block where the halo is larger than that: a wider product costs less a column."""

LEAST_ROWS = 96
"""At least so many rows are done at a time: with smaller products two threads would wait."""

HALOS = 3
"""Halos of rows that are done at a time, roughly: the rows of one are multiplied twice."""

PIECE_SAMPLES = 2**18
"""Samples that are done at a time: what lies between the two products stays in the cache."""

CROWDING_HALO = 640
"""Halo, in pixels, at which cache misses double the time of a product."""


class SeparableProducts:
    """The algorithm made ready for one problem.

    Parameters
    ----------
    float_dtype
        In which it is done.
    factors
        Of the weights.
    """

    carried_rows = 0
    uses_blas = True
    extra_bytes = 0

    def __init__(self, problem: Problem, float_dtype: np.dtype[Any], factors: Factors) -> None:
        self.dtype = problem.padded_dtype
        self.sum_dtype = float_dtype
        self.dilation = problem.dilation
        self.factors = factors
        self.halo = problem.window[0] - 1, problem.window[1] - 1
        self.block = _block(self.halo[0]), _block(self.halo[1])
        rows = min(max(LEAST_ROWS, HALOS * self.halo[0]), problem.dense_size[0])
        # Every block has so many, even the last: rounding makes the sums depend on how many.
        self.block_rows = _whole(rows, self.block[0])
        # The last blocks are computed whole, too, and partly left out.
        height, width = problem.dense_size
        computed = _whole(height, self.block_rows) * _whole(width, self.block[1])
        self._computed = computed / (height * width)

    @once_property
    def matrices(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """For each outer product that for the columns, and that for the rows."""
        (high, wide), (down, right) = self.block, self.dilation
        return [
            (
                banded(product.column, high, down).astype(self.sum_dtype),
                banded(product.row, wide, right).astype(self.sum_dtype),
            )
            for product in self.factors.products
        ]

    def seconds(self, rows: int) -> float:  # noqa: ARG002
        """Estimate the time for one sample on one core."""
        (high, wide), (down, right) = self.block, self.halo
        again = 1 + down / self.block_rows
        flops = (wide + right) * again + high + down
        wider = self.sum_dtype.itemsize / 4
        cell = seconds_of("multiply", self.sum_dtype) + seconds_of("add", self.sum_dtype)
        # The larger the blocks, the less of what lies between the products stays in cache.
        crowded = 1 + max(self.halo) / CROWDING_HALO
        multiplying = 2 * SECONDS_A_FLOP_OF_BLOCKS * flops * crowded * len(self.factors.products)
        products = wider * (BLOCKS_OVERHEAD * again + multiplying) * self._computed
        return products + cell * len(self.factors.cells)

    def workspace(self, shape: Shape, size: Pair, step: int) -> "SeparableWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        return SeparableWorkspace(self, shape, size, step)


class SeparableWorkspace:
    """One thread's memory for bands of one shape, and the calls that fill it."""

    def __init__(self, owner: SeparableProducts, shape: Shape, size: Pair, step: int) -> None:
        (down, right), wide, dtype = owner.halo, owner.block[1], owner.sum_dtype
        planes, block_rows = shape[0], owner.block_rows
        rows, columns = _whole(size[0], block_rows), _whole(size[1], wide)
        self._owner, self._size, self._step = owner, size, step
        self._band: Band = np.empty(shape, owner.dtype)
        self._sums: Band = np.empty((planes, rows, columns * step), dtype)
        read = block_rows + down
        piece = _whole(max(right, PIECE_SAMPLES // (read * step), 1), wide)
        self._apart = np.empty((step, read, piece + right), dtype)
        self._between = np.empty((piece, step, read), dtype)
        added = len(owner.factors.products) + len(owner.factors.cells) > 1
        self._added = np.empty((block_rows, piece * step) if added else 0, dtype)
        self._calls = [
            call
            for plane in range(planes)
            for top in range(0, rows, block_rows)
            for left in range(0, columns, piece)
            for call in self._of_piece((plane, top, left), min(piece, columns - left))
        ]

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        read(top, top + self._band.shape[1], self._band)
        for call in self._calls:
            call()
        return self._sums[:, : self._size[0], : self._size[1] * self._step]

    def _of_piece(self, place: Shape, columns: int) -> Iterator[Callable[[], Any]]:
        """Return the calls that fill a block of the sums.

        Parameters
        ----------
        place
            Its plane, first row and first column.
        """
        (plane, top, left), step = place, self._step
        pixels = self._band[plane].reshape(self._band.shape[1], -1, step).transpose(2, 0, 1)
        _, rows, width = self._apart.shape
        given = pixels[:, top : top + rows, left : left + width]
        if given.shape != self._apart.shape:
            yield partial(self._apart.fill, 0)
        laid = self._apart[:, : given.shape[1], : given.shape[2]]
        yield partial(np.copyto, laid, given, casting="unsafe")

        block = np.s_[top : top + self._owner.block_rows, left * step : (left + columns) * step]
        sums, added = self._sums[plane][block], self._added[..., : columns * step]
        yield from self._products(sums, added, columns)
        yield from self._cells(sums, added, columns)

    def _products(
        self, sums: NDArray[Any], added: NDArray[Any], columns: int
    ) -> Iterator[Callable[[], Any]]:
        """Return the calls that multiply, and add up what is more than one product."""
        high, wide = self._owner.block
        between = self._between[:columns].reshape(-1, wide, *self._between.shape[1:])
        lines = between.reshape(-1, between.shape[-1])
        for number, (down, across) in enumerate(self._owner.matrices):
            out = added if number else sums
            windows = _windows(self._apart, across.shape[1], wide, len(between))
            blocks = _windows(lines, down.shape[1], high, len(sums) // high)
            yield partial(np.matmul, across, windows, out=between.transpose(2, 0, 1, 3))
            yield partial(np.matmul, down, blocks, out=out.reshape(len(blocks), high, -1))
            if number:
                yield partial(np.add, sums, added, out=sums)

    def _cells(
        self, sums: NDArray[Any], added: NDArray[Any], columns: int
    ) -> Iterator[Callable[[], Any]]:
        """Return the calls that add the single cells."""
        down, right = self._owner.dilation
        for row, column, weight in self._owner.factors.cells:
            top, left = row * down, column * right
            given = self._apart[:, top : top + len(sums), left : left + columns]
            out = added.reshape(len(sums), columns, -1).transpose(2, 0, 1)
            yield partial(np.multiply, given, self._owner.sum_dtype.type(weight), out=out)
            yield partial(np.add, sums, added, out=sums)


def _windows(lines: NDArray[Any], size: int, step: int, count: int) -> NDArray[Any]:
    """Return so many windows along the last axis, which becomes the last but one."""
    windows = sliding_window_view(lines, size, axis=-1)[..., ::step, :]
    return np.moveaxis(windows[..., :count, :], -3, -1)


def _block(halo: int) -> int:
    return BLOCK if halo <= LARGE_BLOCK else LARGE_BLOCK


def _whole(number: int, block: int) -> int:
    """Return the multiple of a block that is not less."""
    return -(-number // block) * block
