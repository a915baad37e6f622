"""Products with banded matrices.

A block of m rows of the result is a banded (Toeplitz) matrix times the m + k - 1 rows of the
picture that it needs, once for each column of the kernel. All columns are multiplied in one
product; what they give is then added, each a pixel further on.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.algorithms import Prepared, ReadRows, Shape
from convfilter.engine.banded import banded
from convfilter.engine.costs import MATMUL_OVERHEAD, SECONDS_A_FLOP, seconds_of
from convfilter.engine.finiteness import keep_within_windows
from convfilter.engine.precision import float_dtype
from convfilter.engine.problem import Problem
from convfilter.once import once_property
from convfilter.options import Pair
from convfilter.rows import Band

BLOCK_ROWS = 8
"""Rows of a block: few, so that little of the matrix is zeros; enough for a quick product."""


class BandedProducts:
    """The algorithm made ready for one problem."""

    block_rows = BLOCK_ROWS
    carried_rows = 0
    uses_blas = True
    extra_bytes = 0

    def __init__(self, problem: Problem, dtype: np.dtype[Any]) -> None:
        self.dtype = self.sum_dtype = dtype
        self.columns = np.flatnonzero(problem.weights.any(axis=0)).tolist() or [0]
        self._weights = problem.weights
        self._down, self._right = problem.dilation
        self.halo = problem.window[0] - 1
        self._padded = problem.padded_width / problem.dense_size[1]

    @once_property
    def _matrix(self) -> NDArray[Any]:
        """One banded matrix for each column; made when it is needed, since it may be large."""
        bands = [banded(self._weights[:, x], BLOCK_ROWS, self._down) for x in self.columns]
        return np.stack(bands).astype(self.dtype)

    def seconds(self, rows: int) -> float:  # noqa: ARG002
        """Estimate the time for one sample on one core."""
        columns = len(self.columns)
        flops = 2 * columns * (BLOCK_ROWS + self.halo)
        wider = self.dtype.itemsize / 4
        added = seconds_of("add", self.dtype) * columns
        return (MATMUL_OVERHEAD * wider + SECONDS_A_FLOP * flops * wider + added) * self._padded

    def workspace(self, shape: Shape, size: Pair, step: int) -> "ProductWorkspace":
        """Lay out one thread's memory for bands of one shape."""
        return ProductWorkspace(self, shape, size, step)

    def multiply_block(
        self, plane: NDArray[Any], step: int, product: NDArray[Any], out: NDArray[Any]
    ) -> None:
        """Fill a block of the result from the rows of one plane that it needs.

        Parameters
        ----------
        product
            Memory of shape (kernel columns, `BLOCK_ROWS`, columns · step).
        """
        rows, width = out.shape
        products = product[:, :rows]
        if rows == BLOCK_ROWS:
            flat = self._matrix.reshape(-1, self._matrix.shape[2])
            np.matmul(flat, plane, out=product.reshape(len(flat), -1))
        else:
            np.matmul(self._matrix[:, :rows, : rows + self.halo], plane, out=products)
        starts = [column * self._right * step for column in self.columns]
        views = [p[:, s : s + width] for p, s in zip(products, starts, strict=True)]
        if len(views) == 1:
            out[...] = views[0]
            return
        np.add(views[0], views[1], out=out)
        for view in views[2:]:
            np.add(out, view, out=out)


class ProductWorkspace:
    """One thread's memory for bands of one shape."""

    def __init__(self, owner: BandedProducts, shape: Shape, size: Pair, step: int) -> None:
        self._band: Band = np.empty(shape, owner.dtype)
        self._owner = owner
        self._step = step
        self._sums: Band = np.empty((shape[0], size[0], size[1] * step), owner.dtype)
        self._product = np.empty((len(owner.columns), BLOCK_ROWS, shape[2]), owner.dtype)

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        read(top, top + self._band.shape[1], self._band)
        for plane, sums in zip(self._band, self._sums, strict=True):
            for first in range(0, len(sums), BLOCK_ROWS):
                block = sums[first : first + BLOCK_ROWS]
                rows = plane[first : first + len(block) + self._owner.halo]
                self._owner.multiply_block(rows, self._step, self._product, block)
        return self._sums


def prepare(problem: Problem) -> Prepared:
    """Make ready for products in the shortest floats that are precise, or exact, enough.

    Raises
    ------
    NotApplicable
        If the problem is exact, and its sums need more digits than floats have.
    """
    dtype = float_dtype(problem, int(np.count_nonzero(problem.weights)))
    return keep_within_windows(problem, BandedProducts(problem, dtype))
