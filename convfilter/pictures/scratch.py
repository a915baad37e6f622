"""Results that are too large for memory: kept in a file until they are written."""

import errno
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np

from convfilter.errors import OutputError
from convfilter.pictures.arrays import FileRows
from convfilter.rows import Band

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system answers where a file cannot grow."""


class ScratchSink:
    """A file that rows are written to as they come, and read from in order later.

    Bands are finished in any order, and the files that they go into want them in order.

    Parameters
    ----------
    file
        Open for reading and writing, and unbuffered.
    shape
        Height, width and channels.
    """

    def __init__(
        self, file: BinaryIO, shape: tuple[int, int, int], dtype: "np.dtype[np.generic]"
    ) -> None:
        _, self._width, self._planes = shape
        self._dtype = np.dtype(dtype)
        self._pitch = self._width * self._planes * self._dtype.itemsize
        self._file = file
        self.rows = FileRows(file, "the unfinished result", 0, shape, dtype)

    @classmethod
    def unnamed(
        cls, folder: str, shape: tuple[int, int, int], dtype: "np.dtype[np.generic]"
    ) -> "ScratchSink":
        """Return one of a file without a name: nothing is left of it, whatever ends the program.

        Parameters
        ----------
        folder
            Where there is room: the one that the result goes to.

        Raises
        ------
        OutputError
            If there can be no file there.
        """
        with _room_wanted():
            file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - below
        sink = cls(file, shape, dtype)
        weakref.finalize(sink, file.close)
        return sink

    @classmethod
    @contextmanager
    def shared(
        cls, path: str, shape: tuple[int, int, int], dtype: "np.dtype[np.generic]"
    ) -> "Iterator[ScratchSink]":
        """Open a file that several processes write to, which is there already.

        When it is left, all has arrived where the others can read it.

        Raises
        ------
        OutputError
            If it cannot be written to.
        """
        with _room_wanted():
            file = open(path, "r+b", buffering=0)  # noqa: SIM115 - below
        with file:
            yield cls(file, shape, dtype)
            with _room_wanted():
                os.fsync(file.fileno())

    def band(self, top: int, bottom: int) -> Band:
        """Return new memory."""
        return np.empty((self._planes, bottom - top, self._width), self._dtype)

    def write(self, top: int, band: Band) -> None:
        """Write the rows to their place; threads do not disturb each other."""
        left = np.ascontiguousarray(band.transpose(1, 2, 0)).reshape(-1).view(np.uint8).data
        place = top * self._pitch
        with _room_wanted():
            while left:
                written = os.pwrite(self._file.fileno(), left, place)
                left, place = left[written:], place + written


@contextmanager
def _room_wanted() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            "the result cannot be kept while it is made",
            error.strerror or str(error),
            "it needs room beside the output, uncompressed" if error.errno in NO_ROOM else None,
        ) from None
