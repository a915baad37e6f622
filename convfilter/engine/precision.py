"""How precise the sums must be, and which floats are."""

from typing import Any

import numpy as np

from convfilter.engine.algorithms import NotApplicable
from convfilter.engine.problem import Problem
from convfilter.engine.samples import FLOAT32, FLOAT64

LARGEST_EXACT = {FLOAT32: 2**24, FLOAT64: 2**53}
"""Up to here floats hold every integer."""

UNIT = {FLOAT32: 2.0**-24, FLOAT64: 2.0**-53}
"""The relative error of one rounding."""

ALLOWED_ERROR = {
    # 1e-5 and 1e-12 are promised; rounding errors may add up to a tenth of that before
    # the sums are made in wider floats.
    np.dtype(np.float32): 1e-6,
    np.dtype(np.float64): 1e-13,
    # At 8 bits 0.1 % of the samples may be one level off, at 16 bits none by more than one.
    np.dtype(np.uint8): 2e-6,
    np.dtype(np.uint16): 2e-6,
}
"""Error of a sum that is tolerated, as a fraction of the largest sample times ``Σ|weight|``."""

USUAL_AMPLIFICATION = 3.0
"""Amplification up to which the errors tolerated are far enough below a level."""

LARGEST_SAFE = {FLOAT32: 1e30, FLOAT64: 1e300}
"""Sums up to here are far from overflowing, even those of a whole tile."""


def allowed_error(dtype: np.dtype[Any], result_dtype: np.dtype[Any], amplification: float) -> float:
    """Return the error of a sum that is tolerated.

    Parameters
    ----------
    dtype
        Of the samples.
    result_dtype
        Of what is made of them in the end.
    amplification
        How many times full scale ``Σ|weight·sample|`` may be in the end.
    """
    exact = ALLOWED_ERROR[FLOAT64]
    error = min(ALLOWED_ERROR.get(one, exact) for one in (dtype, result_dtype))
    # What is promised of integers is in levels, of floats relative to what is added up.
    if result_dtype.kind == "f" or amplification <= USUAL_AMPLIFICATION:
        return error
    return max(exact, error * USUAL_AMPLIFICATION / amplification)


def float_dtype(problem: Problem, additions: int) -> np.dtype[Any]:
    """Return the shortest floats in which a sum of so many terms is precise enough.

    For an exact problem: in which every partial sum is an integer without error.

    Raises
    ------
    NotApplicable
        If the problem is exact, and its sums need more digits than floats have.
    """
    if problem.is_exact and problem.largest_sum > LARGEST_EXACT[FLOAT64]:
        raise NotApplicable("the exact sums do not fit 64-bit floats")
    if problem.is_exact:
        fits = problem.largest_sum <= LARGEST_EXACT[FLOAT32]
        return FLOAT32 if fits else FLOAT64
    # Rounding errors are as often up as down: they grow with the root of their number.
    return shortest_floats(problem, max(1.0, additions) ** 0.5)


def shortest_floats(problem: Problem, error: float) -> np.dtype[Any]:
    """Return the shortest floats that are precise enough, and hold the sums.

    Parameters
    ----------
    error
        Of a sum, as a multiple of that of one rounding and of the largest sample times
        ``Σ|weight|``.
    """
    largest = max(map(abs, problem.samples.limits or (0, 1)))
    total = float(np.abs(problem.weights).sum())
    divisor = abs(float(problem.divisor))
    safe = LARGEST_SAFE[FLOAT32]
    # Above it floats may overflow, and below its inverse they lose digits.
    fits = largest * total <= safe and divisor <= safe and (total >= 1 / safe or total == 0)
    precise = error * UNIT[FLOAT32] <= problem.samples.allowed_error
    return FLOAT32 if fits and precise else FLOAT64
