"""Pictures that Pillow does not hold into PNG and TIFF, with what their files said about them."""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, BinaryIO, cast

import imagecodecs
import numpy as np
import tifffile
from PIL import Image
from PIL.ExifTags import TAGS, Base
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from PIL.TiffTags import ASCII

from convfilter.cores import available_cores
from convfilter.picture import Metadata, Picture
from convfilter.pictures.deep import COMPRESSIONS, named
from convfilter.pictures.formats import Format
from convfilter.pictures.metadata import (
    SUB_DIRECTORIES,
    TIFF_DESCRIPTIVE_TAGS,
    TIFF_XMP_TAG,
    left_out_notes,
    png_info,
)
from convfilter.pictures.tiff_pages import BIGTIFF_FROM
from convfilter.rows import Band

DEFAULT_COMPRESSION = "tiff_adobe_deflate"

PREDICTED = frozenset({5, 8, 32946, 34925, 50000})
"""Compressions before which differences of neighbours are taken."""

PACKBITS = COMPRESSIONS["packbits"]

NO_PREDICTOR = 1

PREDICTORS = {"u": 2, "f": 3}
"""Differences of integers and of floats."""

STRIP_BYTES = 256 * 1024
"""About the size of a strip that is written."""

PLACEHOLDER = 1
"""How far below the tag of a directory, which the writer leaves out, its placeholder lies."""

METRES_AN_INCH = 0.0254

_HEADER_END = 33
"""Where the first chunk of a PNG ends: the signature is 8 bytes, and that chunk 25."""

_OWN_ARGUMENTS = {Base.ImageDescription: "description", Base.DateTime: "datetime"}
"""Tags that the writer takes by a name of their own."""


def prepared_deep_writing(
    picture: Picture, entry: Format
) -> tuple[Callable[[BinaryIO], None], tuple[str, ...]]:
    """Return what writes a picture into a stream, and what of it is lost."""
    notes = left_out_notes(picture.metadata, entry)
    if entry.name == "png":
        return partial(_write_png, picture), tuple(notes)
    kept = picture.encoding
    settings = kept.settings if kept and kept.format == "tiff" else {}
    compression = settings.get("compression", DEFAULT_COMPRESSION)
    tags, directories, untold = _tiff_tags(picture.metadata)
    if untold:
        notes.append(f"EXIF tags that could not be written were left out: {untold}")
    return partial(_write_tiff, picture, compression, tags, directories), tuple(notes)


def _write_png(picture: Picture, stream: BinaryIO) -> None:
    data = imagecodecs.png_encode(picture.array)
    stream.write(data[:_HEADER_END])
    for kind, body in _png_chunks(picture.metadata):
        checksum = zlib.crc32(kind + body)
        stream.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum))
    stream.write(memoryview(data)[_HEADER_END:])


def _png_chunks(metadata: Metadata) -> list[tuple[bytes, bytes]]:
    """Return the chunks that go before the samples."""
    chunks = []
    if metadata.icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    if metadata.dpi:
        across, down = (round(part / METRES_AN_INCH) for part in metadata.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif.removeprefix(b"Exif\0\0")))
    return chunks + [(kind, body) for kind, body, *_ in png_info(metadata).chunks]


def _write_tiff(
    picture: Picture,
    compression: str,
    tags: dict[str, Any],
    directories: dict[int, dict[int, Any]],
    stream: BinaryIO,
) -> None:
    _save_tiff(picture, stream, compression, tags)
    if directories:
        _add_directories(stream, directories)


def _tiff_tags(
    metadata: Metadata,
) -> tuple[dict[str, Any], dict[int, dict[int, Any]], str]:
    """Return what the writer is to be told, the directories to append, and tags that are lost."""
    told: dict[str, Any] = {"iccprofile": metadata.icc}
    if metadata.dpi:
        told |= {"resolution": metadata.dpi, "resolutionunit": "INCH"}
    exif = Image.Exif()
    if metadata.exif:
        exif.load(metadata.exif)
    extra: list[tuple[int, int, int, Any, bool]] = []
    untold = []
    for tag, value in exif.items():
        if tag in _OWN_ARGUMENTS and isinstance(value, str):
            told[_OWN_ARGUMENTS[Base(tag)]] = value if tag == Base.DateTime else value.encode()
        elif isinstance(value, str):
            text = value.encode() + b"\0"
            extra.append((tag, ASCII, len(text), text, True))
        elif isinstance(value, bytes):
            extra.append((tag, 1, len(value), value, True))
        elif isinstance(value, int) and tag in TIFF_DESCRIPTIVE_TAGS - SUB_DIRECTORIES:
            extra.append((tag, 3, 1, value, True))
        elif tag not in SUB_DIRECTORIES:
            untold.append(TAGS.get(tag, str(tag)))
    directories = {
        int(tag): dict(entries) for tag in sorted(SUB_DIRECTORIES) if (entries := exif.get_ifd(tag))
    }
    # Their places are known, and filled in, when the rest is written.
    extra += [(tag - PLACEHOLDER, 4, 1, 0, True) for tag in directories]
    if metadata.xmp:
        extra.append((TIFF_XMP_TAG, 1, len(metadata.xmp), metadata.xmp, True))
    return told | {"extratags": extra}, directories, ", ".join(untold)


def _save_tiff(picture: Picture, stream: BinaryIO, compression: str, tags: dict[str, Any]) -> None:
    """Write a picture of any channels and depth as a TIFF, strip by strip.

    Parameters
    ----------
    compression
        A name from `COMPRESSIONS`.
    tags
        What ``TiffWriter.write`` is to be told about metadata.
    """
    planes, number = picture.rows.planes, COMPRESSIONS[compression]
    pitch = picture.width * planes * picture.dtype.itemsize
    strip = max(1, STRIP_BYTES // pitch)
    colours = {"L": 1, "LA": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}.get(picture.layout, 1)
    photometric = {1: "minisblack", 3: "rgb", 4: "separated"}[colours]
    shape = (picture.height, picture.width) + ((planes,) if planes > 1 else ())
    kind = "unassalpha" if picture.has_alpha else "unspecified"
    predictor = PREDICTORS[picture.dtype.kind] if number in PREDICTED else NO_PREDICTOR
    big = picture.height * pitch > BIGTIFF_FROM
    with tifffile.TiffWriter(named(stream), bigtiff=big) as writer:
        writer.write(
            _strips(picture, strip, number, predictor),
            shape=shape,
            dtype=picture.dtype,
            photometric=photometric,
            planarconfig="contig" if planes > 1 else None,
            extrasamples=[kind] * (planes - colours) or None,
            rowsperstrip=strip,
            compression=None if number == 1 else number,
            predictor=predictor if predictor != NO_PREDICTOR else None,
            software=False,
            metadata=None,
            **tags,
        )


def _strips(picture: Picture, rows: int, compression: int, predictor: int) -> Iterator[bytes]:
    """Make the bytes of each strip in turn, some ahead on several threads."""

    def encoded(top: int) -> bytes:
        bottom = min(top + rows, picture.height)
        band: Band = np.empty((picture.rows.planes, bottom - top, picture.width), picture.dtype)
        picture.rows.read(top, bottom, band)
        strip = np.ascontiguousarray(band.transpose(1, 2, 0))
        if predictor != NO_PREDICTOR:
            strip = tifffile.TIFF.PREDICTORS[predictor](strip, axis=-2)
        if compression == PACKBITS:  # which does not run on from row to row
            return bytes(imagecodecs.packbits_encode(strip, axis=-2))
        if compression == COMPRESSIONS["raw"]:
            return strip.tobytes()
        return bytes(tifffile.TIFF.COMPRESSORS[compression](strip))

    tops = range(0, picture.height, rows)
    threads = available_cores()
    with ThreadPoolExecutor(threads, "convfilter-strip") as pool:
        for first in range(0, len(tops), 2 * threads):
            yield from pool.map(encoded, tops[first : first + 2 * threads])


def _add_directories(stream: BinaryIO, directories: dict[int, dict[int, Any]]) -> None:
    """Append directories of EXIF to a TIFF, and make tags that lead there of the placeholders."""
    stream.seek(0)
    header = stream.read(8)
    if header[2:4] in (b"+\0", b"\0+"):  # BigTIFF
        header += stream.read(8)
    for tag, entries in directories.items():
        directory = ImageFileDirectory_v2(header, group=tag)
        for entry, value in entries.items():
            directory[entry] = value
        place = stream.seek(0, os.SEEK_END)
        place += place % 2
        stream.seek(place)
        stream.write(directory.tobytes(place))
        stream.seek(0)
        with tifffile.TiffFile(named(stream)) as file:
            holder = cast("tifffile.TiffPage", file.pages[0]).tags[tag - PLACEHOLDER]
            holder.overwrite(place)
            at, byteorder = holder.offset, file.byteorder
        stream.seek(at)
        stream.write(struct.pack(f"{byteorder}H", tag))
