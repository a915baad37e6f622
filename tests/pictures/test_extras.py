"""HEIF and JPEG XL by extras of their own."""

import io
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from convfilter import OutputError, Picture, PictureError, open_picture, save_picture
from convfilter.pictures.extras import EXTRAS, is_installed
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.jxl_header import JxlHeader, read_jxl_header
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_picture
from tests.conftest import SAMPLES

WITH_EXTRA = [entry for entry in FORMATS.values() if entry.extra]
GRAY = Picture.of_array(np.arange(600, dtype=np.uint8).reshape(20, 30))


@pytest.mark.parametrize("entry", WITH_EXTRA, ids=lambda entry: entry.name)
def test_without_the_extra_the_refusal_names_it(
    entry: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"in{entry.suffixes[0]}"  # type: ignore[attr-defined]
    save_picture(GRAY, path)
    extra = entry.extra  # type: ignore[attr-defined]
    for module in EXTRAS[extra]:
        monkeypatch.setitem(sys.modules, module, None)
    assert not is_installed(extra)
    with pytest.raises(PictureError, match=rf"pip install 'convfilter\[{extra}\]'"):
        open_picture(path)
    with pytest.raises(OutputError, match=rf"pip install 'convfilter\[{extra}\]'"):
        save_picture(GRAY, path, WriteOptions(overwrite=True))


def test_deep_heif_is_not_made_8_bits_silently() -> None:
    deep = Picture.of_array(np.zeros((64, 64, 3), np.uint16))
    with pytest.raises(OutputError, match="--depth 8"):
        encode_picture(deep, FORMATS["heif"], WriteOptions())


@pytest.mark.parametrize(
    "size", [(8, 8), (64, 64), (30, 40), (256, 8), (9, 513), (600, 800), (1000, 9000), (90, 160)]
)
@pytest.mark.parametrize(("dtype", "bits"), [("uint8", 8), ("uint16", 16), ("float32", 32)])
def test_the_header_of_jpeg_xl_is_read_as_it_was_written(
    size: tuple[int, int], dtype: str, bits: int
) -> None:
    data = imagecodecs.jpegxl_encode(np.zeros((*size, 3), dtype), effort=1)
    for part in (data, data[:200]):
        assert read_jxl_header(io.BytesIO(part)) == JxlHeader(size[1], size[0], bits, False)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_deep_colour_in_jpeg_xl_is_refused_unless_allowed(dtype: str) -> None:
    data = imagecodecs.jpegxl_encode(np.zeros((30, 40, 3), dtype), lossless=True)
    with pytest.raises(PictureError, match="--allow-depth-loss"):
        read_picture(io.BytesIO(data), "deep")
    assert read_picture(io.BytesIO(data), "deep", ReadOptions(allow_depth_loss=True)).mode == "RGB"
    gray = np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50
    data = imagecodecs.jpegxl_encode(gray, lossless=True)
    np.testing.assert_array_equal(read_picture(io.BytesIO(data), "gray").array, gray)


def test_the_size_of_jpeg_xl_is_checked_before_it_is_decoded() -> None:
    data = imagecodecs.jpegxl_encode(np.zeros((400, 300), np.uint8))
    with pytest.raises(PictureError, match="120,000 pixels"):
        read_picture(io.BytesIO(data[:80]), "large", ReadOptions(max_pixels=1000))


def test_nonsense_headers_are_refused() -> None:
    random = np.random.default_rng(1)
    for beginning in (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n"):
        for length in (0, 3, 20, 300):
            with pytest.raises(PictureError):
                read_picture(io.BytesIO(beginning + random.bytes(length)), "nonsense")


@pytest.mark.parametrize("name", ["heif", "jxl"])
def test_a_photograph_goes_there_and_back(name: str, tmp_path: Path) -> None:
    picture = open_picture(SAMPLES / "scene.jpg")
    path = tmp_path / f"out{FORMATS[name].suffixes[0]}"
    save_picture(picture, path, WriteOptions(quality=95))
    back = open_picture(path)
    assert back.mode == "RGB"
    assert np.abs(back.array.astype(int) - picture.array).mean() < 3
