"""Every mode into every format: kept, converted as the table says, or refused with the remedy."""

import io
import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convfilter import Picture, open_picture, save_picture
from convfilter.border import parse_colour
from convfilter.errors import OutputError
from convfilter.picture import DEPTHS, LAYOUTS, Metadata, mode_of
from convfilter.pictures.formats import FORMATS, Format
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import check_holds, encode_picture
from tests.pictures.full_metadata import FULL

CELLS = [
    (layout, dtype)
    for dtype in DEPTHS
    for layout in LAYOUTS
    if dtype != "uint32" or "alpha" not in LAYOUTS[layout]  # which would take more than 64 bits
]
MODES = [mode_of(layout, len(LAYOUTS[layout]), np.dtype(dtype)) for layout, dtype in CELLS]
"""Every layout in every depth."""

LOSSLESS = {"png", "tiff", "bmp", "ppm", "pfm", "webp", "jxl"}


def picture_of(mode: str) -> Picture:
    """Draw a picture with many levels in every channel."""
    random = np.random.default_rng(7)
    layout, dtype = CELLS[MODES.index(mode)]
    shape = (20, 24, len(LAYOUTS[layout]))
    array: Any = np.linspace(0, 0.7, 24)[None, :, None] + 0.3 * random.random(shape)
    array = array * 10 - 3 if dtype.startswith("float") else array * np.iinfo(dtype).max
    array = array.astype(dtype)
    return Picture.of_array(array, layout)


IMAGE_FORMATS = {name: entry for name, entry in FORMATS.items() if not entry.holds_arrays}


def there_and_back(picture: Picture, entry: Format, **options: Any) -> Picture:
    if entry.name in ("jpeg", "avif", "heif"):
        options.pop("lossless", None)
    data, _ = encode_picture(picture, entry, WriteOptions(**options))
    return read_picture(io.BytesIO(data), "test")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("entry", IMAGE_FORMATS.values(), ids=IMAGE_FORMATS)
def test_a_mode_is_kept_or_refused_with_a_remedy(mode: str, entry: Format) -> None:
    picture = picture_of(mode)
    assert picture.mode == mode
    if not entry.holds(mode):
        with pytest.raises(OutputError) as caught:
            there_and_back(picture, entry)
        assert caught.value.hint
        return
    back = there_and_back(picture, entry, lossless=True)
    if entry.name in LOSSLESS:
        assert back.mode == entry.holds(mode)
        expected = picture.array
        if back.layout != picture.layout:  # gray that is written as colour
            gray = expected if expected.ndim == 2 else expected[:, :, 0]
            expected = np.stack([gray] * 3 + ([] if mode == "L" else [expected[:, :, 1]]), axis=-1)
        np.testing.assert_array_equal(back.array, expected)
    else:
        difference = np.abs(back.array[..., :3].astype(float) - _as_shown(picture, back))
        if entry.name == "gif" and back.has_alpha:
            difference = difference[back.array[..., -1] > 0]  # hidden pixels have no colour there
        assert difference.mean() < 0.06 * picture.full


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("entry", FORMATS.values(), ids=FORMATS)
def test_the_remedy_of_a_refusal_helps(mode: str, entry: Format) -> None:
    if entry.holds(mode):
        return
    with pytest.raises(OutputError) as caught:
        check_holds(mode, (20, 24), entry, WriteOptions())
    hint = caught.value.hint or ""
    options = {
        "--background": WriteOptions(background=parse_colour("white")),
        "--allow-depth-loss": WriteOptions(allow_depth_loss=True),
    }
    for option in options:
        assert option not in hint or check_holds(mode, (20, 24), entry, options[option])
    able = {name for name, other in FORMATS.items() if other.holds(mode)}
    named = set(re.findall(r"\b(?:" + "|".join(FORMATS) + r")\b", hint.lower()))
    assert named <= able
    assert named or not able


def _as_shown(picture: Picture, back: Picture) -> Any:
    array = picture.array.astype(float)
    if back.array.ndim == 3 and (array.ndim == 2 or array.shape[2] == 2):
        gray = array if array.ndim == 2 else array[:, :, 0]
        array = np.stack([gray] * 3, axis=-1)
    return array[..., :3]


@pytest.mark.parametrize(("mode", "flat"), [("RGBA", "RGB"), ("LA", "L")])
def test_a_background_shows_through_what_is_transparent(mode: str, flat: str) -> None:
    picture = picture_of(mode)
    back = there_and_back(picture, FORMATS["ppm"], background=parse_colour("white"))
    assert back.mode == flat
    array = picture.array.astype(float)
    alpha = array[..., -1:] / 255
    expected = (array[..., :-1] * alpha + 255 * (1 - alpha)).squeeze()
    assert np.abs(back.array - expected).max() <= 1


def test_16_bits_become_8_only_when_asked() -> None:
    picture = picture_of("I;16")
    with pytest.raises(OutputError, match="--allow-depth-loss"):
        there_and_back(picture, FORMATS["jpeg"])
    back = there_and_back(picture, FORMATS["bmp"], allow_depth_loss=True)
    np.testing.assert_array_equal(back.array, np.rint(picture.array / 257).astype(np.uint8))


@pytest.mark.parametrize(("name", "side"), [("jpeg", 65501), ("webp", 16384)])
def test_pictures_too_large_for_a_format_are_refused(name: str, side: int) -> None:
    picture = Picture.of_array(np.zeros((1, side, 3), np.uint8))
    with pytest.raises(OutputError, match="longest side"):
        there_and_back(picture, FORMATS[name])


def jpeg(tmp_path: Path, name: str = "in.jpg", **settings: Any) -> Path:
    path = tmp_path / name
    image = Image.effect_noise((64, 48), 60).convert(settings.pop("mode", "RGB"))
    image.save(path, **settings)
    return path


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_to_jpeg_keeps_tables_and_subsampling(
    tmp_path: Path, subsampling: int, progressive: bool
) -> None:
    path = jpeg(tmp_path, quality=37, subsampling=subsampling, progressive=progressive)
    picture = open_picture(path)
    save_picture(picture, tmp_path / "out.jpg")
    kept = open_picture(tmp_path / "out.jpg")
    assert kept.encoding == picture.encoding
    assert kept.encoding is not None
    assert kept.encoding.settings["subsampling"] == subsampling
    save_picture(picture, tmp_path / "better.jpg", WriteOptions(quality=95))
    better = open_picture(tmp_path / "better.jpg")
    assert better.encoding != picture.encoding


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_cmyk_jpegs_keep_their_tables(tmp_path: Path, mode: str) -> None:
    picture = open_picture(jpeg(tmp_path, mode=mode, quality=41))
    save_picture(picture, tmp_path / "out.jpg")
    kept = open_picture(tmp_path / "out.jpg")
    assert (kept.mode, kept.encoding) == (mode, picture.encoding)
    assert np.abs(kept.array.astype(int) - picture.array).mean() < 12


@pytest.mark.parametrize("entry", FORMATS.values(), ids=FORMATS)
def test_metadata_that_the_format_holds_comes_back(entry: Format) -> None:
    base = picture_of("RGB" if "RGB" in entry.modes else "F")
    picture = replace(base, metadata=FULL)
    data, notes = encode_picture(picture, entry, WriteOptions())
    assert (
        bool(notes) == (not entry.metadata >= {"exif", "icc", "xmp", "dpi"}) or entry.name == "gif"
    )
    back = read_picture(io.BytesIO(data), "test").metadata
    held = entry.metadata
    if entry.name != "jxl":  # whose decoder always states a profile
        assert back.icc == (FULL.icc if "icc" in held else None)
    assert back.xmp == (FULL.xmp if "xmp" in held else None)
    if "dpi" in held:
        assert back.dpi == pytest.approx(FULL.dpi, rel=1e-3)
    assert (back.exif is not None) == ("exif" in held)
    if back.exif:
        exif = Image.Exif()
        exif.load(back.exif)
        assert exif[0x010F] == "Maker"
        assert exif.get(0x0112, 1) == 1
        assert exif.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:06"
        assert exif.get_ifd(0x8825)[1] == "N"


def test_the_thumbnail_is_dropped_since_it_shows_the_unfiltered_picture(tmp_path: Path) -> None:
    thumbnail = b"\xff\xd8 the thumbnail \xff\xd9"
    make = struct.pack("<HHI4s", 0x010F, 2, 4, b"Abc")
    first = struct.pack("<H", 1) + make + struct.pack("<I", 8 + 2 + 12 + 4)
    at = 8 + len(first) + 2 + 2 * 12 + 4
    second = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, at, 0x0202, 4, 1, len(thumbnail), 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second + thumbnail
    path = jpeg(tmp_path, exif=exif)
    assert thumbnail in path.read_bytes()
    kept = open_picture(path).metadata.exif
    assert kept
    assert b"Abc" in kept
    assert thumbnail not in kept


def test_no_empty_directories_are_added_to_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    kept = Image.Exif()
    kept.load(open_picture(jpeg(tmp_path, exif=exif.tobytes())).metadata.exif or b"")
    assert dict(kept) == {0x010F: "Maker"}
    assert open_picture(jpeg(tmp_path, "bare.jpg")).metadata.exif is None


def test_what_a_gif_cannot_show_is_said() -> None:
    random = np.random.default_rng(8).integers(0, 256, (40, 50, 4), np.uint8)
    _, notes = encode_picture(Picture.of_array(random), FORMATS["gif"], WriteOptions())
    assert any("partial transparency" in note for note in notes)
    assert any("256 colours" in note for note in notes)
    _, notes = encode_picture(picture_of("L"), FORMATS["gif"], WriteOptions())
    assert notes == ()


def test_lossless_webp_stays_lossless_and_other_formats_refuse_to_pretend(tmp_path: Path) -> None:
    picture = picture_of("RGB")
    save_picture(picture, tmp_path / "a.webp", WriteOptions(lossless=True))
    save_picture(open_picture(tmp_path / "a.webp"), tmp_path / "b.webp")
    np.testing.assert_array_equal(open_picture(tmp_path / "b.webp").array, picture.array)
    for name in ("jpeg", "avif"):
        with pytest.raises(OutputError, match="without loss"):
            encode_picture(picture, FORMATS[name], WriteOptions(lossless=True))


def test_a_gray_profile_does_not_go_into_a_colour_picture() -> None:
    picture = replace(picture_of("L"), metadata=Metadata(icc=b"gray profile" * 20))
    data, notes = encode_picture(picture, FORMATS["webp"], WriteOptions())
    assert b"gray profile" not in data
    assert "ICC" in notes[0]


def test_exif_of_a_bigtiff_is_read_by_every_other_format(tmp_path: Path) -> None:
    image = Image.effect_noise((16, 16), 60)
    image.save(tmp_path / "big.tif", big_tiff=True, tiffinfo={271: "Maker"})
    save_picture(open_picture(tmp_path / "big.tif"), tmp_path / "a.jpg")
    save_picture(open_picture(tmp_path / "a.jpg"), tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as back:
        assert back.getexif()[271] == "Maker"


def test_tiff_keeps_its_compression_where_its_tags_allow_it(tmp_path: Path) -> None:
    image = Image.effect_noise((64, 48), 60)
    image.save(tmp_path / "in.tif", compression="tiff_lzw")
    picture = open_picture(tmp_path / "in.tif")
    with_xmp = Picture(
        picture.rows, 48, 64, "L", picture.dtype, Metadata(xmp=FULL.xmp), picture.encoding
    )
    save_picture(with_xmp, tmp_path / "out.tif")
    back = open_picture(tmp_path / "out.tif")
    assert back.encoding == picture.encoding
    assert back.metadata.xmp == FULL.xmp
