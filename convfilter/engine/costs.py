"""What operations cost: the constants that choose the algorithm."""

from typing import Any

import numpy as np

# Nanoseconds a sample on one core. `python -m benchmarks.fit` measures this block anew, with
# operands in cache; the other constants are set so that estimates meet `python -m benchmarks`.
NANOSECONDS = {
    ("add", "int16"): 0.05,
    ("add", "int32"): 0.10,
    ("add", "int64"): 0.20,
    ("add", "float32"): 0.08,
    ("add", "float64"): 0.20,
    ("multiply", "int16"): 0.05,
    ("multiply", "int32"): 0.10,
    ("multiply", "int64"): 0.45,
    ("multiply", "float32"): 0.07,
    ("multiply", "float64"): 0.20,
}

SECONDS_A_FLOP = 1.6e-11
MATMUL_OVERHEAD = 1.0e-9
SECONDS_A_FLOP_OF_BLOCKS = 1.2e-11
BLOCKS_OVERHEAD = 1.5e-9
SECONDS_A_BUTTERFLY = 4.7e-10
FFT_OVERHEAD = 1.0e-9
PROGRAM_OVERHEAD = 0.3e-9
"""Seconds to lay and to finish a sample, for each byte of its dtype in the band."""

SECONDS_A_CALL = 0.5e-6
"""Time of one operation on an array so short that only the call counts."""


def seconds_of(kind: str, dtype: np.dtype[Any]) -> float:
    """Return the time of one operation for one sample."""
    kind = "add" if kind == "subtract" else kind
    return 1e-9 * NANOSECONDS[kind, dtype.name.replace("uint", "int")]
