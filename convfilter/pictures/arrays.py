"""NPY files as pictures: an array's numbers as samples, and the other way round."""

import io
import os
import weakref
from dataclasses import replace
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from convfilter.errors import PictureError
from convfilter.picture import DEPTHS, PLANES, Encoding, Picture, layout_of
from convfilter.pictures.decoding import Encoded
from convfilter.pictures.refusals import check_pixels
from convfilter.rows import Band, PlanarRows, Rows

WRITTEN_ROWS = 256
"""Rows that are put into a file at a time."""


class FileRows:
    """The rows of an array that lies in a file: read when they are asked for.

    Parameters
    ----------
    file
        Duplicated, so that it may be closed.
    offset
        Where the array begins.
    shape
        Height, width and channels.
    """

    step = 1

    def __init__(
        self, file: BinaryIO, name: str, offset: int, shape: tuple[int, int, int], dtype: Any
    ) -> None:
        self.planes = shape[2]
        self._name = name
        self._offset = offset
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows out of the file; threads do not disturb each other."""
        _, width, channels = self._shape
        pitch = width * channels * self._dtype.itemsize
        data = os.pread(self._descriptor, (bottom - top) * pitch, self._offset + top * pitch)
        if len(data) != (bottom - top) * pitch:
            raise PictureError(f"{self._name} cannot be read", "it became shorter meanwhile")
        rows = np.frombuffer(data, self._dtype).reshape(-1, width, channels)
        out[...] = rows.transpose(2, 0, 1)


def read_array(encoded: Encoded) -> Picture:
    """Return the picture in an NPY file.

    One dimension is one row, two are gray, and three are height, width and channels, of
    which nothing is known but that three are red, green and blue.

    Raises
    ------
    PictureError
        If it is damaged, too large, or of another shape or dtype.
    """
    # With the readers of kernels comes YAML's, which a picture seldom needs.
    from convfilter.registry.fault import Fault
    from convfilter.registry.npy_file import read_header

    name, stream = encoded.name, encoded.stream
    try:
        shape, fortran_order, stored = read_header(stream)
    except Fault as fault:
        raise PictureError(f"{name} cannot be read", fault.cause) from None
    dtype = stored.newbyteorder("=")
    if str(dtype) not in DEPTHS or stored.hasobject:
        raise PictureError(
            f"{name} holds {stored}",
            f"pictures are of {', '.join(DEPTHS)}",
            "convert it first, as in array.astype('float32')",
        )
    if len(shape) not in (1, 2, 3):
        raise PictureError(
            f"{name} has shape {shape}", "a picture has height, width and perhaps channels"
        )
    height, width, channels = ((1, *shape, 1) if len(shape) == 1 else (*shape, 1))[:3]
    check_pixels(height * width, name, encoded.options)
    layout = layout_of(channels) if channels in (1, 3) else PLANES
    rows = _rows(encoded, (height, width, channels), stored, fortran_order)
    encoding = Encoding("npy", {"dimensions": len(shape)})
    return Picture(rows, height, width, layout, dtype, encoding=encoding)


def _rows(
    encoded: Encoded, shape: tuple[int, int, int], dtype: np.dtype[Any], fortran_order: bool
) -> Rows:
    stream = encoded.stream
    offset = stream.tell()
    given = stream.seek(0, os.SEEK_END) - offset
    if given != prod(shape) * dtype.itemsize:
        cause = f"shape {shape} of {dtype} takes {prod(shape) * dtype.itemsize} bytes"
        raise PictureError(f"{encoded.name} is damaged", f"{cause}, the file has {given}")
    if not fortran_order and not isinstance(stream, io.BytesIO):
        return FileRows(stream, encoded.name, offset, shape, dtype)
    stream.seek(offset)
    flat = np.frombuffer(stream.read(), dtype)
    return PlanarRows(flat.reshape(shape, order="F" if fortran_order else "C"))


def as_pictured(picture: Picture) -> Picture:
    """Return planes as what a picture format takes so many channels for."""
    planes = picture.rows.planes
    if picture.layout == PLANES and planes <= MOST_PICTURED:
        return replace(picture, layout=layout_of(planes))
    return picture


MOST_PICTURED = 4
"""Channels that picture formats have at most."""


def write_array(picture: Picture, stream: BinaryIO) -> None:
    """Write the samples of a picture as an NPY file.

    An array that came with three dimensions, or with one, keeps them.
    """
    kept = picture.encoding
    dimensions = kept.settings.get("dimensions") if kept and kept.format == "npy" else None
    planes = picture.rows.planes
    shape: tuple[int, ...] = (picture.height, picture.width, planes)
    if planes == 1 and dimensions != len(shape):
        shape = shape[:2]
    if planes == 1 and dimensions == 1 and picture.height == 1:
        shape = (picture.width,)
    header = {"descr": picture.dtype.str, "fortran_order": False, "shape": shape}
    npy_format.write_array_header_1_0(stream, header)
    for top in range(0, picture.height, WRITTEN_ROWS):
        bottom = min(top + WRITTEN_ROWS, picture.height)
        band: NDArray[Any] = np.empty((planes, bottom - top, picture.width), picture.dtype)
        picture.rows.read(top, bottom, band)
        stream.write(np.ascontiguousarray(band.transpose(1, 2, 0)).data)
