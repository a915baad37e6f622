"""Scratch memory of a thread, reused: fresh large buffers cost more in page faults than sums do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_local = threading.local()


@contextmanager
def scratch() -> Iterator["Scratch"]:
    """Lend arrays that are given back together when the block ends."""
    lent = Scratch()
    try:
        yield lent
    finally:
        lent.give_all_back()


class Scratch:
    """Arrays on loan from the thread's free memory."""

    def __init__(self) -> None:
        self._lent: dict[int, NDArray[np.uint8]] = {}

    def array(self, shape: tuple[int, ...] | int, dtype: DTypeLike) -> NDArray[Any]:
        """Return an array with arbitrary content."""
        dtype = np.dtype(dtype)
        shape = (shape,) if isinstance(shape, int) else shape
        size = prod(shape) * dtype.itemsize
        memory = _take(size)
        array = memory[:size].view(dtype).reshape(shape)
        self._lent[array.ctypes.data] = memory
        return array

    def give_back(self, array: NDArray[Any]) -> None:
        """Let others have the memory of an array that `array` returned."""
        _free().append(self._lent.pop(array.ctypes.data))

    def give_all_back(self) -> None:
        """Let others have the memory of all arrays."""
        _free().extend(self._lent.values())
        self._lent.clear()


def _free() -> list[NDArray[np.uint8]]:
    if not hasattr(_local, "free"):
        _local.free = []
    free: list[NDArray[np.uint8]] = _local.free
    return free


def _take(size: int) -> NDArray[np.uint8]:
    """Take the smallest free piece that is large enough, or else new memory."""
    free = _free()
    fitting = [n for n, piece in enumerate(free) if piece.size >= size]
    if fitting:
        return free.pop(min(fitting, key=lambda n: free[n].size))
    free.clear()  # pieces that have become too small would only pile up
    return np.empty(size, np.uint8)
