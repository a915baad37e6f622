"""Measures what operations cost on this machine, and prints the block for engine/costs.py."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

SAMPLES = 500_000
REPEATS = 200


def nanoseconds(work: Callable[[], object]) -> float:
    """Return the best time of a few, for one sample."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(REPEATS // 5):
            work()
        best = min(best, time.perf_counter() - began)
    return best / (REPEATS // 5) / SAMPLES * 1e9


def main() -> None:
    """Print the block."""
    print("NANOSECONDS = {")
    for kind, function in (("add", np.add), ("multiply", np.multiply)):
        for name in ("int16", "int32", "int64", "float32", "float64"):
            left = np.ones(SAMPLES + 8, name)
            out = np.empty(SAMPLES, name)
            arguments = left[3 : SAMPLES + 3], left[:SAMPLES], out
            taken = nanoseconds(partial(function, *arguments))
            print(f'    ("{kind}", "{name}"): {taken:.2f},')
    print("}")


if __name__ == "__main__":
    main()
