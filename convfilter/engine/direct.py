"""Sums in floats, cell by cell: the plainest algorithm, right for nearly every problem."""

import numpy as np

from convfilter.engine.integer import write_dense
from convfilter.engine.precision import float_dtype
from convfilter.engine.problem import Problem
from convfilter.engine.program import Program
from convfilter.engine.shifting import ShiftingSums, dense_cost


def prepare(problem: Problem) -> ShiftingSums:
    """Make ready to add up in the shortest floats that are precise enough.

    Raises
    ------
    NotApplicable
        If the problem is exact, and its sums need more digits than floats have.
    """
    program = Program(float_dtype(problem, int(np.count_nonzero(problem.weights))))
    cost = dense_cost(problem, program.dtype)
    return ShiftingSums(problem, program, lambda p: write_dense(p, problem), cost)
