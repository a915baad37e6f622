"""Columns first, then rows: for kernels that are an outer product, or the sum of a few."""

import numpy as np

from convfilter.engine.algorithms import NotApplicable, Prepared
from convfilter.engine.factors import float_factors, integer_factors
from convfilter.engine.finiteness import keep_within_windows
from convfilter.engine.integer import exact_program
from convfilter.engine.precision import float_dtype
from convfilter.engine.problem import Problem
from convfilter.engine.program import UNSHIFTED, Program, Tap
from convfilter.engine.running import RunningSums
from convfilter.engine.separable_products import SeparableProducts
from convfilter.engine.shifting import ShiftingSums
from convfilter.factors import Factors, OuterProduct

HIGHEST_RANK = 3
"""From four products on, another algorithm is always quicker."""

LARGEST_WHOLE = 2**53
"""Whole weights up to here are exact in 64-bit floats, and fit an integer."""

LARGEST_DECOMPOSED = 256
"""Kernels with more rows and columns are not decomposed: that is slow, transforms are quicker."""

USUAL_BAND = 32
"""Rows that a band is estimated to have, unless the kernel is higher."""


def prepare(problem: Problem) -> Prepared:
    """Make ready: exact integer factors for an exact problem, else the fewest that suffice.

    Those that the kernel brings are taken unseen.

    Raises
    ------
    NotApplicable
        If an exact problem has no integer factors, the rank is too high, or the kernel is
        too large to find it out.
    """
    if problem.is_exact:
        exact = _exact_factors(problem)
        if exact is None:
            raise NotApplicable("the weights are no outer product of integers")
        return _cheapest_exact(problem, exact)
    factors = problem.factors or _float_factors(problem)
    if len(factors.products) > HIGHEST_RANK:
        raise NotApplicable(f"the weights have rank {len(factors.products)}")
    additions = sum(problem.weights.shape) * len(factors.products)
    dtype = float_dtype(problem, additions)
    shifting = _summing(problem, Program(dtype), factors)
    products = keep_within_windows(problem, SeparableProducts(problem, dtype, factors))
    return _cheaper(problem, products, shifting)


def _cheapest_exact(problem: Problem, factors: Factors) -> Prepared:
    """Return the sums shift by shift, or those that run down the picture where they cost less."""
    shifting = _summing(problem, exact_program(problem), factors)
    box = _box(problem, factors)
    if box is None:
        return shifting
    running = RunningSums(problem, box, shifting.sum_dtype)
    return _cheaper(problem, running, shifting)


def _cheaper(problem: Problem, *able: Prepared) -> Prepared:
    def seconds(prepared: Prepared) -> float:
        rows = max(problem.window[0], USUAL_BAND, prepared.block_rows)
        return prepared.seconds(min(rows, problem.dense_size[0]))

    return min(able, key=seconds)


def _box(problem: Problem, factors: Factors) -> OuterProduct | None:
    """Return the product if it is the only one, and its column one number, repeated."""
    is_simple = len(factors.products) == 1 and not factors.cells and problem.dilation[0] == 1
    if not is_simple or not problem.in_order:
        return None
    (product,) = factors.products
    return product if len(set(product.column)) == 1 else None


def _summing(problem: Problem, program: Program, factors: Factors) -> ShiftingSums:
    _write(program, factors, problem)
    return ShiftingSums(problem, program, lambda _: None, program.cost())


def _exact_factors(problem: Problem) -> Factors | None:
    if problem.factors and problem.factors.is_integer:
        return problem.factors
    return integer_factors(problem.weights)


def _float_factors(problem: Problem) -> Factors:
    weights = problem.weights
    if (weights % 1 == 0).all() and np.abs(weights).max() <= LARGEST_WHOLE:
        whole = integer_factors(weights.astype("int64"))
        if whole is not None:
            return whole
    if min(weights.shape) > LARGEST_DECOMPOSED:
        raise NotApplicable("the kernel brings no factors, and is too large to look for them")
    return float_factors(weights.astype("float64"), problem.samples.allowed_error / 10)


def _write(program: Program, factors: Factors, problem: Problem) -> None:
    down, right = problem.dilation
    taps: list[Tap] = []
    for product in factors.products:
        columns = program.vector(0, product.column, (down, 0))
        taps.append((program.vector(columns, product.row, (0, right)), UNSHIFTED, 1))
    taps += [(0, (row * down, column * right), weight) for row, column, weight in factors.cells]
    if len(taps) > 1:
        program.weighted_sum(taps)
