"""Programs that several threads ask for are written once."""

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from convfilter import Kernel
from convfilter.engine.convolve import describe
from convfilter.engine.integer import exact_program
from convfilter.engine.problem import pose
from convfilter.engine.program import UNSHIFTED, Program
from convfilter.engine.shifting import ShiftingSums
from convfilter.options import FilterOptions


def test_a_program_is_written_once_whoever_asks_meanwhile() -> None:
    problem = pose(describe((9, 9), np.dtype("uint8")), Kernel([[1, 1]]), FilterOptions())
    asked: list[Future[Program]] = []
    lock = vars(ShiftingSums)["program"]._lock

    def write(program: Program) -> None:
        # Another thread would have to hold the lock to write it as well.
        assert not pool.submit(lock.acquire, blocking=False).result()
        asked.append(pool.submit(lambda: sums.program))
        program.add(0, UNSHIFTED, 0, (0, 1))

    with ThreadPoolExecutor(1) as pool:
        sums = ShiftingSums(problem, exact_program(problem), write, 0.0)
        program = sums.program
        assert asked[0].result() is program
    assert len(program.operations) == 1
