"""Pages by several encoders become one file that every reader reads."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convfilter import Frames, Picture
from convfilter.picture import Metadata
from convfilter.pictures import tiff_pages
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.frame_writing import write_frames
from convfilter.pictures.frames import read_any
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.tiff_pages import TiffPages
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_image
from tests.pictures.drawn_pictures import noise

MODES = ["RGB;16", "L", "F", "RGBA;F", "CMYK", "7 planes;16", "I;16", "L;D", "RGB"]


@pytest.fixture(params=[False, True], ids=["classic", "BigTIFF"])
def is_big(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Let files be written as large ones, or not."""
    if request.param:
        monkeypatch.setattr(tiff_pages, "BIGTIFF_FROM", 0)
    return bool(request.param)


def exif(number: int) -> Metadata:
    """Return EXIF with tags, short and long, and directories of its own for each page."""
    tags = Image.Exif()
    tags[0x010E] = f"page {number}, and more than a few bytes"
    tags[0x010F] = f"{number}"
    tags.get_ifd(0x8769)[0x9003] = f"2020:01:0{number} 03:04:06"
    tags.get_ifd(0x8825)[2] = (1.0, 2.0, number + 0.5)
    return Metadata(tags.tobytes(), bytes([number]) * 99, b"<x/>" * number, (100 + number, 70))


def written(pictures: list[Picture]) -> tuple[bytes, tuple[str, ...]]:
    stream = io.BytesIO()
    frames = Frames(pictures, len(pictures))
    notes = write_frames(frames, FORMATS["tiff"], WriteOptions(), stream)
    return stream.getvalue(), notes


def joined(writers: Iterable[Callable[[BinaryIO], None]]) -> bytes:
    """Return the file that pages make of which each is written in its own way."""
    stream = io.BytesIO()
    pages = TiffPages(stream)
    for write in writers:
        pages.add(write)
    pages.finish()
    return stream.getvalue()


def read(data: bytes) -> list[Picture]:
    frames = read_any(data, "test", ReadOptions())
    assert isinstance(frames, Frames)
    return list(frames)


def test_pages_of_all_modes_and_sizes_come_back_with_their_metadata(is_big: bool) -> None:
    pictures = [
        replace(noise(mode, (9 + number, 21 - number)), metadata=exif(number + 1))
        for number, mode in enumerate(MODES)
    ]
    data, notes = written(pictures)
    assert notes == ()
    assert data[2] == (43 if is_big else 42)
    for number, (back, picture) in enumerate(zip(read(data), pictures, strict=True), start=1):
        assert back.mode == picture.mode
        np.testing.assert_array_equal(back.array, picture.array)
        given = picture.metadata
        assert (back.metadata.icc, back.metadata.xmp) == (given.icc, given.xmp)
        assert back.metadata.dpi == (100 + number, 70)
        tags = Image.Exif()
        tags.load(back.metadata.exif or b"")
        assert tags[0x010E] == f"page {number}, and more than a few bytes"
        assert tags[0x010F] == f"{number}"
        assert tags.get_ifd(0x8769)[0x9003] == f"2020:01:0{number} 03:04:06"
        assert tags.get_ifd(0x8825)[2] == (1.0, 2.0, number + 0.5)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_pages_in_many_strips_are_read_by_other_programs(is_big: bool, compression: str) -> None:
    images = [Image.effect_noise((300, 2000 + 10 * number), 50) for number in range(3)]
    writers = []
    for image in images:
        settings = {"compression": compression, "strip_size": 3000}
        writers.append(partial(encode_image, image, FORMATS["tiff"], settings))
    data = joined(writers)
    with Image.open(io.BytesIO(data)) as pillow, tifffile.TiffFile(io.BytesIO(data)) as file:
        assert (len(file.pages), file.is_bigtiff) == (3, is_big)
        for number, image in enumerate(images):
            pillow.seek(number)
            shown = np.asarray(pillow)
            np.testing.assert_array_equal(file.pages[number].asarray(), shown)
            if compression != "jpeg":
                np.testing.assert_array_equal(shown, np.asarray(image))


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("cut", [{"rowsperstrip": 1}, {"tile": (16, 16)}], ids=str)
def test_pages_of_either_kind_become_pages_of_the_other(
    is_big: bool, bigtiff: bool, cut: dict[str, Any]
) -> None:
    arrays = [np.full((33, 35), number, np.uint16) for number in range(3)]

    def write(array: NDArray[Any], stream: BinaryIO) -> None:
        tifffile.imwrite(stream, array, bigtiff=bigtiff, metadata=None, **cut)

    data = joined([partial(write, array) for array in arrays])
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.is_bigtiff == is_big
        for page, array in zip(file.pages, arrays, strict=True):
            np.testing.assert_array_equal(page.asarray(), array)


def test_everything_lies_at_even_places(is_big: bool) -> None:
    data, _ = written([replace(noise("L", (3, 5)), metadata=exif(n)) for n in range(1, 4)])
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.is_bigtiff == is_big
        pages = list(file.pages)
        assert all(one.offset < other.offset for one, other in pairwise(pages))
        assert all(page.offset % 2 == 0 for page in pages)
