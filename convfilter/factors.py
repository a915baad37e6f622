"""Kernels as sums of outer products, which cost a row and a column of multiplications each."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.frozen import frozen

ROUNDING_ERROR = 1e-13
"""How far products may be from the weights, as a fraction of ``Σ|weight|``."""


@frozen
class OuterProduct:
    """A column of weights times a row of weights."""

    column: tuple[Any, ...]
    row: tuple[Any, ...]

    def matrix(self) -> NDArray[Any]:
        """Return the dense form."""
        return np.outer(self.column, self.row)


@frozen
class Factors:
    """``Σ column ⊗ row``, plus single cells.

    Parameters
    ----------
    products
        The outer products.
    cells
        Row, column and weight of each single cell.
    error
        Bound of what is missing, as a fraction of ``Σ|weight|``.
    """

    products: tuple[OuterProduct, ...]
    cells: tuple[tuple[int, int, Any], ...] = ()
    error: float = 0.0

    @property
    def is_integer(self) -> bool:
        """Whether all numbers are integers, so that products are without error."""
        numbers = [n for product in self.products for n in (*product.column, *product.row)]
        return all(isinstance(n, int) for n in (*numbers, *(cell[2] for cell in self.cells)))

    def matrix(self, shape: tuple[int, int]) -> NDArray[Any]:
        """Return the dense form."""
        empty: NDArray[Any] = np.zeros(shape, np.int64 if self.is_integer else np.float64)
        dense = sum((p.matrix() for p in self.products), empty)
        for row, column, weight in self.cells:
            dense[row, column] += weight
        return dense

    def fit(self, weights: NDArray[Any]) -> bool:
        """Whether they add up to the weights: exactly in integers, else but for rounding."""
        shape = weights.shape[0], weights.shape[1]
        if any((len(p.column), len(p.row)) != shape for p in self.products):
            return False
        exact = self.is_integer and weights.dtype.kind == "i"
        allowed = 0 if exact else ROUNDING_ERROR * np.abs(weights).sum()
        return bool(np.abs(self.matrix(shape) - weights).sum() <= allowed)

    def scaled(self, scale: float) -> Self:
        """Return the factors of a kernel with all weights so many times as large."""
        if scale == 1:
            return self
        products = (OuterProduct(tuple(scale * n for n in p.column), p.row) for p in self.products)
        cells = ((row, column, scale * weight) for row, column, weight in self.cells)
        return type(self)(tuple(products), tuple(cells), self.error)

    def turned(self, shape: tuple[int, int]) -> Self:
        """Return the factors of the kernel turned by 180°."""
        products = (OuterProduct(p.column[::-1], p.row[::-1]) for p in self.products)
        rows, columns = shape
        cells = ((rows - 1 - row, columns - 1 - column, w) for row, column, w in self.cells)
        return type(self)(tuple(products), tuple(cells), self.error)
