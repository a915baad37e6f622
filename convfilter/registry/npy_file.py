"""Kernel weights in NPY files, read as data from strangers: header first, nothing executed."""

import io
import warnings
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from convfilter.registry.fault import Fault
from convfilter.registry.files import read_bytes

LONGEST_SIDE = 2**40

LONGEST_HEADER = 4096
"""Longer headers, in bytes, are refused; one of two or four dimensions has about a hundred."""


def read_weights(path: Path) -> NDArray[Any]:
    """Read the weights in an NPY file.

    Raises
    ------
    Fault
        If the file is missing, too large, or holds anything but a finite array of
        booleans, integers or floats in two or four dimensions.
    """
    return parse_weights(read_bytes(path))


def parse_weights(data: bytes) -> NDArray[Any]:
    """Read the weights in the bytes of an NPY file; see `read_weights`."""
    stream = io.BytesIO(data)
    shape, fortran_order, dtype = read_header(stream)
    if dtype.hasobject or dtype.names or dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise Fault(None, "", f"it holds {dtype}", "only booleans, integers and floats are read")
    if len(shape) not in (2, 4):
        hint = "a kernel has rows and columns, one that mixes channels [rows, columns, in, out]"
        raise Fault(None, "", f"it has shape {shape}", hint)
    count = prod(shape)
    given = len(data) - stream.tell()
    if given != count * dtype.itemsize:
        expected = f"shape {shape} of {dtype} takes {count * dtype.itemsize} bytes"
        raise Fault(None, "", f"{expected}, the file has {given}")
    flat = np.frombuffer(data, dtype, count, stream.tell())
    weights = flat.reshape(shape, order="F" if fortran_order else "C")
    if dtype.kind == "f" and not np.isfinite(weights).all():
        raise Fault(None, "", "it holds infinities or NaN", "only finite numbers are allowed")
    return weights.astype(np.int64 if dtype.kind == "b" else dtype.newbyteorder("="))


def read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read shape, whether columns come first, and dtype; the array begins where it stops.

    Raises
    ------
    Fault
        If it is not an NPY file, or of a shape that no array has.
    """
    try:
        # NumPy warns of headers that Python 2 wrote; those are refused with the others.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            shape, fortran_order, dtype = _parse_header(stream)
    except Exception as error:
        # NumPy parses the header as a Python literal; hostile ones raise nearly anything.
        cause = (str(error).splitlines() or ["its header cannot be read"])[0]
        raise Fault(None, "", f"it is not an NPY file: {cause[:120]}") from None
    # NumPy lets True pass, and integers with more digits than can be printed.
    if not all(type(side) is int and 1 <= side <= LONGEST_SIDE for side in shape):
        raise Fault(None, "", "its shape has a side that no array can have")
    return shape, fortran_order, dtype


def _parse_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy_format.read_magic(stream)
    if version == (1, 0):
        return npy_format.read_array_header_1_0(stream, LONGEST_HEADER)
    # Version 3 differs from 2 in how the names of fields are encoded; there are none here.
    if version in ((2, 0), (3, 0)):
        return npy_format.read_array_header_2_0(stream, LONGEST_HEADER)
    raise ValueError(f"unknown version {version}")
