"""Pillow's images as rows: the one bridge between Pillow's memory and arrays.

A band at a time. An image that lies in one piece is read where it lies; of others a few rows are
cut out, which costs a fraction of turning the whole image into one array, and stays in cache.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convfilter.errors import PictureError
from convfilter.options import Pair
from convfilter.picture import Picture
from convfilter.pictures.arrow import BYTES_A_PIXEL, PILLOW_DTYPES, channel_views, channels_of
from convfilter.rows import Band

PILLOW_MODES = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", *PILLOW_DTYPES})
"""The modes of pictures that Pillow can hold."""


COPIED_ROWS = 256
"""Rows that are copied into an image at a time."""

CUT_BYTES = 2**21
"""Size of the rows cut out at a time: they stay in the cache, and lie in one piece of memory."""


class ImageRows:
    """The channels of an image as planes."""

    step = 1

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.planes = len(image.getbands())
        self._kept: list[tuple[int, Image.Image]] = []
        self._kept_ends: list[int] = []

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Copy the rows."""
        for start, channels in self._pieces(top, bottom):
            first, last = max(start, top), min(start + len(channels[0]), bottom)
            for plane, channel in zip(out, channels, strict=True):
                plane[first - top : last - top] = channel[first - start : last - start]

    def _pieces(self, top: int, bottom: int) -> Iterator[tuple[int, list[NDArray[Any]]]]:
        """Yield stretches of rows, each with the row that it begins at; later ones are truer."""
        if (whole := channel_views(self.image)) is not None:
            yield 0, whole
        else:
            count = max(1, CUT_BYTES // (BYTES_A_PIXEL * self.image.width))
            for first in range(top, bottom, count):
                yield first, channels_of(self._cut(first, min(first + count, bottom)))
        for start, rows in self._kept[bisect_right(self._kept_ends, top) :]:
            if start >= bottom:
                return
            yield start, channels_of(rows)

    def overwritten(self, bands: Iterable[Pair], reach: int) -> "ImageSink":
        """Return a sink that writes each band where it was read: no second image is needed.

        The rows around every edge of a band are kept aside, so that its neighbours read what was
        there. Afterwards these rows are spent, and are those of the result.

        Parameters
        ----------
        bands
            As they will be written, each once.
        reach
            How many rows beyond its own a band reads, at most, and one more, for borders that
            mirror without repeating the edge.
        """
        height = self.image.height
        edges = sorted({0, height, *(edge for band in bands for edge in band)})
        for edge in edges:
            top, bottom = max(edge - reach, 0), min(edge + reach, height)
            self._kept.append((top, self._cut(top, bottom)))
            self._kept_ends.append(bottom)
        return ImageSink(self.image)

    def _cut(self, top: int, bottom: int) -> Image.Image:
        return self.image.crop((0, top, self.image.width, bottom))


class ImageSink:
    """An image that is written to in bands.

    Parameters
    ----------
    image
        Whose pixels are replaced; what it tells besides them does not matter.
    """

    def __init__(self, image: Image.Image) -> None:
        # Without its file's metadata, which an encoder may look for in it.
        self.image = Image.Image()._new(image.im)
        self._planes = len(image.getbands())

    @classmethod
    def new(cls, mode: str, height: int, width: int) -> "ImageSink":
        """Return one with memory of its own.

        Raises
        ------
        PictureError
            If Pillow has no such mode.
        """
        if mode not in PILLOW_MODES:
            raise PictureError(
                f"no picture of mode {mode} can be made",
                "Pillow, which holds the result, has no such mode",
                "convolve the array instead",
            )
        # No colour: every pixel will be written, so none needs to be filled first.
        return cls(Image.new(mode, (width, height), None))

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
    return np.dtype(PILLOW_DTYPES.get(mode, "uint8")).newbyteorder("=")


def to_image(picture: Picture) -> Image.Image:
    """Return the picture as Pillow's image: its own where it is one, else a new one."""
    if isinstance(picture.rows, ImageRows):
        return picture.rows.image
    sink = ImageSink.new(picture.mode, picture.height, picture.width)
    for top in range(0, picture.height, COPIED_ROWS):
        band = sink.band(top, min(top + COPIED_ROWS, picture.height))
        picture.rows.read(top, top + band.shape[1], band)
        sink.write(top, band)
    return sink.image
