"""From a picture to a file: what the format can hold, or why not; whole, or not at all."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from PIL import Image, ImageFile

from convfilter.arguments import expect, path_name
from convfilter.atomic import Attributes, write_atomically
from convfilter.border import Colour, luma
from convfilter.errors import OutputError
from convfilter.options import Pair
from convfilter.picture import Picture, mode_at, split_mode
from convfilter.pictures.arrays import as_pictured, write_array
from convfilter.pictures.decoding import is_large
from convfilter.pictures.depth import Outside, mode_at_depth, with_dtype
from convfilter.pictures.extras import install_hint, is_installed, load_plugin
from convfilter.pictures.formats import Format, format_by_name, format_by_suffix, usable_formats
from convfilter.pictures.metadata import left_out_notes, metadata_settings
from convfilter.pictures.raster import ImageRows, to_image
from convfilter.pictures.write_options import DEFAULT_QUALITY, WriteOptions, checked

PICTURED = {"2 planes": "LA", "4 planes": "RGBA"}
"""Channels without a meaning that picture formats take for gray or RGB with alpha."""


def save_picture(
    picture: Picture,
    path: str | os.PathLike[str],
    options: WriteOptions | None = None,
    attributes: Attributes | None = None,
) -> tuple[str, ...]:
    """Write a picture to a file, which appears whole or not at all.

    Parameters
    ----------
    picture
        From `open_picture`, `apply` or `Picture.of_array`.
    path
        Of the file; its suffix says the format, unless the options state one.
    options
        How to write; None means the defaults of `WriteOptions`.
    attributes
        Of the file; None leaves them to the system.

    Returns
    -------
    tuple of str
        What the format could not hold, each a sentence.

    Raises
    ------
    OutputError
        If the format cannot hold the picture, the file exists, or it cannot be written.
    UsageError
        If an argument is something else than it should be.
    """
    hint = "save_frames() writes several, Picture.of_array() makes one of an array"
    expect(picture, Picture, "a picture", hint)
    options, name = checked(options), path_name(path)
    entry = output_format(name, options.format)
    write, notes = prepared_writing(picture, entry, options)
    write_atomically(
        name,
        write,
        overwrite=options.overwrite,
        accept_same=options.accept_same,
        attributes=attributes,
    )
    return notes


def encode_picture(
    picture: Picture, entry: Format, options: WriteOptions
) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a picture in a format, and what the format could not hold.

    Raises
    ------
    OutputError
        If the format cannot hold the picture.
    """
    write, notes = prepared_writing(picture, entry, options)
    # TIFF seeks while it writes: straight to a pipe it would be unreadable.
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue(), notes


def prepared_writing(
    picture: Picture, entry: Format, options: WriteOptions
) -> tuple[Callable[[BinaryIO], None], tuple[str, ...]]:
    """Return what writes a picture into a stream, and what the format cannot hold.

    Raises
    ------
    OutputError
        If the format cannot hold the picture.
    """
    picture, outside = at_written_depth(picture, entry, options)
    if entry.holds_arrays:
        losses = left_out_notes(picture.metadata.reduced(options.metadata), entry)
        return partial(write_array, picture), (*outside.notes, *losses)
    mode = check_holds(picture.mode, (picture.height, picture.width), entry, options)
    if entry.is_deep(mode) or (_lies_in_a_file(picture) and is_written_in_bands(entry)):
        from convfilter.pictures.deep_writing import prepared_deep_writing

        reduced = replace(picture, metadata=picture.metadata.reduced(options.metadata))
        write, notes = prepared_deep_writing(reduced, entry)
        return write, outside.notes + notes
    image, settings, notes = prepare(picture, entry, options)
    if image.mode == "RGBA" and entry.name == "gif":
        from convfilter.pictures.gif import with_palette  # few pictures are GIFs

        # Pillow would choose the colours by those of hidden pixels, too, and coarsely.
        image, settings["transparency"] = with_palette(image)
    return partial(encode_image, image, entry, settings), outside.notes + notes


def at_written_depth(
    picture: Picture, entry: Format, options: WriteOptions
) -> tuple[Picture, Outside]:
    """Return a picture with the samples that are written, and what that clips."""
    mode = _mode_at_written_depth(picture.mode, entry, options)
    picture, outside = with_dtype(picture, split_mode(mode)[1])
    return picture if entry.holds_arrays else as_pictured(picture), outside


def is_written_in_bands(entry: Format) -> bool:
    """Return whether a format takes pictures of any size a few rows at a time."""
    return entry.holds_arrays or (entry.holds_planes and is_installed("deep"))


def _lies_in_a_file(picture: Picture) -> bool:
    return is_large(picture.nbytes) and not isinstance(picture.rows, ImageRows)


def output_format(name: str, stated: str | None) -> Format:
    """Return the format stated, or else the one that the name's suffix stands for."""
    return format_by_name(stated) if stated else format_by_suffix(name)


def check_holds(mode: str, size: Pair, entry: Format, options: WriteOptions) -> str:
    """Return the mode in which a format would hold a picture of this mode and size.

    Raises
    ------
    OutputError
        If it cannot, with the option or the formats that can.
    """
    given, name = mode_at_depth(mode, options.depth), entry.name.upper()
    if entry.extra and not is_installed(entry.extra):
        raise OutputError(
            f"{name} cannot be written",
            "it takes a package that is not installed",
            install_hint(entry.extra),
        )
    if options.lossless and entry.has_quality and not entry.lossless_on_request:
        raise OutputError(
            f"{name} cannot be written without loss", None, "write PNG, or lossless WebP"
        )
    if max(size) > entry.largest_side:
        raise OutputError(
            f"{name} cannot hold {size[1]}×{size[0]} pixels",
            f"its longest side is {entry.largest_side}",
            "write PNG or TIFF instead",
        )
    mode = _mode_at_written_depth(mode, entry, options)
    opaque = {"LA": "L", "RGBA": "RGB"}.get(mode)
    if mode not in entry.modes and opaque in entry.modes and options.background:
        mode = str(opaque)
    if held := entry.holds(mode):
        if entry.is_deep(mode) and not is_installed("deep"):
            loss = ", or --allow-depth-loss" if split_mode(mode)[1] == "uint16" else ""
            raise OutputError(
                f"{name} of mode {mode} cannot be written",
                "it takes packages that are not installed",
                f"{install_hint('deep')}, or use --depth 8{loss}",
            )
        return held
    able = ", ".join(other.name for other in usable_formats() if other.holds(mode))
    if opaque in entry.modes:
        cause, remedy = "it has no transparency", "use --background white, or write PNG"
    elif entry.holds(mode_at(mode, "uint8")):
        loss = " or --allow-depth-loss" if split_mode(mode)[1] == "uint16" else ""
        bits = 16 if entry.holds(mode_at(mode, "uint16")) else 8
        cause = f"its samples are whole numbers of {bits} bits"
        remedy = f"write {able}, or use --depth {bits}{loss}"
    else:
        cause = "it has no such samples"
        remedy = f"write {able} instead" if able else "no format has: convert the samples first"
    raise OutputError(f"{name} cannot hold a picture of mode {given}", cause, remedy)


def _mode_at_written_depth(mode: str, entry: Format, options: WriteOptions) -> str:
    """Return the mode of the samples that are written, before any other change."""
    if options.depth:
        mode = mode_at_depth(mode, options.depth)
    channels, dtype = split_mode(mode)
    if not entry.holds_arrays:
        mode = mode_at(PICTURED.get(channels, channels), dtype)
    if not options.allow_depth_loss or dtype != "uint16":
        return mode
    can = entry.holds(mode) and (not entry.is_deep(mode) or is_installed("deep"))
    return mode if can else mode_at(mode, "uint8")


def prepare(
    picture: Picture, entry: Format, options: WriteOptions
) -> tuple[Image.Image, dict[str, Any], tuple[str, ...]]:
    """Return the image as the format will hold it, the settings for its encoder, and notes.

    The notes say what is lost.
    """
    mode = check_holds(picture.mode, (picture.height, picture.width), entry, options)
    image = _bare(to_image(picture))
    if picture.has_alpha and options.background_colour and "A" not in mode:
        image = _over(image, options.background_colour)
    if image.mode != mode:
        image = image.convert(mode)
    metadata = picture.metadata.reduced(options.metadata)
    notes = left_out_notes(metadata, entry)
    if metadata.icc and picture.layout in ("L", "LA") and not split_mode(mode)[0].startswith("L"):
        metadata = replace(metadata, icc=None)
        notes.append("its ICC profile is for gray and was left out of the colour picture")
    if entry.name == "gif":
        notes += _gif_losses(image)
    settings = _encoder_settings(picture, entry, options)
    size = picture.height, picture.width
    return image, settings | metadata_settings(metadata, entry, size), tuple(notes)


def _bare(image: Image.Image) -> Image.Image:
    """Return the samples alone: Pillow's encoders write what they find beside them."""
    if not image.info and not isinstance(image, ImageFile.ImageFile):
        return image
    bare = image.copy()
    bare.info = {}
    return bare


def _gif_losses(image: Image.Image) -> list[str]:
    """Say what the 256 colours of a GIF, one of them transparent, will not show."""
    from convfilter.pictures.gif import exceeds_palette  # few pictures are GIFs

    losses = []
    if image.mode == "RGBA" and any(image.getchannel("A").histogram()[1:255]):
        losses.append("GIF pixels are transparent or opaque: partial transparency was lost")
    if image.mode != "L" and exceeds_palette(image):
        losses.append("GIF holds 256 colours: the others became the nearest of them")
    return losses


def _over(image: Image.Image, background: Colour) -> Image.Image:
    """Lay an image over a colour."""
    red, green, blue = (round(255 * part) for part in background)
    gray = round(255 * luma(background))
    flat = Image.new(
        image.mode[:-1], image.size, gray if image.mode == "LA" else (red, green, blue)
    )
    flat.paste(image.convert(flat.mode), mask=image.getchannel("A"))
    return flat


def _encoder_settings(picture: Picture, entry: Format, options: WriteOptions) -> dict[str, Any]:
    kept = picture.encoding
    settings = dict(kept.settings) if kept and kept.format == entry.name else {}
    if entry.has_quality and (options.quality is not None or "qtables" not in settings):
        for own in ("qtables", "subsampling", "lossless") if options.quality is not None else ():
            settings.pop(own, None)
        settings["quality"] = DEFAULT_QUALITY if options.quality is None else options.quality
    if options.lossless and entry.lossless_on_request:
        settings["lossless"] = True
    if entry.name == "webp":
        # Colours under full transparency are part of the picture; the encoder would drop them.
        settings["exact"] = True
    if entry.name == "tiff":
        settings.setdefault("compression", "tiff_adobe_deflate")
    if entry.name == "gif":
        settings["optimize"] = False
    return settings


def prepare_to_write() -> None:
    """Import what Pillow wants before it writes a picture of any format."""
    Image.preinit()


def encode_image(
    image: Image.Image, entry: Format, settings: dict[str, Any], stream: BinaryIO
) -> None:
    """Let Pillow write an image into a stream.

    Raises
    ------
    OutputError
        If it cannot; what the disk cannot is left to who opened the file.
    """
    load_plugin(entry.plugin)
    try:
        image.save(_Undescribed(stream), format=entry.pillow, **settings)
    except OSError as error:
        if error.errno is not None:
            raise  # the disk's fault, told by whoever opened the file
        raise _encoder_fault(entry, error) from error
    except Exception as error:
        raise _encoder_fault(entry, error) from error


class _Undescribed:
    """A stream that hides its descriptor, so that encoders write to the stream.

    To a descriptor they would write without looking how much of it was written: on a full disk
    a picture would end early, and nobody would know.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        if name == "fileno":
            raise AttributeError(name)
        return getattr(self._stream, name)


def _encoder_fault(entry: Format, error: Exception) -> OutputError:
    return OutputError(f"the picture cannot be encoded as {entry.name.upper()}", str(error)[:200])
