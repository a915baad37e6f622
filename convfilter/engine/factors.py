"""Factors found for a kernel that brings none: exactly in integers, or to a bound in floats."""

import numpy as np
from numpy.typing import NDArray

from convfilter.factors import Factors, OuterProduct

LARGEST_PRODUCT = 2**62
"""Factors with products from here on are given up: 64 bits might not hold them."""


def integer_factors(weights: NDArray[np.int64]) -> Factors | None:
    """Return exact integer factors of an outer product, or of one plus a single cell."""
    product = _outer_product(weights)
    if product is not None:
        return Factors((product,))
    return _product_and_cell(weights)


def _outer_product(weights: NDArray[np.int64]) -> OuterProduct | None:
    """Return ``column ⊗ row`` if the weights are that, in integers."""
    rows = weights[np.any(weights != 0, axis=1)]
    if not len(rows):
        return None
    row = rows[0] // np.gcd.reduce(rows[0])
    place = int(np.flatnonzero(row)[0])
    column, rest = np.divmod(weights[:, place], row[place])
    if float(np.abs(column).max()) * float(np.abs(row).max()) >= LARGEST_PRODUCT:
        return None
    if rest.any() or not np.array_equal(np.outer(column, row), weights):
        return None
    return OuterProduct(tuple(column.tolist()), tuple(row.tolist()))


def _product_and_cell(weights: NDArray[np.int64]) -> Factors | None:
    """Return an outer product plus the middle cell: sharpening, unsharp masks, points."""
    rows, columns = weights.shape
    y, x = rows // 2, columns // 2
    if rows < 3 or columns < 3:
        return None
    # What the middle would be if its row went on like the row above it.
    above, beside = weights[y - 1], weights[y]
    if not above[x - 1]:
        return None
    expected, rest = divmod(int(above[x]) * int(beside[x - 1]), int(above[x - 1]))
    if rest or abs(expected) >= LARGEST_PRODUCT:
        return None
    even = weights.copy()
    even[y, x] = expected
    product = _outer_product(even)
    if product is None:
        return None
    return Factors((product,), ((y, x, int(weights[y, x]) - expected),))


def float_factors(weights: NDArray[np.float64], error: float) -> Factors:
    """Return the fewest outer products that miss at most ``error · Σ|weight|``.

    They are from the singular value decomposition; vectors that are symmetric but for
    rounding are made so, since equal weights are multiplied by once.
    """
    left, values, right = np.linalg.svd(weights, full_matrices=False)
    total = float(np.abs(weights).sum())
    products: list[OuterProduct] = []
    missing = weights.copy()
    for n, value in enumerate(values):
        root = np.sqrt(value)
        product = OuterProduct(_symmetrized(left[:, n] * root), _symmetrized(right[n] * root))
        products.append(product)
        missing = missing - product.matrix()
        missed = float(np.abs(missing).sum()) / total if total else 0.0
        if missed <= error:
            break
    return Factors(tuple(products), error=missed)


def _symmetrized(vector: NDArray[np.float64]) -> tuple[float, ...]:
    tolerance = 1e-12 * float(np.abs(vector).max())
    for mirrored in (vector[::-1], -vector[::-1]):
        if np.abs(vector - mirrored).max() <= tolerance:
            vector = (vector + mirrored) / 2
            break
    vector = np.where(np.abs(vector) <= tolerance, 0, vector)
    if np.ptp(vector) <= tolerance:
        vector = np.full_like(vector, vector.mean())
    return tuple(vector.tolist())
