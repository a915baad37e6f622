"""From a file to Pillow's decoded image: sniff, check, decode, turn upright.

Imports no NumPy: a picture can be decoded on one core while NumPy is imported on the other.
"""

import os
import stat
import struct
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.ExifTags import Base

from convfilter.arguments import path_name
from convfilter.errors import PictureError
from convfilter.frozen import frozen
from convfilter.pictures.decoder_faults import decoder_faults, warnings_as_notes
from convfilter.pictures.encoding import encoding_settings
from convfilter.pictures.extras import is_installed, load_plugin
from convfilter.pictures.formats import (
    SIGNATURE_BYTES,
    Format,
    format_by_signature,
    usable_formats,
)
from convfilter.pictures.orientation import frame_count, stated_orientation, turned_upright
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.refusals import (
    check_depth,
    check_extra,
    check_has_frame,
    check_jxl,
    check_pixels,
)
from convfilter.pictures.stored_depth import lost_depth, misread, stored_bits

STREAMED_BYTES = 256 * 2**20
"""TIFFs with more bytes of samples are read in bands; results with more are kept in a file."""

LEVELS_OF_GRAY = {"L;2": 4, "L;4": 16}
"""Levels of a PNG that Pillow spreads over 8 bits, by its name for them."""

READ_BYTES = 1024 * 1024
"""Bytes read at a time: between two reads a decoder needs the interpreter, which may be busy."""


@frozen
class Decoded:
    """A decoded image, upright, and how it was stored.

    Parameters
    ----------
    name
        For messages.
    settings
        How to encode it again the same way; see `Encoding`.
    notes
        What decoding had to work around, each a sentence.
    frames
        How many are wanted of the file; where there are several, this is the first.
    duration
        For how many milliseconds it is shown, as a frame of an animation.
    """

    name: str
    image: Image.Image
    format: Format
    settings: dict[str, Any]
    notes: tuple[str, ...]
    frames: int = 1
    duration: float | None = None


@frozen
class Encoded:
    """A file or a page that no decoder of Pillow reads, to be read where NumPy is.

    Parameters
    ----------
    stream
        At its beginning, and open.
    number
        Of the page.
    frames
        How many are wanted of the file; where there are several, this is the first. None: all,
        which Pillow cannot count, since the samples of some are of a kind that it does not know.
    """

    name: str
    stream: BinaryIO
    format: Format
    options: ReadOptions
    number: int = 0
    frames: int | None = 1


class DecodingAhead:
    """A file that is being decoded on a thread of its own."""

    def __init__(self, path: str, options: ReadOptions) -> None:
        self._decoded: Decoded | Encoded | None = None
        self._error: BaseException | None = None
        # A daemon: when the program ends early, nobody waits for the picture.
        self._thread = threading.Thread(target=self._run, args=(path, options), daemon=True)
        self._thread.start()

    def _run(self, path: str, options: ReadOptions) -> None:
        try:
            self._decoded = decode_file(path, options)
        except BaseException as error:
            self._error = error

    def result(self) -> Decoded | Encoded:
        """Wait for the image; raise what decoding raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._decoded is not None  # noqa: S101 - either is set
        return self._decoded


def decode_file(path: str | os.PathLike[str], options: ReadOptions) -> Decoded | Encoded:
    """Decode a picture file, or open it where that is not Pillow's to do.

    Raises
    ------
    PictureError
        If it is missing, damaged, not of a known format, too large, or would lose depth.
    """
    name = path_name(path)
    if not name:
        raise PictureError("the input has no name", "it is an empty text", "name a picture file")
    try:
        kind = os.stat(name).st_mode
        if stat.S_ISDIR(kind):
            raise PictureError(f"{name} is a folder", None, "convfilter batch filters folders")
        if not stat.S_ISREG(kind):
            raise PictureError(f"{name} is not a regular file", None, "use - to read from a pipe")
        with ExitStack() as stack:
            file = stack.enter_context(open(name, "rb"))
            decoded = decode(file, name, options)
            if isinstance(decoded, Encoded):
                stack.pop_all()  # whoever reads it closes it
            return decoded
    except FileNotFoundError:
        raise PictureError(f"{name} does not exist", _missing_folder(name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PictureError(f"{name} cannot be read", reason) from None


def decode(stream: BinaryIO, name: str, options: ReadOptions) -> Decoded | Encoded:
    """Decode a picture from a stream that can be sought in; see `decode_file`."""
    entry = _sniff(stream, name)
    if entry.holds_arrays:
        return Encoded(name, stream, entry, options)
    check_extra(entry, name)
    with decoder_faults(name, entry):
        if entry.name == "jxl":
            check_jxl(stream, name, options)
        try:
            opened = _opened(stream, name, entry)
        except UnidentifiedImageError:
            if entry.name != "tiff" or not is_installed("deep"):
                raise
            return _left_to_deep(stream, name, entry, options)
    if options.frame is None:
        return replace(opened.decode(0, options), frames=opened.frames)
    check_has_frame(options.frame, opened.frames, name)
    return opened.decode(options.frame, options)


@frozen
class Opened:
    """A file whose header has been read, and of which nothing has been decoded.

    Parameters
    ----------
    frames
        How many frames or pages it has.
    """

    stream: BinaryIO
    name: str
    image: ImageFile.ImageFile
    format: Format
    frames: int
    notes: tuple[str, ...]

    def decode(self, number: int, options: ReadOptions) -> Decoded | Encoded:
        """Decode one frame; what comes of it holds until the next is decoded."""
        image, notes = self.image, list(self.notes)
        with decoder_faults(self.name, self.format), warnings_as_notes(notes):
            if number:
                image.seek(number)
            is_animated = self.format.several == "animation" and (
                self.frames > 1 or self.format.name == "gif"
            )
            pixels = image.width * image.height
            check_pixels(pixels, self.name, options, is_animated=is_animated)
            if _is_deep(image, self.format):
                self._check_pages(options)
                self.stream.seek(0)
                return Encoded(self.name, self.stream, self.format, options, number)
            check_depth(image, self.name, self.format, options)
            image.decodermaxblock = READ_BYTES
            # Pillow turns a TIFF upright by itself, and forgets how it lay.
            lay = stated_orientation(image, notes) if self.format.name == "tiff" else None
            image.load()
            settings = encoding_settings(image, self.format, self.stream)
            upright = turned_upright(image, lay, notes)
        duration = image.info.get("duration")
        is_shown = self.frames > 1 and isinstance(duration, int | float)
        kept = duration if is_shown else None
        return Decoded(self.name, upright, self.format, settings, tuple(notes), 1, kept)

    def _check_pages(self, options: ReadOptions) -> None:
        """Refuse deep frames of an animation, which are not read one by one."""
        if self.frames > 1 and self.format.several != "pages" and options.frame != 0:
            raise PictureError(
                f"{self.name} has {self.frames} frames",
                "they have more than 8 bits a sample, and colours or alpha",
                "use --frames first to filter the first one alone",
            )


def open_image(stream: BinaryIO, name: str) -> Opened:
    """Read the header of a picture; see `decode_file`."""
    entry = _sniff(stream, name)
    with decoder_faults(name, entry):
        return _opened(stream, name, entry)


def _opened(stream: BinaryIO, name: str, entry: Format) -> Opened:
    notes: list[str] = []
    with warnings_as_notes(notes):
        if entry.name == "png":
            _verify_checksums(stream)
        image = _open_image(stream, entry)
        try:
            frames = frame_count(image)
        except SyntaxError as error:  # counting pages, it reads what their samples are
            raise UnidentifiedImageError from error
    if image.format == "MPO" and (all_pictures := int(getattr(image, "n_frames", 1))) > frames:
        notes.append(f"it holds {all_pictures} pictures: all but the first were left out")
    return Opened(stream, name, image, entry, frames, tuple(notes))


def _missing_folder(name: str) -> str | None:
    folder = os.path.dirname(name)
    return f"the folder {folder} does not exist" if folder and not os.path.isdir(folder) else None


def _sniff(stream: BinaryIO, name: str) -> Format:
    beginning = stream.read(SIGNATURE_BYTES)
    stream.seek(0)
    entry = format_by_signature(beginning)
    if entry is None:
        known = ", ".join(usable.name for usable in usable_formats())
        cause = "it is empty" if not beginning else "its first bytes are of no format read here"
        raise PictureError(f"{name} is not a picture", cause, f"formats read: {known}")
    return entry


def _open_image(stream: BinaryIO, entry: Format) -> ImageFile.ImageFile:
    # Not by Image.open, which loads the plugins of other formats too, and has a limit of its own.
    load_plugin(entry.plugin)
    factory, accept = Image.OPEN[entry.pillow]
    beginning = stream.read(SIGNATURE_BYTES)
    stream.seek(0)
    answer = accept(beginning) if accept else True
    if not answer or isinstance(answer, str):  # a text says what the plugin was built without
        raise UnidentifiedImageError(answer or "it is of another format")
    try:
        image = factory(stream, "")
    except (SyntaxError, IndexError, TypeError, struct.error) as error:
        raise UnidentifiedImageError from error
    if entry.name == "png":
        _scale_key(image)
    return image


def _scale_key(image: ImageFile.ImageFile) -> None:
    """Scale the transparent level of gray with few bits, of which Pillow scales the samples."""
    key, layout = image.info.get("transparency"), [tile.args for tile in image.tile]
    if isinstance(key, int) and layout and layout[0] in LEVELS_OF_GRAY:
        levels = LEVELS_OF_GRAY[layout[0]]
        image.info["transparency"] = key % levels * (255 // (levels - 1))


def _verify_checksums(stream: BinaryIO) -> None:
    """Refuse a PNG with a wrong checksum, which Pillow decodes without a word."""
    from PIL import PngImagePlugin

    PngImagePlugin.PngImageFile(stream).verify()
    stream.seek(0)


def _left_to_deep(stream: BinaryIO, name: str, entry: Format, options: ReadOptions) -> Encoded:
    stream.seek(0)
    if options.frame is None:
        return Encoded(name, stream, entry, options, frames=None)
    return Encoded(name, stream, entry, options, options.frame)


def _is_deep(image: ImageFile.ImageFile, entry: Format) -> bool:
    """Return whether a file is for the extra ``deep`` to read, and that is there."""
    if not entry.deep_modes or not is_installed("deep"):
        return False
    return bool(lost_depth(image) or misread(image)) or _is_for_bands(image)


def is_large(size: int) -> bool:
    """Return whether so many bytes of samples are better left in files."""
    return size > STREAMED_BYTES


def _is_for_bands(image: ImageFile.ImageFile) -> bool:
    """Return whether a TIFF is too large for memory, and can be read in bands."""
    if image.format != "TIFF":
        return False
    tags = getattr(image, "tag_v2", {})
    bits = stored_bits(image)
    pixels = image.width * image.height
    samples = pixels * len(image.getbands())
    lossy = "jpeg" in str(image.info.get("compression"))
    known = tags.get(Base.PhotometricInterpretation) in (0, 1, 2, 5) and not lossy
    return is_large(samples * bits // 8) and bits in (8, 16, 32) and known
