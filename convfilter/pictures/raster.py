"""Pillow's images as rows: the one bridge between Pillow's memory and arrays.

A band at a time: cutting a few rows out, splitting them into channels and viewing those
as arrays costs a fraction of turning the whole image into one array, and stays in cache.
"""

from typing import Any

import numpy as np
from PIL import Image

from convfilter.errors import PictureError
from convfilter.picture import Picture
from convfilter.rows import Band

PILLOW_DTYPES: dict[str, str] = {"I;16": "uint16", "F": "float32"}
"""Dtypes of the samples of Pillow's modes that are not uint8."""


PILLOW_MODES = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", *PILLOW_DTYPES})
"""The modes of pictures that Pillow can hold."""


COPIED_ROWS = 256
"""Rows that are made an image of at a time."""


class ImageRows:
    """The channels of an image as planes."""

    step = 1

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.planes = len(image.getbands())

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows."""
        band = self.image.crop((0, top, self.image.width, bottom))
        for plane, channel in zip(out, band.split() if self.planes > 1 else (band,), strict=True):
            plane[...] = np.asarray(channel)


class ImageSink:
    """A new image that is written to in bands."""

    def __init__(self, mode: str, height: int, width: int) -> None:
        if mode not in PILLOW_MODES:
            raise PictureError(
                f"no picture of mode {mode} can be made",
                "Pillow, which holds the result, has no such mode",
                "convolve the array instead",
            )
        # No colour: every pixel will be written, so none needs to be filled first.
        self.image = Image.new(mode, (width, height), None)
        self._planes = len(self.image.getbands())

    def band(self, top: int, bottom: int) -> Band:
        """Return new memory, since Pillow's own cannot be written to from outside."""
        return np.empty(
            (self._planes, bottom - top, self.image.width), samples_dtype(self.image.mode)
        )

    def write(self, top: int, band: Band) -> None:
        """Paste the rows."""
        channels = [Image.fromarray(plane) for plane in band]
        merged = channels[0] if len(channels) == 1 else Image.merge(self.image.mode, channels)
        self.image.paste(merged, (0, top))


def samples_dtype(mode: str) -> "np.dtype[Any]":
    """Return the dtype of the samples of an image of one of Pillow's modes."""
    return np.dtype(PILLOW_DTYPES.get(mode, "uint8"))


def to_image(picture: Picture) -> Image.Image:
    """Return the picture as Pillow's image: its own where it is one, else a new one."""
    if isinstance(picture.rows, ImageRows):
        return picture.rows.image
    sink = ImageSink(picture.mode, picture.height, picture.width)
    for top in range(0, picture.height, COPIED_ROWS):
        band = sink.band(top, min(top + COPIED_ROWS, picture.height))
        picture.rows.read(top, top + band.shape[1], band)
        sink.write(top, band)
    return sink.image
