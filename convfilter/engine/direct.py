"""Sums in floats, shift by shift: the plainest algorithm, right for nearly every problem."""

import numpy as np

from convfilter.engine.problem import Problem
from convfilter.engine.taps import TapSums, count_operations

LARGEST_EXACT = 2**53
"""Up to here a 64-bit float holds every integer."""


def refusal(problem: Problem) -> str | None:
    """Say why the algorithm cannot solve the problem, or None if it can."""
    if problem.is_exact and problem.largest_sum > LARGEST_EXACT:
        return "the exact sums do not fit 64-bit floats"
    return None


def cost(problem: Problem) -> float:
    """Estimate the time for one sample, in units of one 16-bit addition."""
    return count_operations(problem) * 4.0


def prepare(problem: Problem) -> TapSums:
    """Make ready to add up bands in 64-bit floats."""
    return TapSums(problem, np.dtype(np.float64))
