"""Pillow's memory as an array, without a copy, by the Arrow C data interface.

Splitting an image and turning its channels into arrays copies the samples several times, and lets
no other thread run meanwhile; it takes five times as long.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PILLOW_DTYPES: dict[str, str] = {"I;16": "<u2", "F": "=f4"}
"""Dtypes of the samples of Pillow's modes that are not uint8."""

BYTES_A_PIXEL = 4
"""Bytes of a pixel in each of Pillow's modes with several channels."""

POSITIONS: dict[str, tuple[int, ...]] = {"LA": (0, 3), "RGB": (0, 1, 2)}
"""The bytes that hold the channels; in other modes all four do."""


class _ArrowArray(ctypes.Structure):
    """The structure ``ArrowArray``, as the interface lays it down."""

    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.POINTER(ctypes.c_void_p)),
        ("children", ctypes.POINTER(ctypes.c_void_p)),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


# A prototype of its own: that of ctypes.pythonapi is everybody's.
_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


class _Memory:
    """What NumPy makes an array of; it keeps the image's memory for as long as there is one."""

    def __init__(self, capsule: object, shape: tuple[int, ...], dtype: str) -> None:
        exported = _ArrowArray.from_address(_pointer(capsule, b"arrow_array"))
        if exported.n_children:
            # Pixels of four bytes are lists, whose items are the only child.
            exported = _ArrowArray.from_address(exported.children[0])
        self._capsule = capsule
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": np.dtype(dtype).str,
            "data": (exported.buffers[1], True),
        }


def channels_of(image: Image.Image) -> list[NDArray[Any]]:
    """Return the channels of an image, each of shape (height, width); not to be written to.

    They are views where that can be.
    """
    views = channel_views(image)
    return [np.asarray(channel) for channel in image.split()] if views is None else views


def channel_views(image: Image.Image) -> list[NDArray[Any]] | None:
    """Return the channels of an image as they lie there, each of shape (height, width).

    None for one that lies in several pieces of memory, as those from 16 MiB on.
    """
    try:
        _, capsule = image.__arrow_c_array__()
    except ValueError:
        return None
    shape = image.height, image.width
    if len(image.getbands()) == 1:
        return [np.asarray(_Memory(capsule, shape, PILLOW_DTYPES.get(image.mode, "|u1")))]
    pixels = np.asarray(_Memory(capsule, (*shape, BYTES_A_PIXEL), "|u1"))
    return [pixels[:, :, n] for n in POSITIONS.get(image.mode, range(BYTES_A_PIXEL))]
