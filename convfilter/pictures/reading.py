"""From a decoded image to a picture: name what its channels are, keep what came with it."""

import os
from typing import BinaryIO

import numpy as np
from PIL import Image

from convfilter.errors import PictureError
from convfilter.picture import LAYOUTS, Encoding, Picture
from convfilter.pictures.arrays import read_array
from convfilter.pictures.decoder_faults import decoder_faults
from convfilter.pictures.decoding import (
    Decoded,
    Encoded,
    decode,
    decode_file,
)
from convfilter.pictures.metadata import read_metadata
from convfilter.pictures.raster import ImageRows, samples_dtype
from convfilter.pictures.read_options import ReadOptions, checked


def open_picture(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Picture:
    """Read a picture file.

    Parameters
    ----------
    path
        Of the file; what it holds is told by its first bytes, not by its suffix.
    options
        What may be read; None means the defaults of `ReadOptions`.

    Returns
    -------
    Picture
        With the file's own depth, metadata and encoding. The samples of a large file may
        be read only when they are needed.

    Raises
    ------
    PictureError
        If it is missing, damaged, not of a known format, too large, or would lose depth; or
        if it has several frames and the options name none.
    UsageError
        If an argument is something else than it should be.
    """
    return read_decoded(decode_file(path, checked(options)))


def read_picture(stream: BinaryIO, name: str, options: ReadOptions | None = None) -> Picture:
    """Read a picture from a stream that can be sought in.

    Parameters
    ----------
    name
        For messages.

    Raises
    ------
    PictureError
        As `open_picture`.
    """
    return read_decoded(decode(stream, name, checked(options)))


def read_decoded(decoded: Decoded | Encoded) -> Picture:
    """Return what has been decoded as a picture, and read what has not.

    Raises
    ------
    PictureError
        If it cannot be filtered, or not be read.
    """
    if isinstance(decoded, Decoded):
        _check_only(decoded)
        return to_picture(decoded)
    with decoded.stream:
        _check_only(decoded)
        return read_encoded(decoded)


def read_encoded(encoded: Encoded) -> Picture:
    """Read what Pillow does not, and leave its file open.

    Raises
    ------
    PictureError
        As `read_decoded`.
    """
    with decoder_faults(encoded.name, encoded.format):
        if encoded.format.holds_arrays:
            return read_array(encoded)
        from convfilter.pictures.deep import read_deep

        return read_deep(encoded)


def frames_wanted(decoded: Decoded | Encoded) -> int:
    """Return how many frames or pages are wanted of a file.

    Raises
    ------
    PictureError
        If they cannot be counted.
    """
    if decoded.frames is not None:
        return decoded.frames
    assert isinstance(decoded, Encoded)  # noqa: S101 - only these are left uncounted
    with decoder_faults(decoded.name, decoded.format):
        from convfilter.pictures.deep import count_pages

        return count_pages(decoded)


def _check_only(decoded: Decoded | Encoded) -> None:
    frames = frames_wanted(decoded)
    if frames > 1:
        raise PictureError(
            f"{decoded.name} has {frames} frames",
            "only one would be kept",
            "use --frames first for the first one alone, or open_frames in the library",
        )


def to_picture(decoded: Decoded, layout: str | None = None) -> Picture:
    """Return a decoded image as a picture.

    Parameters
    ----------
    layout
        RGB or RGBA, if all frames of an animation are to have it.

    Raises
    ------
    PictureError
        If its mode cannot be filtered.
    """
    notes = list(decoded.notes)
    with decoder_faults(decoded.name, decoded.format):
        metadata = read_metadata(decoded.image, notes)
        if isinstance(decoded.image.info.get("transparency"), str):
            del decoded.image.info["transparency"]  # a text of a PNG that has this name
        raster = _canonical(decoded.image)
        if layout and raster.mode != layout:
            raster = raster.convert(layout)
    if raster.mode not in LAYOUTS and raster.mode not in ("I;16", "F"):
        raise PictureError(
            f"{decoded.name} has mode {raster.mode}",
            "its samples cannot be filtered without changing what they are",
            "convert it to gray or RGB first",
        )
    if raster is decoded.image and getattr(raster, "n_frames", 1) > 1:
        raster = raster.copy()  # the next frame will take its place in the image
    return Picture(
        ImageRows(raster),
        raster.height,
        raster.width,
        raster.mode if raster.mode in LAYOUTS else "L",
        samples_dtype(raster.mode),
        metadata,
        Encoding(decoded.format.name, decoded.settings),
        tuple(notes),
        decoded.duration,
    )


def _canonical(image: Image.Image) -> Image.Image:
    """Return the image in one of the modes that are filtered, with every value kept."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _without_key(image) if "transparency" in image.info else _native_16(image)
    if mode == "I" and image.format == "PPM":
        return _native_16(image)
    if mode in ("P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if mode in ("1", "L", "RGB") and image.has_transparency_data:
        return image.convert("RGBA" if mode == "RGB" else "LA")
    to_mode = {"1": "L", "RGBX": "RGB", "La": "LA", "RGBa": "RGBA"}.get(mode)
    return image.convert(to_mode) if to_mode else image


def _native_16(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        return image
    return Image.fromarray(np.asarray(image).astype(np.uint16))


def _without_key(image: Image.Image) -> Image.Image:
    """Return 16-bit gray with a transparent level as 8-bit gray and alpha."""
    levels = np.asarray(image).astype(np.int64)
    gray = ((levels + 128) // 257).astype(np.uint8)
    alpha = np.where(levels == image.info["transparency"], 0, 255).astype(np.uint8)
    return Image.merge("LA", [Image.fromarray(gray), Image.fromarray(alpha)])
