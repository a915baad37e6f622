"""What the algorithms share that add shift by shift: a program, run on one band after another."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convfilter.engine.algorithms import Shape
from convfilter.engine.costs import PROGRAM_OVERHEAD, seconds_of
from convfilter.engine.problem import Problem
from convfilter.engine.program import Program
from convfilter.engine.workspace import ProgramWorkspace
from convfilter.once import once_property
from convfilter.options import Pair


class ShiftingSums:
    """An algorithm made ready: sums by a program of shifts.

    Parameters
    ----------
    program
        Empty yet: it tells the dtypes.
    write
        Appends the operations. It is called when they are needed: the program of a large
        kernel is long, and most plans choose another algorithm for it.
    cost
        Seconds of the operations for one sample.
    """

    block_rows = 1
    carried_rows = 0
    uses_blas = False
    extra_bytes = 0

    def __init__(
        self, problem: Problem, program: Program, write: Callable[[Program], object], cost: float
    ) -> None:
        self.dtype: np.dtype[Any] = program.dtype
        self.sum_dtype: np.dtype[Any] = program.result_dtype
        self._program = program
        self._write = write
        self._cost = cost
        self._halo = problem.window[0] - 1 if self.sum_dtype.kind != "f" else 0
        self._padded = problem.padded_width / problem.dense_size[1]

    @once_property
    def program(self) -> Program:
        """The operations."""
        self._write(self._program)
        return self._program

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample, in bands of so many rows."""
        laying = PROGRAM_OVERHEAD * self.dtype.itemsize
        # All operations are done on the halo beside, and half of those on integers, roughly, on
        # that above; floats are mostly multiplied where they lie.
        return (laying + self._cost * (1 + self._halo / (2 * rows))) * self._padded

    def workspace(self, shape: Shape, size: Pair, step: int) -> ProgramWorkspace:
        """Lay out one thread's memory for bands of one shape."""
        return ProgramWorkspace(self.program, shape, size, step)


def dense_cost(problem: Problem, dtype: np.dtype[Any]) -> float:
    """Estimate the seconds of adding up all cells of a kernel, for one sample."""
    weights = np.abs(problem.weights[problem.weights != 0]).tolist()
    added, multiplied = len(weights), len(set(weights))
    return added * seconds_of("add", dtype) + multiplied * seconds_of("multiply", dtype)
