"""Whole TIFFs, written one behind another into a stream, made the pages of one.

Every encoder writes a page as if it began the file. What it says about places counts from there,
so its directory is written anew at the end, with those of the other pages. They all write
in the byte order of the machine.
"""

import io
import os
import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Any, BinaryIO, cast

from convfilter.frozen import frozen

BIGTIFF_FROM = 2**32 - 2**25
"""Larger files need 64-bit places; this leaves room for the directories in 32 bits."""

HEADER_BYTES = 16
"""Bytes kept free for the header: enough for a BigTIFF's, the larger one."""

PLACES = frozenset({273, 288, 324, 513, 519, 520, 521})
"""Tags whose values are places in the file: of strips, tiles, tables of a JPEG and the like."""

DIRECTORIES = frozenset({330, 34665, 34853, 40965})
"""Tags whose values are the places of further directories: of EXIF, GPS and the like."""

UNSIGNED = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Types of values that may be places."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
SIZES |= {16: 8, 17: 8, 18: 8}
"""The bytes of a value of each type."""


@frozen
class Kind:
    """How a TIFF or a BigTIFF counts.

    Parameters
    ----------
    count, entry, place
        Formats of the number of entries, of an entry without its value, and of a place.
    place_type
        The type of places.
    """

    count: str
    entry: str
    place: str
    place_type: int

    @property
    def inline(self) -> int:
        """Bytes of a value that stands in its entry."""
        return struct.calcsize(self.place)


CLASSIC = Kind("H", "HHI", "I", 4)
BIG = Kind("Q", "HHQ", "Q", 16)


@frozen
class Entry:
    """One tag of a directory.

    Parameters
    ----------
    value
        The bytes, the place in the whole file where they lie, places, or directories.
    """

    tag: int
    type: int
    count: int
    value: "bytes | int | tuple[int, ...] | tuple[Directory, ...]"


Directory = tuple[Entry, ...]


class TiffPages:
    """The pages of a TIFF that is being written.

    Parameters
    ----------
    stream
        Empty, and can be read and sought in.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._byteorder = "<"
        self._directories: list[Directory] = []
        stream.write(bytes(HEADER_BYTES))

    def add(self, write: Callable[[BinaryIO], None]) -> None:
        """Let a page be written, as a TIFF of its own, behind those before."""
        start = self._to_end()
        write(cast("BinaryIO", _Window(self._stream, start)))
        page = _Reader(self._stream, start)
        self._byteorder = page.byteorder
        self._directories.append(page.first())

    def finish(self) -> None:
        """Write the directories, and the header that leads to the first of them."""
        kind = BIG if self._to_end() > BIGTIFF_FROM else CLASSIC
        places = [self._written(directory, kind) for directory in self._directories]
        for (_, link), (place, _) in pairwise(places):
            self._put(link, kind.place, place)
        first, _ = places[0]
        mark = b"II" if self._byteorder == "<" else b"MM"
        version = (43, 8, 0) if kind is BIG else (42,)
        self._stream.seek(0)
        self._stream.write(mark + struct.pack(f"{self._byteorder}{len(version)}H", *version))
        self._put(self._stream.tell(), kind.place, first)

    def _to_end(self) -> int:
        """Go to the end, made even, as places have to be."""
        end = self._stream.seek(0, os.SEEK_END)
        if end % 2:
            self._stream.write(b"\0")
        return end + end % 2

    def _put(self, place: int, format_: str, *numbers: int) -> None:
        self._stream.seek(place)
        self._stream.write(struct.pack(self._byteorder + format_, *numbers))

    def _written(self, directory: Directory, kind: Kind) -> tuple[int, int]:
        """Write a directory; return its place, and that of the link to the next one."""
        order = self._byteorder
        data = struct.pack(order + kind.count, len(directory))
        for entry in directory:
            type_, value = self._value(entry, kind)
            data += struct.pack(order + kind.entry, entry.tag, type_, entry.count)
            data += value.ljust(kind.inline, b"\0")
        place = self._to_end()
        self._stream.write(data + bytes(kind.inline))
        return place, place + len(data)

    def _value(self, entry: Entry, kind: Kind) -> tuple[int, bytes]:
        """Return the type and what stands in the entry: the value, or the place of it."""
        type_, value = entry.type, entry.value
        if isinstance(value, tuple):
            type_ = kind.place_type
            places = [one if isinstance(one, int) else self._written(one, kind)[0] for one in value]
            value = struct.pack(f"{self._byteorder}{len(places)}{kind.place}", *places)
        if isinstance(value, bytes) and len(value) > kind.inline:
            place = self._to_end()
            self._stream.write(value)
            value = place
        elif isinstance(value, int) and SIZES[type_] * entry.count <= kind.inline:
            self._stream.seek(value)
            value = self._stream.read(SIZES[type_] * entry.count)
        if isinstance(value, int):
            value = struct.pack(self._byteorder + kind.place, value)
        return type_, value


class _Reader:
    """The directory of a TIFF that begins somewhere in a stream."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self._stream = stream
        self._start = start
        stream.seek(start)
        mark = stream.read(4)
        self.byteorder = "<" if mark.startswith(b"II") else ">"
        self._kind = BIG if 43 in mark else CLASSIC
        if self._kind is BIG:
            stream.read(4)

    def first(self) -> Directory:
        (place,) = self._read(self._kind.place)
        return self._directory(place)

    def _read(self, format_: str) -> tuple[Any, ...]:
        format_ = self.byteorder + format_
        return struct.unpack(format_, self._stream.read(struct.calcsize(format_)))

    def _directory(self, place: int) -> Directory:
        self._stream.seek(self._start + place)
        (count,) = self._read(self._kind.count)
        found = [
            (*self._read(self._kind.entry), self._stream.read(self._kind.inline))
            for _ in range(count)
        ]
        return tuple(self._entry(*parts) for parts in found)

    def _entry(self, tag: int, type_: int, count: int, held: bytes) -> Entry:
        size = SIZES[type_] * count
        if tag in PLACES | DIRECTORIES and type_ in UNSIGNED:
            places = self._places(type_, count, held)
            if tag in DIRECTORIES:
                return Entry(tag, type_, count, tuple(map(self._directory, places)))
            return Entry(tag, type_, count, tuple(self._start + place for place in places))
        if size <= self._kind.inline:
            return Entry(tag, type_, count, held[:size])
        (place,) = struct.unpack(self.byteorder + self._kind.place, held)
        return Entry(tag, type_, count, self._start + place)

    def _places(self, type_: int, count: int, held: bytes) -> tuple[int, ...]:
        size = SIZES[type_] * count
        if size > self._kind.inline:
            (place,) = struct.unpack(self.byteorder + self._kind.place, held)
            self._stream.seek(self._start + place)
            held = self._stream.read(size)
        return struct.unpack(f"{self.byteorder}{count}{UNSIGNED[type_]}", held[:size])


class _Window(io.RawIOBase):
    """A stream from some place on, as what writes into it sees it."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self._stream = stream
        self._start = start

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = self._start if whence == os.SEEK_SET else 0
        return self._stream.seek(start + offset, whence) - self._start

    def tell(self) -> int:
        return self._stream.tell() - self._start

    def readinto(self, buffer: Any, /) -> int:
        return cast("int", cast("Any", self._stream).readinto(buffer))

    def write(self, data: Any, /) -> int:
        return self._stream.write(data)
