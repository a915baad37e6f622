"""Animations and pages to test with, drawn and encoded by Pillow alone."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convfilter.pictures.extras import load_plugin
from convfilter.pictures.formats import FORMATS

COUNT = 12
DURATIONS = [10 * (2 + number % 5) for number in range(COUNT)]


def shapes(mode: str = "RGB", count: int = COUNT, side: int = 32) -> list[Image.Image]:
    """Draw a block that moves and changes its colour; in RGBA the rest is transparent."""
    images = []
    for number in range(count):
        array = np.zeros((side, side + 8, 4), np.uint8)
        array[2 + number : 10 + number, 2 * number : 2 * number + 9] = (250, 20 * number, 60, 255)
        images.append(Image.fromarray(array).convert(mode))
    return images


def encoded(images: list[Image.Image], name: str, **settings: Any) -> bytes:
    """Return a file with all of the images."""
    return encoded_image(images[0], name, save_all=True, append_images=images[1:], **settings)


def encoded_image(image: Image.Image, name: str, **settings: Any) -> bytes:
    """Return a file with one image."""
    stream = io.BytesIO()
    load_plugin(FORMATS[name].plugin)
    image.save(stream, format=FORMATS[name].pillow, **settings)
    return stream.getvalue()


def shown(data: bytes) -> list[NDArray[np.uint8]]:
    """Return what a viewer shows, frame after frame; colours that cannot be seen are black."""
    arrays = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            array = np.asarray(image.convert("RGBA")).copy()
            array[array[:, :, 3] == 0] = 0
            arrays.append(array)
    return arrays


def timing(data: bytes) -> tuple[list[float | None], int | None]:
    """Return the durations and the number for the loop as they stand in a file."""
    durations = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            durations.append(image.info.get("duration"))
        return durations, image.info.get("loop")
