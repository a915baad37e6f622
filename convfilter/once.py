"""Properties that are computed once, even if several threads ask at the same time."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar, overload

Value = TypeVar("Value")


class once_property(cached_property[Value]):  # noqa: N801 - as the one that it is
    """A `functools.cached_property` with a lock: from Python 3.12 on that one has none."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        super().__init__(compute)
        self._lock = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | Value:
        with self._lock:
            return super().__get__(instance, owner)
