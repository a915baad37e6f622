"""From a file to a picture: sniff, check, decode, turn upright, name what it is."""

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps
from PIL.ExifTags import Base

from convfilter.errors import ConvfilterError, PictureError
from convfilter.picture import LAYOUTS, Picture
from convfilter.pictures.formats import FORMATS, SIGNATURE_BYTES, Format, format_by_signature
from convfilter.pictures.metadata import read_encoding, read_metadata
from convfilter.pictures.raster import ImageRows, samples_dtype

MAX_PIXELS = 2**28
"""The default limit: a gigabyte of RGB in memory."""


@dataclass(frozen=True)
class ReadOptions:
    """What may be read.

    Parameters
    ----------
    allow_depth_loss
        Go on where 16-bit samples can only be read as 8 bits.
    max_pixels
        Larger pictures are refused before anything is decoded.
    first_frame
        Take the first frame of an animation, instead of refusing it.
    """

    allow_depth_loss: bool = False
    max_pixels: int = MAX_PIXELS
    first_frame: bool = False


def open_picture(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Picture:
    """Read a picture file.

    Raises
    ------
    PictureError
        If it is missing, damaged, not of a known format, too large, or would lose depth.
    """
    name = os.fspath(path)
    try:
        if not stat.S_ISREG(Path(name).stat().st_mode):
            raise PictureError(f"{name} is not a regular file", None, "use - to read from a pipe")
        with open(name, "rb") as file:
            return read_picture(file, name, options)
    except FileNotFoundError:
        raise PictureError(f"{name} does not exist", _missing_folder(name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PictureError(f"{name} cannot be read", reason) from None


def _missing_folder(name: str) -> str | None:
    folder = os.path.dirname(name)
    return f"the folder {folder} does not exist" if folder and not os.path.isdir(folder) else None


def read_picture(stream: BinaryIO, name: str, options: ReadOptions | None = None) -> Picture:
    """Decode a picture from a stream that can be sought in.

    Parameters
    ----------
    name
        For messages.

    Raises
    ------
    PictureError
        As `open_picture`.
    """
    options = options or ReadOptions()
    entry = _sniff(stream, name)
    notes: list[str] = []
    with _decoder_faults(name, entry), _warnings_as_notes(notes):
        if entry.name == "png":
            _verify_checksums(stream)
        image = _open_image(stream, entry)
        _check_size(image, name, options)
        _check_frames(image, name, options)
        _check_depth(image, name, options)
        image.load()
        encoding = read_encoding(image, entry, stream)
        _turn_upright(image)
        metadata = read_metadata(image, notes)
        raster = _canonical(image)
    if raster.mode not in LAYOUTS and raster.mode not in ("I;16", "F"):
        raise PictureError(
            f"{name} has mode {raster.mode}",
            "its samples cannot be filtered without changing what they are",
            "convert it to gray or RGB first",
        )
    return Picture(
        ImageRows(raster),
        raster.height,
        raster.width,
        raster.mode if raster.mode in LAYOUTS else "L",
        samples_dtype(raster.mode),
        metadata,
        encoding,
        tuple(notes),
    )


def _sniff(stream: BinaryIO, name: str) -> Format:
    beginning = stream.read(SIGNATURE_BYTES)
    stream.seek(0)
    entry = format_by_signature(beginning)
    if entry is None:
        known = ", ".join(FORMATS)
        cause = "it is empty" if not beginning else "its first bytes are of no format read here"
        raise PictureError(f"{name} is not a picture", cause, f"formats read: {known}")
    return entry


@contextmanager
def _decoder_faults(name: str, entry: Format) -> Iterator[None]:
    """Turn whatever a decoder raises on a damaged file into one error."""
    try:
        yield
    except ConvfilterError:
        raise
    except MemoryError:
        raise PictureError(f"{name} cannot be decoded", "there is not enough memory") from None
    except Exception as error:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PictureError(
            f"{name} cannot be decoded as {entry.name.upper()}",
            cause[:200],
            "the file is damaged or cut off; get it again from its source",
        ) from error


@contextmanager
def _warnings_as_notes(notes: list[str]) -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    notes.extend(dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught))


def _open_image(stream: BinaryIO, entry: Format) -> ImageFile.ImageFile:
    # Only this plugin is loaded: the others stay out of reach of the file, and cost no time.
    import_module(f"PIL.{entry.plugin}")
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit holds instead
    try:
        return Image.open(stream, formats=[entry.pillow])
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _verify_checksums(stream: BinaryIO) -> None:
    """Refuse a PNG with a wrong checksum, which Pillow decodes without a word."""
    from PIL import PngImagePlugin

    PngImagePlugin.PngImageFile(stream).verify()
    stream.seek(0)


def _check_size(image: Image.Image, name: str, options: ReadOptions) -> None:
    pixels = image.width * image.height
    if pixels > options.max_pixels:
        raise PictureError(
            f"{name} has {pixels:,} pixels",
            f"the limit is {options.max_pixels:,}",
            f"if you trust it, use --max-pixels {pixels}",
        )


def _check_frames(image: Image.Image, name: str, options: ReadOptions) -> None:
    # A camera's multi-picture JPEG is its first picture, with previews behind it.
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > 1 and not options.first_frame:
        raise PictureError(
            f"{name} has {frames} frames",
            "only one would be kept",
            "use --frames first to filter the first one alone",
        )


def _check_depth(image: ImageFile.ImageFile, name: str, options: ReadOptions) -> None:
    lost = _lost_depth(image)
    if lost and not options.allow_depth_loss:
        raise PictureError(
            f"{name} has {lost}",
            "it can only be read as 8 bits a sample",
            "use --allow-depth-loss to go on with 8 bits",
        )


def _lost_depth(image: ImageFile.ImageFile) -> str | None:
    """Say which depth decoding would lose, before it does."""
    bands = len(image.getbands())
    if bands > 1 and stored_bits(image) > 8:
        return f"{stored_bits(image)} bits in each of its {bands} channels"
    if image.mode.startswith("I;16") and "transparency" in image.info:
        return "16-bit gray with a transparent colour"
    return None


def stored_bits(image: ImageFile.ImageFile) -> int:
    """Return the bits of each sample in the file, which Pillow's mode may hide."""
    if image.format == "TIFF":
        return int(max(getattr(image, "tag_v2", {}).get(Base.BitsPerSample, (8,))))
    if image.format == "AVIF":
        return _avif_bits(image)
    if image.format == "PPM" and image.tile and isinstance(image.tile[0].args, tuple):
        return max(8, int(image.tile[0].args[1]).bit_length())
    return 16 if any(";16" in str(tile.args) for tile in image.tile) else 8


def _avif_bits(image: ImageFile.ImageFile) -> int:
    """Read the depth from the decoder's configuration, the box av1C near the file's beginning."""
    stream = image.fp
    if stream is None:
        return 8
    place = stream.tell()
    stream.seek(0)
    _, found, configuration = stream.read(65536).partition(b"av1C")
    stream.seek(place)
    if not found or len(configuration) < 3 or not configuration[2] & 0x40:
        return 8
    return 12 if configuration[2] & 0x20 else 10


def _turn_upright(image: Image.Image) -> None:
    """Apply the orientation that EXIF states, and state the upright one from then on."""
    stated = Base.Orientation in image.getexif()
    ImageOps.exif_transpose(image, in_place=True)
    if stated:
        image.getexif()[Base.Orientation] = 1


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
