"""Results that are too large for memory: kept in a file without a name until they are written."""

import os
import tempfile
import weakref

import numpy as np

from convfilter.errors import OutputError
from convfilter.pictures.arrays import FileRows
from convfilter.rows import Band


class ScratchSink:
    """A file that rows are written to as they come, and read from in order later.

    Bands are finished in any order, and the files that they go into want them in order. The
    file has no name, so nothing is left of it whatever ends the program.

    Parameters
    ----------
    shape
        Height, width and channels.
    folder
        Where there is room: the one that the result goes to.
    """

    def __init__(
        self, shape: tuple[int, int, int], dtype: "np.dtype[np.generic]", folder: str
    ) -> None:
        _, self._width, self._planes = shape
        self._dtype = np.dtype(dtype)
        self._pitch = self._width * self._planes * self._dtype.itemsize
        try:
            file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - below
        except OSError as error:
            raise _no_room(error) from None
        weakref.finalize(self, file.close)
        self._file = file
        self.rows = FileRows(self._file, "the unfinished result", 0, shape, dtype)

    def band(self, top: int, bottom: int) -> Band:
        """Return new memory."""
        return np.empty((self._planes, bottom - top, self._width), self._dtype)

    def write(self, top: int, band: Band) -> None:
        """Write the rows to their place; threads do not disturb each other."""
        left = np.ascontiguousarray(band.transpose(1, 2, 0)).reshape(-1).view(np.uint8).data
        place = top * self._pitch
        try:
            while left:
                written = os.pwrite(self._file.fileno(), left, place)
                left, place = left[written:], place + written
        except OSError as error:
            raise _no_room(error) from None


def _no_room(error: OSError) -> OutputError:
    return OutputError(
        "the result cannot be kept while it is made",
        error.strerror or str(error),
        "it needs room beside the output, uncompressed",
    )
