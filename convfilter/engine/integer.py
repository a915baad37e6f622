"""Exact sums in the narrowest integers that hold them, cell by cell."""

import numpy as np

from convfilter.engine.algorithms import NotApplicable
from convfilter.engine.pairing import MOST_TAPS, paired
from convfilter.engine.problem import Problem
from convfilter.engine.program import Program, Tap, narrowest
from convfilter.engine.shifting import ShiftingSums, dense_cost


def prepare(problem: Problem) -> ShiftingSums:
    """Make ready: taps of equal weight are added first, mirrored rows before that.

    Raises
    ------
    NotApplicable
        If the problem is not exact.
    """
    if problem.samples.limits is None:
        raise NotApplicable("the picture has float samples")
    if not problem.is_exact:
        raise NotApplicable("the weights are not integers over a common divisor")
    program = exact_program(problem)
    cost = dense_cost(problem, program.result_dtype)
    return ShiftingSums(problem, program, lambda p: write_dense(p, problem), cost)


def exact_program(problem: Problem) -> Program:
    """Return an empty program whose integers hold the samples and sums of an exact problem."""
    limits = problem.samples.limits or (0, 0)
    low, high = problem.sum_limits
    # Room for half the divisor, which rounding adds to the sums.
    room = int(problem.divisor)
    return Program(narrowest(*limits), limits, (min(low, 0) - room, max(high, 0) + room))


def write_dense(program: Program, problem: Problem) -> None:
    """Write the sum over all cells."""
    program.weighted_sum(paired(program, _taps(program, problem)))


def _taps(program: Program, problem: Problem) -> list[Tap]:
    """Return a tap for each cell; of many, rows that mirror each other are added up first."""
    weights, (down, right) = problem.weights, problem.dilation
    rows = weights.shape[0]
    mirrored = weights.size > MOST_TAPS and np.array_equal(weights, weights[::-1])
    folded = rows // 2 if mirrored else 0
    taps: list[Tap] = []
    for y in range(rows - folded):
        value, shift = 0, y * down
        if y < folded and weights[y].any():
            value, shift = program.add(0, (shift, 0), 0, ((rows - 1 - y) * down, 0)), 0
        taps += [(value, (shift, x * right), w) for x, w in enumerate(weights[y].tolist())]
    return taps
