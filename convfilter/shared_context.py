"""Contexts that change something of the whole process, entered by several threads at once."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType


class SharedContext:
    """A context that the first thread to enter it begins, and the last one to leave it ends.

    Each on its own would restore what it found, which may be what another had changed.

    Parameters
    ----------
    make
        Returns a context that is entered once.
    """

    def __init__(self, make: Callable[[], AbstractContextManager[object]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._inside = 0
        self._context: AbstractContextManager[object] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._context = self._make()
                self._context.__enter__()
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._context is not None:
                self._context.__exit__(None, None, None)
