"""Strips and tiles of a file as rows: decoded when they are asked for, and kept for a while."""

import io
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convfilter.cores import available_cores
from convfilter.errors import PictureError
from convfilter.frozen import frozen
from convfilter.rows import Band, Rows

CACHE_BYTES = 64 * 2**20
"""Size of the decoded segments that are kept, unless a few rows of them are larger."""

KEPT_SEGMENT_ROWS = 3
"""Least rows of segments that are kept: bands overlap, and several are made at once."""

THREADS_BYTES = 512 * 2**20
"""Up to this size, two rows of decoded segments are kept for every thread."""

Segment = NDArray[Any]
"""Decoded: rows, columns and samples; on the picture's edge it may be larger than needed."""


@frozen
class Grid:
    """How a picture is cut into segments, which are numbered plane by plane, row by row.

    Parameters
    ----------
    height, width, samples
        Of the picture.
    rows, columns
        Of a segment, in pixels.
    separate
        Whether each segment has the samples of one channel only.
    dtype
        Of the samples.
    """

    height: int
    width: int
    samples: int
    rows: int
    columns: int
    separate: bool
    dtype: np.dtype[Any]

    @property
    def down(self) -> int:
        """Segments from top to bottom."""
        return -(-self.height // self.rows)

    @property
    def across(self) -> int:
        """Segments from left to right."""
        return -(-self.width // self.columns)

    @property
    def count(self) -> int:
        """All segments."""
        return self.down * self.across * (self.samples if self.separate else 1)

    @property
    def most_kept(self) -> int:
        """How many decoded segments are kept."""
        samples = 1 if self.separate else self.samples
        size = self.rows * self.columns * samples * self.dtype.itemsize
        a_row = self.across * (self.samples if self.separate else 1)
        every_thread = min(2 * available_cores() * a_row, THREADS_BYTES // size)
        return max(KEPT_SEGMENT_ROWS * a_row, every_thread, CACHE_BYTES // size)


class SegmentRows:
    """The rows of a picture that lies in a file in strips or tiles.

    Parameters
    ----------
    decode
        Returns a segment by its number; called from several threads.
    faults
        Makes a context that turns what a decoder raises into an error of ours.
    """

    step = 1

    def __init__(
        self,
        grid: Grid,
        decode: Callable[[int], Segment],
        faults: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.planes = grid.samples
        self._grid = grid
        self._decode = decode
        self._faults = faults
        self._kept: OrderedDict[int, Future[Segment]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows out of the segments that they lie in."""
        grid = self._grid
        planes = [slice(n, n + 1) for n in range(self.planes)] if grid.separate else [slice(None)]
        for number, plane in enumerate(planes):
            for down in range(top // grid.rows, -(-bottom // grid.rows)):
                for across in range(grid.across):
                    index = (number * grid.down + down) * grid.across + across
                    self._copy(index, down, across, top, out[plane])

    def _copy(self, index: int, down: int, across: int, top: int, out: Band) -> None:
        """Copy what of a segment lies in a band that begins at row ``top``."""
        grid = self._grid
        above, left = down * grid.rows, across * grid.columns
        first, last = max(top, above), min(top + out.shape[1], above + grid.rows, grid.height)
        columns = min(grid.columns, grid.width - left)
        part = self._segment(index)[first - above : last - above, :columns]
        out[:, first - top : last - top, left : left + columns] = part.transpose(2, 0, 1)

    def _segment(self, index: int) -> Segment:
        """Return a segment: decoded once, by the thread that first asks for it."""
        with self._lock:
            future = self._kept.get(index)
            is_new = future is None
            if future is None:
                future = self._kept[index] = Future()
            self._kept.move_to_end(index)
            while len(self._kept) > self._grid.most_kept:
                self._kept.popitem(last=False)
        if is_new:
            try:
                with self._faults():
                    future.set_result(self._decode(index))
            except BaseException as error:
                future.set_exception(error)
        return future.result()


class InvertedRows:
    """The rows of another source with black and white exchanged.

    Parameters
    ----------
    full
        The value of white.
    """

    step = 1

    def __init__(self, rows: Rows, full: int) -> None:
        self.planes = rows.planes
        self._rows = rows
        self._full = full

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with what is left to white."""
        self._rows.read(top, bottom, out)
        np.subtract(out.dtype.type(self._full), out, out=out)


class StraightRows:
    """The rows of another source, whose colours were multiplied by alpha, without that.

    Parameters
    ----------
    full
        The value of white.
    """

    step = 1

    def __init__(self, rows: Rows, full: int, dtype: np.dtype[Any]) -> None:
        self.planes = rows.planes
        self._rows = rows
        self._full = full
        self._dtype = dtype

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with colours divided by their alpha; black where that is 0."""
        self._rows.read(top, bottom, out)
        alpha = out[-1].astype(np.float64)
        hidden = alpha == 0
        alpha[hidden] = 1
        colours = out[:-1] * (self._full / alpha)
        if self._dtype.kind != "f":
            colours = np.minimum(np.floor(colours + 0.5), self._full)
        colours[:, hidden] = 0
        out[:-1] = colours


class Bytes:
    """Pieces of a file, or of what was read from a pipe; threads do not disturb each other."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self._memory = stream.getvalue() if isinstance(stream, io.BytesIO) else None
        self._descriptor = -1
        if self._memory is not None:
            self.size = len(self._memory)
            return
        self._descriptor = os.dup(stream.fileno())
        weakref.finalize(self, os.close, self._descriptor)
        self.size = os.fstat(self._descriptor).st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return so many bytes, or refuse a file that has become shorter."""
        if self._memory is not None:
            data = self._memory[offset : offset + count]
        else:
            data = os.pread(self._descriptor, count, offset)
        if len(data) != count:
            raise PictureError(f"{self._name} cannot be read", "it became shorter meanwhile")
        return data
