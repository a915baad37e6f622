"""From a file with several frames or pages to pictures, one after another."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from convfilter.errors import PictureError
from convfilter.frames import FOREVER, Frames
from convfilter.frozen import frozen
from convfilter.picture import Picture
from convfilter.pictures.decoder_faults import decoder_faults
from convfilter.pictures.decoding import (
    Decoded,
    Encoded,
    Opened,
    decode,
    decode_file,
    open_image,
)
from convfilter.pictures.read_options import ReadOptions, checked
from convfilter.pictures.reading import frames_wanted, read_encoded, to_picture


def open_frames(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Frames:
    """Read a file that may have several frames or pages; one picture is one frame.

    Parameters
    ----------
    path
        Of the file.
    options
        What may be read; None means the defaults of `ReadOptions`.

    Returns
    -------
    Frames
        The first is read at once, the others when they are asked for, and each time anew: the
        file has to stay as it is.

    Raises
    ------
    PictureError
        As `open_picture`, but for the frames; also later, where another frame is damaged.
    UsageError
        If an argument is something else than it should be.
    """
    options = checked(options)
    found = open_any(decode_file(path, options), options)
    return found if isinstance(found, Frames) else Frames((found,), 1)


def read_any(data: bytes, name: str, options: ReadOptions) -> Picture | Frames:
    """Read the bytes of a file: a picture, or frames where several are wanted of it."""
    decoded = decode(io.BytesIO(data), name, options)
    return _read(decoded, lambda: io.BytesIO(data), options)


def open_any(decoded: Decoded | Encoded, options: ReadOptions) -> Picture | Frames:
    """Return a decoded file: a picture, or frames where several are wanted of it."""
    return _read(decoded, lambda: Path(decoded.name).open("rb"), options)


def _read(
    decoded: Decoded | Encoded, source: Callable[[], BinaryIO], options: ReadOptions
) -> Picture | Frames:
    with _closed_if_encoded(decoded):
        count = frames_wanted(decoded)
        if count == 1:
            return _picture(decoded)
        if isinstance(decoded, Encoded):
            return Frames(_FileFrames(_picture(decoded), source, decoded, options, count), count)
    plays = _plays(decoded)
    with source() as stream:
        opened = open_image(stream, decoded.name)
        layout = None if plays is None else _common_layout(opened)
    first = _picture(decoded, layout)
    has_cover = bool(decoded.image.info.get("default_image"))
    pictures = _FileFrames(first, source, decoded, options, count, layout)
    return Frames(pictures, count, plays, has_cover)


def _closed_if_encoded(decoded: Decoded | Encoded) -> AbstractContextManager[object]:
    return decoded.stream if isinstance(decoded, Encoded) else nullcontext()


def _picture(decoded: Decoded | Encoded, layout: str | None = None) -> Picture:
    """Return one frame or page."""
    if isinstance(decoded, Encoded):
        return read_encoded(decoded)
    return to_picture(decoded, layout)


def _plays(decoded: Decoded) -> int | None:
    """Say how often an animation plays; None for pages."""
    stated = decoded.image.info.get("loop")
    if not isinstance(stated, int):
        stated = None  # or a text of that name in a PNG
    match decoded.format.name:
        case "tiff":
            return None
        case "gif":
            # A GIF counts how often it begins again; one that does not say plays once.
            return 1 if stated is None else stated + 1 if stated else FOREVER
        case _:
            return stated or FOREVER


def _common_layout(opened: Opened) -> str | None:
    """Return the layout that holds every frame of an animation; None if they have but one.

    Some frames of a GIF have transparent parts, and others do not, and the first may be gray.
    """
    if opened.format.name != "gif" and opened.image.mode != "P":
        return None
    layout = "RGB"
    with decoder_faults(opened.name, opened.format):
        for number in range(opened.frames):
            opened.image.seek(number)
            opened.image.load()
            if opened.image.has_transparency_data:
                layout = "RGBA"
    return layout


@frozen
class _FileFrames:
    """The pictures of a file, decoded one at a time."""

    first: Picture
    source: Callable[[], BinaryIO]
    decoded: Decoded | Encoded
    options: ReadOptions
    count: int
    layout: str | None = None

    def __iter__(self) -> Iterator[Picture]:
        yield self.first
        with self.source() as stream:
            for decoded in self._others(stream):
                yield _picture(decoded, self.layout)

    def _others(self, stream: BinaryIO) -> Iterator[Decoded | Encoded]:
        numbers = range(1, self.count)
        if self.decoded.frames is None:  # Pillow does not go through them
            for number in numbers:
                stream.seek(0)
                yield replace(self.decoded, stream=stream, number=number)
            return
        opened = open_image(stream, self.decoded.name)
        if opened.frames != self.count:
            raise PictureError(f"{self.decoded.name} has changed while it was read")
        for number in numbers:
            yield opened.decode(number, self.options)
