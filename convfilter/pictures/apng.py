"""Animated PNGs, a frame at a time: each is encoded by itself and its data taken out.

Pillow's own writer would hold all frames at once, join equal ones and lose their count.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from convfilter.pictures.animation import Playing, Shown, changed_box
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.writing import encode_image

SIGNATURE = b"\x89PNG\r\n\x1a\n"

LARGEST = 65_535
"""The largest numerator and denominator of a duration."""


def write_apng(shown: Iterator[Shown], playing: Playing, count: int, stream: BinaryIO) -> None:
    """Write frames; those after the first hold what has changed."""
    first = next(shown)
    frames = count - playing.has_cover
    numbers = iter(range(2**32))
    for kind, body in _chunks(first):
        if kind == b"IHDR":
            stream.write(SIGNATURE)
        if kind == b"IDAT" and frames:
            _write(stream, b"acTL", struct.pack(">II", frames, playing.plays))
            frames = 0
            if not playing.has_cover:
                _write(stream, b"fcTL", _control(next(numbers), first, (0, 0)))
        if kind == b"IEND":
            _write_others(shown, first, playing, numbers, stream)
        _write(stream, kind, body)


def _write_others(
    shown: Iterator[Shown],
    first: Shown,
    playing: Playing,
    numbers: Iterator[int],
    stream: BinaryIO,
) -> None:
    # A cover is not drawn, so the first frame behind it changes everything.
    before = None if playing.has_cover else first.image
    for frame in shown:
        size = frame.image.size
        box = (0, 0, *size) if before is None else changed_box(before, frame.image)
        part = Shown(frame.image.crop(box), first.settings, frame.duration)
        _write(stream, b"fcTL", _control(next(numbers), part, box[:2]))
        for kind, body in _chunks(part):
            if kind == b"IDAT":
                _write(stream, b"fdAT", struct.pack(">I", next(numbers)) + body)
        before = frame.image


def _control(number: int, frame: Shown, offset: tuple[int, int]) -> bytes:
    """Say where and how long a frame is shown; its pixels replace those under them, and stay."""
    delay = _delay(frame.duration)
    return struct.pack(
        ">IIIIIHHBB", number, *frame.image.size, *offset, delay.numerator, delay.denominator, 0, 0
    )


def _delay(duration: float) -> Fraction:
    """Return the seconds nearest to a duration that two 16-bit numbers can hold."""
    seconds = Fraction(duration) / 1000
    finest = max(1, min(LARGEST, int(LARGEST / max(float(seconds), 1.0))))
    return min(seconds.limit_denominator(finest), Fraction(LARGEST))


def _chunks(frame: Shown) -> Iterator[tuple[bytes, bytes]]:
    encoded = io.BytesIO()
    encode_image(frame.image, FORMATS["png"], frame.settings, encoded)
    encoded.seek(len(SIGNATURE))
    while head := encoded.read(8):
        length, kind = struct.unpack(">I4s", head)
        yield kind, encoded.read(length)
        encoded.seek(4, io.SEEK_CUR)  # the checksum


def _write(stream: BinaryIO, kind: bytes, body: bytes) -> None:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    stream.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum))
