"""The caller's thread and those that help it, running over bands."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypeVar

from convfilter.options import Pair

Made = TypeVar("Made")


class Threads:
    """A few threads for as long as the ``with`` lasts.

    Parameters
    ----------
    count
        The caller's included.
    """

    def __init__(self, count: int) -> None:
        self._helpers = count - 1
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Be ready to start them."""
        if self._helpers:
            self._pool = ThreadPoolExecutor(self._helpers, "convfilter-band")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let them go."""
        if self._pool:
            self._pool.shutdown()

    def over(self, bands: Iterable[Pair], make: Callable[[int, int], Made]) -> list[Made]:
        """Call ``make(top, bottom)`` for each band, in no order; after a failure for no other.

        Each thread takes the next band by itself. To be handed them by the caller's would cost
        both of them a change of threads a band, in which neither computes.
        """
        waiting = deque(bands)
        made: list[Made] = []

        def work() -> None:
            try:
                while waiting:
                    try:
                        top, bottom = waiting.popleft()
                    except IndexError:
                        return  # another thread was quicker
                    made.append(make(top, bottom))
            except BaseException:
                waiting.clear()
                raise

        pool = self._pool
        helping = [pool.submit(work) for _ in range(self._helpers)] if pool else []
        try:
            work()
        finally:
            wait(helping)
        for helper in helping:
            helper.result()
        return made
