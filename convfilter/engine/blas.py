"""The threads of BLAS, which are the whole process's: one, while anybody filters by products."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from convfilter.shared_context import SharedContext


@contextmanager
def _limited() -> Iterator[None]:
    """Hold the limit on a thread of its own: who has set it has to lift it, and be there still."""
    is_set, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with _thread_pools().limit(limits=1, user_api="blas"):
                is_set.set()
                may_go.wait()
        finally:
            is_set.set()  # without it, should it fail: nobody waits for ever

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    is_set.wait()
    yield
    may_go.set()
    holder.join()


@cache
def _thread_pools() -> Any:
    """Find the libraries that have threads: it takes longer than to filter a small picture."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


ONE_BLAS_THREAD = SharedContext(_limited)
"""A context, shared by threads, in which BLAS starts no threads of its own."""
