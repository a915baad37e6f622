"""Columns first, then rows: for kernels that are an outer product, or the sum of a few."""

from convfilter.engine.algorithms import NotApplicable
from convfilter.engine.factors import Factors, float_factors, integer_factors
from convfilter.engine.integer import exact_program
from convfilter.engine.precision import allowed_error, float_dtype
from convfilter.engine.problem import Problem
from convfilter.engine.program import UNSHIFTED, Program, Tap
from convfilter.engine.shifting import ShiftingSums

HIGHEST_RANK = 3
"""From four products on, another algorithm is always quicker."""


def prepare(problem: Problem) -> ShiftingSums:
    """Make ready: exact integer factors for an exact problem, else the fewest that suffice.

    Raises
    ------
    NotApplicable
        If an exact problem has no integer factors, or the rank is too high.
    """
    if problem.is_exact:
        factors = integer_factors(problem.weights)
        if factors is None:
            raise NotApplicable("the weights are no outer product of integers")
        return _summing(problem, exact_program(problem), factors)
    factors = _float_factors(problem)
    if len(factors.products) > HIGHEST_RANK:
        raise NotApplicable(f"the weights have rank {len(factors.products)}")
    additions = sum(problem.weights.shape) * len(factors.products)
    return _summing(problem, Program(float_dtype(problem, additions)), factors)


def _summing(problem: Problem, program: Program, factors: Factors) -> ShiftingSums:
    _write(program, factors, problem)
    return ShiftingSums(problem, program, lambda _: None, program.cost())


def _float_factors(problem: Problem) -> Factors:
    weights = problem.weights
    if weights.shape[0] * weights.shape[1] and (weights % 1 == 0).all():
        whole = integer_factors(weights.astype("int64"))
        if whole is not None:
            return whole
    return float_factors(weights.astype("float64"), allowed_error(problem) / 10)


def _write(program: Program, factors: Factors, problem: Problem) -> None:
    down, right = problem.dilation
    taps: list[Tap] = []
    for product in factors.products:
        columns = program.vector(0, product.column, (down, 0))
        taps.append((program.vector(columns, product.row, (0, right)), UNSHIFTED, 1))
    taps += [(0, (row * down, column * right), weight) for row, column, weight in factors.cells]
    if len(taps) > 1:
        program.weighted_sum(taps)
