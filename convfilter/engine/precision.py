"""How precise the sums must be, and which floats are."""

from typing import Any

import numpy as np

from convfilter.engine.algorithms import NotApplicable
from convfilter.engine.problem import Problem

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)

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


def allowed_error(problem: Problem) -> float:
    """Return the error of a sum that is tolerated, by the dtype of the samples."""
    return ALLOWED_ERROR.get(problem.samples.dtype, ALLOWED_ERROR[FLOAT64])


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
    error = UNIT[FLOAT32] * max(1.0, additions) ** 0.5
    return FLOAT32 if error <= allowed_error(problem) else FLOAT64
