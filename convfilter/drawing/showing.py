"""Any picture as one that can be looked at: 8-bit RGB, scaled so that its pixels stay true."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convfilter.errors import PictureError
from convfilter.options import Pair
from convfilter.picture import LAYOUTS, Picture

SQUARE = 8
LIGHT, DARK = 255, 226
"""The chequerboard beneath what is transparent: the side of a square in pixels, its grays."""


def to_looked_at(picture: Picture) -> Image.Image:
    """Return a picture in 8 bits: L, LA, RGB, RGBA or CMYK.

    Float samples are shown from 0 to 1, finer integers rounded to 8 bits.

    Raises
    ------
    PictureError
        If nothing is known of its channels.
    """
    if picture.layout not in LAYOUTS:
        raise PictureError(
            f"a picture of {picture.mode} cannot be shown",
            "its channels are no colours",
            "take one, two, three or four channels",
        )
    return Image.merge(picture.layout, [Image.fromarray(_eight_bits(p)) for p in picture.planes])


def _eight_bits(plane: NDArray[Any]) -> NDArray[np.uint8]:
    if plane.dtype == np.uint8:
        return plane.astype(np.uint8, copy=False)
    full = 1.0 if plane.dtype.kind == "f" else float(np.iinfo(plane.dtype).max)
    share = np.clip(np.nan_to_num(plane.astype(np.float64) / full), 0, 1)
    levels: NDArray[np.uint8] = np.floor(255 * share + 0.5).astype(np.uint8)
    return levels


def fitting(size: Pair, room: Pair) -> Pair:
    """Return the width and height in which a picture fits into a room of width and height.

    A smaller picture is enlarged a whole number of times, so that its pixels stay square.
    """
    shrink = min(there / wanted for there, wanted in zip(room, size, strict=True))
    if shrink >= 1:
        return size[0] * int(shrink), size[1] * int(shrink)
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def show(picture: Picture, size: Pair) -> Image.Image:
    """Return a picture as RGB in a width and height, over a chequerboard if transparent.

    Enlarged pixels are squares; smaller ones are means over an area.
    """
    return over_squares(scaled(to_looked_at(picture), size))


def scaled(image: Image.Image, size: Pair) -> Image.Image:
    """Return an image in another width and height."""
    if image.size == size:
        return image
    enlarged = size[0] >= image.width and size[1] >= image.height
    way = Image.Resampling.NEAREST if enlarged else Image.Resampling.BOX
    return image.resize(size, way)


def over_squares(image: Image.Image) -> Image.Image:
    """Return an image as RGB; a chequerboard shows through where it is transparent."""
    if "A" not in image.getbands():
        return image.convert("RGB")
    y, x = np.indices((image.height, image.width)) // SQUARE
    squares = np.where((x + y) % 2, DARK, LIGHT).astype(np.uint8)
    ground = Image.fromarray(squares).convert("RGB")
    ground.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return ground
