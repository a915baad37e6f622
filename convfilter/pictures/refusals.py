"""Which pictures are refused before they are decoded, and what then can be done."""

from typing import BinaryIO

from PIL import ImageFile

from convfilter.errors import PictureError
from convfilter.pictures.extras import install_hint, is_installed
from convfilter.pictures.formats import Format
from convfilter.pictures.jxl_header import read_jxl_header
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.stored_depth import holds_other_integers, lost_depth, misread

COPIES_OF_FRAMES = 8
"""Frames are copied, so the limit of pixels is this many times lower for GIFs and animations."""


def check_pixels(
    pixels: int, name: str, options: ReadOptions, *, is_animated: bool = False
) -> None:
    """Refuse a picture of too many pixels before any memory is taken for it.

    Parameters
    ----------
    is_animated
        Whether it may be one of several frames, of which copies are made.

    Raises
    ------
    PictureError
        With the option that lets it pass.
    """
    copies = COPIES_OF_FRAMES if is_animated else 1
    limit = options.max_pixels // copies
    if pixels > limit:
        raise PictureError(
            f"{name} has {pixels:,} pixels",
            f"the limit is {limit:,}{' for GIFs and animations' if is_animated else ''}",
            f"if you trust it, use --max-pixels {pixels * copies}",
        )


def check_has_frame(number: int, frames: int, name: str) -> None:
    """Refuse the number of a frame that a file does not have.

    Raises
    ------
    PictureError
        With the number of the last one.
    """
    if number >= frames:
        raise PictureError(
            f"{name} has no frame {number}",
            f"frames are counted from 0, and it has {frames}",
            f"use --frames {frames - 1} for the last one",
        )


def check_extra(entry: Format, name: str) -> None:
    """Refuse a format whose package is not installed.

    Raises
    ------
    PictureError
        With how to install it.
    """
    if entry.extra and not is_installed(entry.extra):
        raise PictureError(
            f"{name} is a picture of the format {entry.name}",
            "it takes a package that is not installed",
            install_hint(entry.extra),
        )


def check_jxl(stream: BinaryIO, name: str, options: ReadOptions) -> None:
    """Check what is only known by the header: opening a JPEG XL decodes all of it.

    Raises
    ------
    PictureError
        If it has too many pixels, or is animated.
    """
    header = read_jxl_header(stream)
    check_pixels(header.width * header.height, name, options)
    if header.is_animated:
        raise PictureError(f"{name} is animated", "only still pictures of JPEG XL are read")


def check_depth(image: ImageFile.ImageFile, name: str, entry: Format, options: ReadOptions) -> None:
    """Refuse an image that can only be read with fewer bits than it is stored with.

    Raises
    ------
    PictureError
        With what keeps them, or lets them go.
    """
    cannot = holds_other_integers(image) or bool(misread(image))
    lost = misread(image) or lost_depth(image)
    if not lost or (options.allow_depth_loss and not cannot):
        return
    remedy = "use --allow-depth-loss to go on with 8 bits"
    cause = "it can only be read as 8 bits a sample"
    if entry.deep_modes:
        remedy = install_hint("deep") + ("" if cannot else f", or {remedy}")
        cause = "they are kept by packages that are not installed"
    raise PictureError(f"{name} has {lost}", cause, remedy)
