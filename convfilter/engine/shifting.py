"""What the algorithms share that add shift by shift: a program, run on one band after another."""

from typing import Any

import numpy as np

from convfilter.engine.algorithms import Shape
from convfilter.engine.costs import PROGRAM_OVERHEAD
from convfilter.engine.problem import Problem
from convfilter.engine.program import Program, ProgramWorkspace
from convfilter.options import Pair


class ShiftingSums:
    """An algorithm made ready: sums by a program of shifts."""

    block_rows = 1

    def __init__(self, problem: Problem, program: Program) -> None:
        self.dtype: np.dtype[Any] = program.dtype
        self.sum_dtype = program.operations[-1].dtype
        self._program = program
        self._halo = problem.window[0] - 1

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample, in bands of so many rows."""
        # Half of the operations, roughly, are done on the halo too.
        return PROGRAM_OVERHEAD + self._program.cost() * (1 + self._halo / (2 * rows))

    def workspace(self, shape: Shape, size: Pair, step: int) -> ProgramWorkspace:
        """Lay out one thread's memory for bands of one shape."""
        return ProgramWorkspace(self._program, shape, size, step)
