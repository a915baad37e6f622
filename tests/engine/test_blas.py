"""BLAS has its threads back when nobody filters any more."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import threadpoolctl

from convfilter import Kernel, convolve


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
