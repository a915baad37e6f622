"""Rows of samples, a band at a time: where the engine reads from, and where it writes to."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Planes = list[NDArray[Any]]
"""Arrays of shape ``(rows, width · step)``: ``step`` interleaved channels in each."""


class Rows(Protocol):
    """Anything that hands out rows of planes; safe to read from several threads."""

    @property
    def step(self) -> int:
        """Channels interleaved in each plane."""

    @property
    def planes(self) -> int:
        """How many planes."""

    def read(self, top: int, bottom: int) -> Planes:
        """Return rows ``top`` to ``bottom - 1`` of every plane; not to be written to."""


class Sink(Protocol):
    """Where finished rows go; written to from several threads, each row once."""

    def write(self, top: int, planes: Planes) -> None:
        """Take the rows from ``top`` on of every plane."""


class InterleavedRows:
    """An array of shape ``(height, width, channels)`` as one plane, just as it lies."""

    planes = 1

    def __init__(self, array: NDArray[Any]) -> None:
        self.step = int(array.shape[2])
        self._flat = np.ascontiguousarray(array).reshape(array.shape[0], -1)

    def read(self, top: int, bottom: int) -> Planes:
        """Return a view, not a copy."""
        return [self._flat[top:bottom]]


class InterleavedSink:
    """Writes into a contiguous array of shape ``(height, width, channels)``."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._flat = array.reshape(array.shape[0], -1)

    def write(self, top: int, planes: Planes) -> None:
        """Copy the rows of the one plane."""
        (rows,) = planes
        self._flat[top : top + rows.shape[0]] = rows


class PlanarRows:
    """An array of shape ``(height, width, channels)`` as one plane for each channel."""

    step = 1

    def __init__(self, array: NDArray[Any]) -> None:
        self.planes = int(array.shape[2])
        self._array = array

    def read(self, top: int, bottom: int) -> Planes:
        """Return views, not copies."""
        return [self._array[top:bottom, :, channel] for channel in range(self.planes)]


class ChosenPlanes:
    """Some planes of another source."""

    def __init__(self, rows: Rows, chosen: list[int]) -> None:
        self.step = rows.step
        self.planes = len(chosen)
        self._rows = rows
        self._chosen = chosen

    def read(self, top: int, bottom: int) -> Planes:
        """Return the chosen planes, in the order chosen."""
        planes = self._rows.read(top, bottom)
        return [planes[index] for index in self._chosen]
