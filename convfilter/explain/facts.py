"""What is to be known of one matrix: sum, symmetry, rank, factors, what it can give."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.factors import float_factors, integer_factors
from convfilter.factors import ROUNDING_ERROR, Factors, OuterProduct
from convfilter.frozen import frozen
from convfilter.kernel import Kernel

LARGEST_EXACT_RANK = 40
"""Rows or columns up to which the rank is found by exact elimination."""

WHITE = 255
"""Full scale at 8 bits."""

_TURNS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "left-right": lambda weights: weights[:, ::-1],
    "up-down": lambda weights: weights[::-1],
    "turned by 180°": lambda weights: weights[::-1, ::-1],
    "transposed": lambda weights: weights.T,
    "turned by 90°": np.rot90,
}


@frozen
class KernelFacts:
    """Facts about one matrix, divisor and offset.

    Parameters
    ----------
    symmetries, antisymmetries
        What changes nothing, and what changes every sign.
    rank
        Of the matrix; 1 means that it is a column times a row.
    rank_is_exact
        Whether it was found without rounding.
    factors
        Outer products, and a single cell, that add up to the weights, where such are known.
    gain
        What it makes of an even picture, per level: the response at frequency zero.
    lowest, highest
        Values that an 8-bit picture can give, in levels, before range and rounding.
    """

    kernel: Kernel
    symmetries: tuple[str, ...]
    antisymmetries: tuple[str, ...]
    rank: int
    rank_is_exact: bool
    factors: Factors | None
    gain: Fraction
    lowest: Fraction
    highest: Fraction


def facts_of(kernel: Kernel) -> KernelFacts:
    """Work out the facts of a kernel."""
    rank, rank_is_exact = _rank(kernel)
    lowest, highest = _values(kernel)
    return KernelFacts(
        kernel,
        _symmetries(kernel.weights, 1),
        _symmetries(kernel.weights, -1) if kernel.weights.any() else (),
        rank,
        rank_is_exact,
        _factors(kernel, rank),
        kernel.gain,
        lowest,
        highest,
    )


def _symmetries(weights: NDArray[Any], sign: int) -> tuple[str, ...]:
    """Name what leaves the weights as they are, times a sign, but for rounding of floats."""
    tolerance = 0.0 if weights.dtype.kind == "i" else 1e-12 * float(np.abs(weights).max())
    found = []
    for name, turn in _TURNS.items():
        turned = turn(weights)
        if turned.shape == weights.shape and np.abs(turned - sign * weights).max() <= tolerance:
            found.append(name)
    return tuple(found)


def _rank(kernel: Kernel) -> tuple[int, bool]:
    factors, numerators = kernel.factors, kernel.numerators
    if factors is not None and len(factors.products) == 1 and not factors.cells:
        return 1, numerators is not None
    if numerators is not None and max(numerators.shape) <= LARGEST_EXACT_RANK:
        return _exact_rank(numerators.tolist()), True
    return int(np.linalg.matrix_rank(kernel.weights.astype(np.float64))), False


def _exact_rank(rows: list[list[int]]) -> int:
    """Eliminate in integers, by Bareiss: every division comes out even."""
    rank, previous = 0, 1
    for column in range(len(rows[0])):
        pivot = next((n for n in range(rank, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        head = rows[rank]
        for n in range(rank + 1, len(rows)):
            factor = rows[n][column]
            rows[n] = [
                (head[column] * a - factor * b) // previous
                for a, b in zip(rows[n], head, strict=True)
            ]
        previous = head[column]
        rank += 1
        if rank == len(rows):
            break
    return rank


def _factors(kernel: Kernel, rank: int) -> Factors | None:
    if kernel.factors is not None:
        return kernel.factors
    if kernel.weights.dtype.kind == "i":
        return integer_factors(kernel.weights) or _row_factors(kernel.weights.tolist(), rank)
    if rank != 1:
        return None
    if kernel.numerators is not None:
        whole = integer_factors(kernel.numerators)
        return whole.scaled(1 / kernel.denominator) if whole else None
    return float_factors(kernel.weights, ROUNDING_ERROR)


def _row_factors(rows: list[list[int]], rank: int) -> Factors | None:
    """Return integer products of some of the rows themselves, if these make all the others."""
    largest, smallest = max(len(rows), len(rows[0])), min(len(rows), len(rows[0]))
    if largest > LARGEST_EXACT_RANK or not 0 < rank < smallest:
        return None
    basis: list[int] = []
    for n in range(len(rows)):
        if _exact_rank([list(rows[m]) for m in (*basis, n)]) > len(basis):
            basis.append(n)
    columns = _coefficients(rows, [rows[n] for n in basis])
    if columns is None:
        return None
    pairs = zip(columns, basis, strict=True)
    return Factors(tuple(OuterProduct(column, tuple(rows[n])) for column, n in pairs))


def _coefficients(rows: list[list[int]], basis: list[list[int]]) -> list[tuple[int, ...]] | None:
    """Return how often each row of a basis is in every row; None where that is no integer."""
    across = np.array(basis, dtype=np.float64).T
    solved, *_ = np.linalg.lstsq(across, np.array(rows, dtype=np.float64).T, rcond=None)
    whole = [tuple(map(round, line)) for line in solved.tolist()]
    made = [
        [
            sum(c[n] * row[x] for c, row in zip(whole, basis, strict=True))
            for x in range(len(rows[0]))
        ]
        for n in range(len(rows))
    ]
    return whole if made == rows else None


def _values(kernel: Kernel) -> tuple[Fraction, Fraction]:
    """Return lowest and highest value: white under weights of one sign, else black."""
    ends = [Fraction(total) * WHITE / Fraction(kernel.divisor) for total in kernel.signed_sums]
    shift = Fraction(kernel.offset) * WHITE
    return min(ends) + shift, max(ends) + shift
