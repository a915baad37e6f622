"""The caller's thread and those that help it, running over bands."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from convfilter.options import Pair

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Made = TypeVar("Made")

Turn = Sequence[Pair]
"""Bands that a thread makes one after the other: first row, and row after the last."""


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
            from concurrent.futures import ThreadPoolExecutor

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

    def over(self, turns: Iterable[Turn], make: Callable[[int, int], Made]) -> list[Made]:
        """Call ``make(top, bottom)`` for each band; after a failure for no other.

        Each thread takes the next turn by itself, and makes its bands one after the other.
        Handing bands out from the caller's thread would cost two context switches a band.
        """
        waiting = deque(turns)
        made: list[Made] = []
        failed = Event()

        def work() -> None:
            try:
                while waiting:
                    try:
                        bands = waiting.popleft()
                    except IndexError:
                        return  # another thread was quicker
                    for top, bottom in bands:
                        if failed.is_set():
                            return
                        made.append(make(top, bottom))
            except BaseException:
                failed.set()
                raise

        pool = self._pool
        helping = [pool.submit(work) for _ in range(self._helpers)] if pool else []
        try:
            work()
            failures = [helper.exception() for helper in helping]
        except BaseException:
            failed.set()  # also where it is this thread's waiting that is interrupted
            raise
        for failure in failures:
            if failure is not None:
                raise failure
        return made
