"""Programs that several threads ask for are written once."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import threadpoolctl

from convfilter import Kernel, convolve
from convfilter.engine.convolve import describe
from convfilter.engine.integer import exact_program
from convfilter.engine.problem import pose
from convfilter.engine.program import UNSHIFTED, Program
from convfilter.engine.shifting import ShiftingSums
from convfilter.options import FilterOptions


def test_a_program_is_written_once_whoever_asks_meanwhile() -> None:
    problem = pose(describe((9, 9), np.dtype("uint8")), Kernel([[1, 1]]), FilterOptions())
    asked: list[Future[Program]] = []
    entered_again = threading.Event()

    def write(program: Program) -> None:
        if asked:
            entered_again.set()
        else:
            asked.append(pool.submit(lambda: sums.program))
            entered_again.wait(0.2)  # which is as long as another has for it
        program.add(0, UNSHIFTED, 0, (0, 1))

    with ThreadPoolExecutor(1) as pool:
        sums = ShiftingSums(problem, exact_program(problem), write, 0.0)
        program = sums.program
        assert asked[0].result() is program
    assert len(program.operations) == 1


def test_threads_of_the_user_leave_those_of_blas_as_they_were() -> None:
    def threads() -> list[int]:
        return [one["num_threads"] for one in threadpoolctl.threadpool_info()]

    picture = np.random.default_rng(0).random((200, 300)).astype("f4")
    kernel = Kernel(np.random.default_rng(1).random((7, 7)))
    before = threads()
    with ThreadPoolExecutor(2) as pool:
        work = [
            pool.submit(convolve, picture, kernel, method="matmul", workers=1) for _ in range(8)
        ]
        for one in work:
            one.result()
    assert threads() == before
