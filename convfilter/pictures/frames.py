"""From a file with several frames or pages to pictures, one after another."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from convfilter.errors import PictureError
from convfilter.frames import FOREVER, Frames
from convfilter.frozen import frozen
from convfilter.picture import Picture
from convfilter.pictures.decoding import (
    Decoded,
    Encoded,
    Opened,
    ReadOptions,
    decode,
    decode_file,
    decoder_faults,
    open_image,
)
from convfilter.pictures.reading import read_decoded, to_picture


def open_frames(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Frames:
    """Read a file that may have several frames or pages; one picture is one frame.

    Raises
    ------
    PictureError
        As `open_picture`.
    """
    options = options or ReadOptions()
    found = open_any(decode_file(path, options), options)
    return found if isinstance(found, Frames) else Frames((found,), 1)


def frames_of_file(decoded: Decoded, path: str | os.PathLike[str], options: ReadOptions) -> Frames:
    """Return all frames of a file whose first one is decoded already."""
    return _frames(decoded, lambda: Path(path).open("rb"), options)


def read_any(data: bytes, name: str, options: ReadOptions) -> Picture | Frames:
    """Read the bytes of a file: a picture, or frames where several are wanted of it."""
    decoded = decode(io.BytesIO(data), name, options)
    if isinstance(decoded, Encoded) or decoded.frames == 1:
        return read_decoded(decoded)
    return _frames(decoded, lambda: io.BytesIO(data), options)


def open_any(decoded: Decoded | Encoded, options: ReadOptions) -> Picture | Frames:
    """Return a decoded file: a picture, or frames where several are wanted of it."""
    if isinstance(decoded, Encoded) or decoded.frames == 1:
        return read_decoded(decoded)
    return frames_of_file(decoded, decoded.name, options)


def _frames(decoded: Decoded, source: Callable[[], BinaryIO], options: ReadOptions) -> Frames:
    if decoded.frames == 1:
        return Frames((to_picture(decoded),), 1)
    info = decoded.image.info
    plays = _plays(decoded)
    with source() as stream:
        opened = open_image(stream, decoded.name)
        layout = None if plays is None else _common_layout(opened)
    first = to_picture(decoded, layout)
    pictures = _FileFrames(first, source, decoded, options, layout)
    return Frames(pictures, decoded.frames, plays, bool(info.get("default_image")))


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
    decoded: Decoded
    options: ReadOptions
    layout: str | None

    def __iter__(self) -> Iterator[Picture]:
        yield self.first
        with self.source() as stream:
            opened = open_image(stream, self.decoded.name)
            if opened.frames != self.decoded.frames:
                raise PictureError(f"{self.decoded.name} has changed while it was read")
            for number in range(1, opened.frames):
                yield to_picture(opened.decode(number, self.options), self.layout)
