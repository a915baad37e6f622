"""Rows of samples, a band at a time: where the engine reads from, and where it writes to.

A band is an array of shape ``(planes, rows, width · step)``: each plane has ``step``
channels interleaved.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Band = NDArray[Any]


class Rows(Protocol):
    """Anything that hands out rows of planes; safe to read from several threads."""

    @property
    def step(self) -> int:
        """Channels interleaved in each plane."""

    @property
    def planes(self) -> int:
        """How many planes."""

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out``, of any dtype wide enough, with rows ``top`` to ``bottom - 1``."""


class Sink(Protocol):
    """Where finished rows go; used from several threads, each row once."""

    def band(self, top: int, bottom: int) -> Band:
        """Return the array that rows ``top`` to ``bottom - 1`` are to be put into."""

    def write(self, top: int, band: Band) -> None:
        """Take what `band` returned, now filled."""


class InterleavedRows:
    """An array of shape ``(height, width, channels)`` as one plane, just as it lies."""

    planes = 1

    def __init__(self, array: NDArray[Any]) -> None:
        self.step = int(array.shape[2])
        self._flat = np.ascontiguousarray(array).reshape(1, array.shape[0], -1)

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows."""
        out[...] = self._flat[:, top:bottom]


class InterleavedSink:
    """Writes into a contiguous array of shape ``(height, width, channels)``."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._flat = array.reshape(1, array.shape[0], -1)

    def band(self, top: int, bottom: int) -> Band:
        """Return a view of the array."""
        return self._flat[:, top:bottom]

    def write(self, top: int, band: Band) -> None:
        """Do nothing: the array is filled already."""


class PlanarRows:
    """An array of shape ``(height, width, channels)`` as one plane for each channel."""

    step = 1

    def __init__(self, array: NDArray[Any]) -> None:
        self.planes = int(array.shape[2])
        self.array = array

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows."""
        out[...] = self.array[top:bottom].transpose(2, 0, 1)


class PlanarSink:
    """Writes planes into an array of shape ``(height, width, channels)``."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def band(self, top: int, bottom: int) -> Band:
        """Return new memory, in which each plane lies by itself."""
        rows = self.array[top:bottom]
        return np.empty((rows.shape[2], *rows.shape[:2]), rows.dtype)

    def write(self, top: int, band: Band) -> None:
        """Interleave the rows."""
        self.array[top : top + band.shape[1]] = band.transpose(1, 2, 0)


class ChosenPlanes:
    """Some planes of another source: the first, the last, or those at some positions."""

    def __init__(self, rows: Rows, chosen: slice | Sequence[int]) -> None:
        self.step = rows.step
        positions = range(rows.planes)[chosen] if isinstance(chosen, slice) else list(chosen)
        self.planes = len(positions)
        self._rows = rows
        # A slice is a view, positions are a copy.
        self._chosen = chosen if isinstance(chosen, slice) else positions

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Read all planes, and keep the chosen ones."""
        everything = np.empty((self._rows.planes, *out.shape[1:]), out.dtype)
        self._rows.read(top, bottom, everything)
        out[...] = everything[self._chosen]
