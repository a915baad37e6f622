"""Samples that Pillow does not hold, out of PNG and TIFF, by way of the extra ``deep``.

This module and `deep_writing` are the only ones that name the packages of that extra.
"""

import logging
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, cast

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from PIL.ExifTags import Base

from convfilter.errors import PictureError
from convfilter.frozen import frozen
from convfilter.picture import DEPTHS, PLANES, Encoding, Picture, layout_of
from convfilter.pictures.arrays import FileRows
from convfilter.pictures.decoder_faults import decoder_faults, warnings_as_notes
from convfilter.pictures.decoding import Encoded
from convfilter.pictures.metadata import TIFF_XMP_TAG, read_metadata
from convfilter.pictures.refusals import check_has_frame, check_pixels
from convfilter.pictures.segments import Bytes, Grid, InvertedRows, SegmentRows, StraightRows
from convfilter.rows import PlanarRows, Rows

COMPRESSIONS = {
    "raw": 1,
    "tiff_lzw": 5,
    "tiff_adobe_deflate": 8,
    "packbits": 32773,
    "lzma": 34925,
    "zstd": 50000,
    "tiff_deflate": 32946,
}
"""Lossless compressions of TIFF: Pillow's names and the numbers in the file."""

PHOTOMETRICS = {0: 1, 1: 1, 2: 3, 5: 4}
"""Kinds of TIFF that are read here, and their colours: white is 0, black is 0, RGB, CMYK."""

EXACT = {"int8": "float32", "int16": "float32", "float16": "float32", "int32": "float64"}
"""Dtypes that are not filtered as they are, and the shortest that hold all their values."""

_PNG_SIGNATURE = 8
"""Bytes before the first chunk."""

# It warns on standard error of files that are merely unusual; what is wrong raises.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def read_deep(encoded: Encoded) -> Picture:
    """Return the picture in a PNG or TIFF with every sample as it is in the file.

    Raises
    ------
    PictureError
        If it is damaged, too large, or its samples are of a kind that is not filtered.
    """
    notes: list[str] = []
    with warnings_as_notes(notes):
        picture = (_read_png if encoded.format.name == "png" else _read_tiff)(encoded, notes)
    return replace(picture, notes=tuple(notes))


def count_pages(encoded: Encoded) -> int:
    """Return how many pages a TIFF has."""
    with tifffile.TiffFile(encoded.stream) as file:
        pages = len(file.pages)
    encoded.stream.seek(0)
    return pages


def _read_png(encoded: Encoded, notes: list[str]) -> Picture:
    stream = encoded.stream
    image = PngImagePlugin.PngImageFile(stream)
    check_pixels(image.width * image.height, encoded.name, encoded.options)
    turn = _take_orientation(image.getexif())
    metadata = read_metadata(image, notes)
    stream.seek(0)
    array: NDArray[Any] = imagecodecs.png_decode(_only_samples(stream.read()))
    picture = Picture.of_array(_turned(array, turn))
    return replace(picture, metadata=metadata, encoding=Encoding("png"))


def _only_samples(data: bytes) -> bytes:
    """Return a PNG without its ancillary chunks, of which libpng would print its opinion."""
    kept, place = [data[:_PNG_SIGNATURE]], _PNG_SIGNATURE
    while place < len(data):
        kind = data[place + 4 : place + 8]
        end = place + int.from_bytes(data[place : place + 4], "big") + 12
        if kind[:1].isupper() or kind == b"tRNS":
            kept.append(data[place:end])
        place = end
    return b"".join(kept)


@frozen
class _TiffHeader:
    """As much of an image as metadata are read from, for files that Pillow does not open."""

    info: dict[str, Any]
    exif: Image.Exif
    format: str = "TIFF"

    def getexif(self) -> Image.Exif:
        return self.exif


def _read_tiff(encoded: Encoded, notes: list[str]) -> Picture:
    name = encoded.name
    with tifffile.TiffFile(encoded.stream) as file:
        if encoded.options.frame is not None:
            check_has_frame(encoded.number, len(file.pages), name)
        page = cast("tifffile.TiffPage", file.pages[encoded.number])
        check_pixels(page.imagewidth * page.imagelength, name, encoded.options)
        header = _header(encoded.stream, file, page, notes)
        turn = _take_orientation(header.exif)
        metadata = read_metadata(cast("Image.Image", header), notes)
        stored = np.dtype(str(page.dtype)).newbyteorder(file.byteorder)
    dtype = _filtered_dtype(page, stored, name, notes)
    layout = _layout(page, name, notes)
    rows = _stored_rows(page, stored, encoded)
    if page.photometric == 0:
        if stored.kind != "u":
            raise PictureError(f"{name} has {stored.name} samples with white as 0")
        rows = InvertedRows(rows, int(np.iinfo(dtype).max))
    if 1 in page.extrasamples and layout in ("LA", "RGBA"):
        full = 1 if dtype.kind == "f" else int(np.iinfo(dtype).max)
        rows = StraightRows(rows, full, dtype)
        notes.append("its colours were multiplied by alpha; they are filtered and written plain")
    names = {number: known for known, number in COMPRESSIONS.items()}
    known = names.get(int(page.compression))
    encoding = Encoding("tiff", {"compression": known} if known else {})
    height, width = page.imagelength, page.imagewidth
    picture = Picture(rows, height, width, layout, dtype, metadata, encoding)
    return picture if turn == 1 else _upright(picture, turn)


def _header(
    stream: BinaryIO, file: tifffile.TiffFile, page: tifffile.TiffPage, notes: list[str]
) -> _TiffHeader:
    exif = Image.Exif()
    if file.is_bigtiff and file.byteorder == ">":
        # Pillow knows no such directories.
        if Base.Orientation in page.tags:
            exif[Base.Orientation] = page.tags[Base.Orientation].value
        notes.append("the EXIF tags of a big-endian BigTIFF cannot be read: left out")
    else:
        exif.bigtiff = file.is_bigtiff
        exif.endian = file.byteorder
        exif.load_from_fp(stream, page.offset)
    info = {
        "icc_profile": page.tags.valueof(Base.InterColorProfile),
        "xmp": page.tags.valueof(TIFF_XMP_TAG),
    }
    unit = {2: 1.0, 3: 2.54}.get(int(page.resolutionunit))
    if unit and Base.XResolution in page.tags and Base.YResolution in page.tags:
        info["dpi"] = tuple(axis * unit for axis in page.resolution)
    return _TiffHeader(info, exif)


def _filtered_dtype(
    page: tifffile.TiffPage, stored: np.dtype[Any], name: str, notes: list[str]
) -> np.dtype[Any]:
    """Return the dtype in which the samples are filtered, every value kept."""
    if str(stored.newbyteorder("=")) in DEPTHS and page.bitspersample == 8 * stored.itemsize:
        return stored.newbyteorder("=")
    wider = EXACT.get(stored.name)
    if wider is None or page.bitspersample != 8 * stored.itemsize:
        kinds = ", ".join([*DEPTHS, *EXACT])
        raise PictureError(
            f"{name} has samples of {page.bitspersample} bits, {stored.name or 'of no known kind'}",
            f"those that can be filtered are {kinds}",
            "convert it to one of these first",
        )
    notes.append(f"its {stored.name} samples are filtered and written as {wider}")
    return np.dtype(wider)


def _layout(page: tifffile.TiffPage, name: str, notes: list[str]) -> str:
    colours = PHOTOMETRICS.get(int(page.photometric))
    if colours is None or page.imagedepth > 1:
        kind = getattr(page.photometric, "name", page.photometric)
        raise PictureError(
            f"{name} is a TIFF of the kind {kind}",
            "at its depth only gray, RGB and CMYK are read",
            "convert it to one of these first",
        )
    extra = page.samplesperpixel - colours
    if colours == 4 and not extra:
        return "CMYK"
    if extra == 0 or (extra == 1 and colours < 4 and page.extrasamples[:1] != (0,)):
        return layout_of(page.samplesperpixel)
    if extra == 1 and colours == 3:
        notes.append("its fourth channel, of unstated meaning, is taken for alpha")
        return "RGBA"
    return PLANES


def _stored_rows(page: tifffile.TiffPage, stored: np.dtype[Any], encoded: Encoded) -> Rows:
    source = Bytes(encoded.stream, encoded.name)
    if len(page.dataoffsets) != len(page.databytecounts):
        raise ValueError("its strips or tiles are not all said to begin and to end")
    ends = [o + n for o, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
    tile = page.is_tiled
    grid = Grid(
        page.imagelength,
        page.imagewidth,
        page.samplesperpixel,
        page.tilelength if tile else min(page.rowsperstrip or page.imagelength, page.imagelength),
        page.tilewidth if tile else page.imagewidth,
        page.planarconfig == 2 and page.samplesperpixel > 1,
        stored,
    )
    if len(ends) != grid.count or max(ends) > source.size:
        raise PictureError(
            f"{encoded.name} cannot be decoded as TIFF",
            "samples are missing at its end",
            "the file is damaged or cut off; get it again from its source",
        )
    shape = grid.height, grid.width, grid.samples
    if _lies_plain(page, grid, ends) and not isinstance(encoded.stream, BytesIO):
        return FileRows(encoded.stream, encoded.name, page.dataoffsets[0], shape, stored)
    faults = partial(decoder_faults, encoded.name, encoded.format)
    return SegmentRows(grid, partial(_decode, page, grid, source), faults)


def _lies_plain(page: tifffile.TiffPage, grid: Grid, ends: list[int]) -> bool:
    """Return whether the rows follow each other just as in memory."""
    size = grid.height * grid.width * grid.samples * grid.dtype.itemsize
    plain = page.compression == 1 and page.predictor == 1 and page.fillorder == 1
    in_order = all(end == start for end, start in zip(ends, page.dataoffsets[1:], strict=False))
    whole = sum(page.databytecounts) == size
    return plain and in_order and whole and not page.is_tiled and not grid.separate


def _decode(page: tifffile.TiffPage, grid: Grid, source: Bytes, index: int) -> NDArray[Any]:
    """Return a segment as rows, columns and samples."""
    count = page.databytecounts[index]
    samples = 1 if grid.separate else grid.samples
    if not count:  # a tile of a sparse file
        return np.zeros((grid.rows, grid.columns, samples), grid.dtype)
    data = source.read(page.dataoffsets[index], count)
    rows = grid.rows
    if not page.is_tiled:
        rows = min(rows, grid.height - (index % grid.down) * rows)
    if page.compression == 1 and count < rows * grid.columns * samples * grid.dtype.itemsize:
        raise ValueError("a strip or tile is too short")
    segment = page.decode(data, index, _fullsize=True)[0]
    return cast("NDArray[Any]", segment).reshape(-1, grid.columns, samples)


def _take_orientation(exif: Image.Exif) -> int:
    """Return the orientation that is stated, and state the upright one from then on."""
    orientation = exif.get(Base.Orientation, 1)
    if Base.Orientation in exif:
        exif[Base.Orientation] = 1
    return orientation if orientation in range(2, 9) else 1


def _turned(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return rows and columns as EXIF says that they were meant."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array[::-1] if orientation in (3, 4, 7, 8) else array


def _upright(picture: Picture, orientation: int) -> Picture:
    cube = _turned(picture.planes.transpose(1, 2, 0), orientation)
    return replace(picture, rows=PlanarRows(cube), height=cube.shape[0], width=cube.shape[1])


def named(stream: BinaryIO) -> tifffile.FileHandle:
    """Return a stream as its reader and writer want it: files without a name have none there."""
    return tifffile.FileHandle(stream, name="picture")
