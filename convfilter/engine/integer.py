"""Exact sums in the narrowest integers that hold them."""

from typing import Any

import numpy as np

from convfilter.engine.problem import Problem
from convfilter.engine.taps import TapSums, count_operations


def refusal(problem: Problem) -> str | None:
    """Say why the algorithm cannot solve the problem, or None if it can."""
    if problem.samples.limits is None:
        return "the picture has float samples"
    return None if problem.is_exact else "the weights are not integers over a common divisor"


def cost(problem: Problem) -> float:
    """Estimate the time for one sample, in units of one 16-bit addition."""
    return count_operations(problem) * _sum_dtype(problem).itemsize / 2


def prepare(problem: Problem) -> TapSums:
    """Make ready to add up bands in the narrowest dtype."""
    return TapSums(problem, _sum_dtype(problem))


def _sum_dtype(problem: Problem) -> np.dtype[Any]:
    for dtype in (np.int16, np.int32):
        if problem.largest_sum <= np.iinfo(dtype).max:
            return np.dtype(dtype)
    return np.dtype(np.int64)
