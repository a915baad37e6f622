import io
import os
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image, ImageFile

from convfilter import open_picture
from convfilter.errors import PictureError
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from convfilter.pictures.stored_depth import stored_bits
from tests.conftest import SAMPLES
from tests.pictures.drawn_frames import encoded_image

IMAGE_FORMATS = [name for name, entry in FORMATS.items() if not entry.holds_arrays]


def photo(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    return Image.effect_noise(size, 80).convert(mode)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_pictures_are_turned_upright_and_say_so(orientation: int, name: str) -> None:
    corner = np.zeros((16, 32, 3), np.uint8)
    corner[:4, :4] = 255
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    image = Image.fromarray(corner)
    if orientation in turns:
        backward = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
        image = image.transpose(backward.get(orientation, Image.Transpose(turns[orientation])))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded_image(image, name, exif=exif.tobytes())
    picture = read_picture(io.BytesIO(data), "test")
    assert (picture.height, picture.width) == (16, 32)
    assert picture.array[:2, :2].min() > 200
    assert picture.array[-2:].max() < 60
    kept = Image.Exif()
    kept.load(picture.metadata.exif or b"")
    assert kept.get(0x0112, 1) == 1


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (photo("1"), "L"),
        (photo("L"), "L"),
        (photo("LA"), "LA"),
        (photo("P"), "RGB"),
        (photo("RGBA"), "RGBA"),
        (Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)), "I;16"),
    ],
    ids=["1", "L", "LA", "P", "RGBA", "I;16"],
)
def test_png_modes_are_expanded_as_documented(image: Image.Image, mode: str) -> None:
    assert read_picture(io.BytesIO(encoded_image(image, "png")), "test").mode == mode


@pytest.mark.parametrize(
    ("mode", "key", "result"),
    [
        ("L", 7, "LA"),
        ("RGB", (7, 7, 7), "RGBA"),
        ("P", 7, "RGBA"),
        ("P", bytes(range(256)), "RGBA"),
    ],
)
def test_a_transparent_colour_becomes_alpha(mode: str, key: object, result: str) -> None:
    levels = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    image = levels.convert("RGB") if mode == "RGB" else levels
    if mode == "P":
        image.putpalette([level for level in range(256) for _ in range(3)])
    picture = read_picture(io.BytesIO(encoded_image(image, "png", transparency=key)), "test")
    assert picture.mode == result
    expected = np.arange(256) if isinstance(key, bytes) else np.where(np.arange(256) == 7, 0, 255)
    np.testing.assert_array_equal(picture.array[..., -1].ravel(), expected)


def test_16_bit_pgm_and_pfm_are_read() -> None:
    levels = (np.arange(6).reshape(2, 3) * 10001).astype(">u2")
    picture = read_picture(io.BytesIO(b"P5 3 2 65535\n" + levels.tobytes()), "test")
    assert picture.mode == "I;16"
    np.testing.assert_array_equal(picture.array, levels)
    values = np.array([[1.5, -2.0], [3.25, 1e6]], np.float32)
    stream = io.BytesIO(encoded_image(Image.fromarray(values), "ppm"))
    np.testing.assert_array_equal(read_picture(stream, "test").array, values)


def _png(
    size: tuple[int, int], bits: int, colour_type: int, rows: bytes, **more: bytes
) -> io.BytesIO:
    header = struct.pack(">IIBBBBB", *size, bits, colour_type, 0, 0, 0)
    chunks = {"IHDR": header, **more, "IDAT": zlib.compress(rows), "IEND": b""}
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks.items():
        named = name.encode() + body
        data += struct.pack(">I", len(body)) + named + struct.pack(">I", zlib.crc32(named))
    return io.BytesIO(data)


def _png_16(colour_type: int, channels: int) -> bytes:
    rows = b"".join(b"\0" + bytes(range(4 * channels * 2)) for _ in range(4))
    return _png((4, 4), 16, colour_type, rows).getvalue()


@pytest.mark.parametrize(("bits", "key"), [(b, k) for b in (1, 2, 4, 8) for k in range(2**b)])
def test_the_transparent_level_of_a_png_has_its_bits(bits: int, key: int) -> None:
    levels = np.arange(2**bits, dtype=np.uint8)
    packed = np.packbits(np.unpackbits(levels[:, None], axis=1)[:, -bits:]).tobytes()
    stream = _png((2**bits, 1), bits, 0, b"\0" + packed, tRNS=struct.pack(">H", key))
    picture = read_picture(stream, "test")
    assert picture.mode == "LA"
    np.testing.assert_array_equal(picture.array[0, :, 0], levels * (255 // (2**bits - 1)))
    np.testing.assert_array_equal(picture.array[0, :, 1], np.where(levels == key, 0, 255))


@pytest.mark.parametrize(
    "data",
    [
        _png_16(2, 3),
        _png_16(6, 4),
        _png_16(4, 2),
        b"P6 2 2 65535\n" + bytes(24),
        b"P6 2 2 1023\n" + bytes(24),
    ],
    ids=["RGB", "RGBA", "LA", "PPM", "PPM 10 bits"],
)
@pytest.mark.usefixtures("without_deep")
def test_colour_deeper_than_8_bits_is_refused_unless_allowed(data: bytes) -> None:
    with pytest.raises(PictureError, match="--allow-depth-loss"):
        read_picture(io.BytesIO(data), "deep")
    picture = read_picture(io.BytesIO(data), "deep", ReadOptions(allow_depth_loss=True))
    assert picture.dtype == np.uint8


@pytest.mark.parametrize(("flags", "bits"), [(0x00, 8), (0x40, 10), (0x60, 12)])
def test_the_depth_of_an_avif_is_read_from_its_decoder_s_configuration(
    flags: int, bits: int
) -> None:
    # Pillow writes no deep AVIF; the box as it stands in those that others write.
    box = b"\0\0\0\x0cav1C\x81\x00" + bytes([flags]) + b"\0"
    image = cast("ImageFile.ImageFile", SimpleNamespace(format="AVIF", fp=io.BytesIO(box)))
    assert stored_bits(image) == bits


@pytest.mark.usefixtures("without_deep")
def test_16_bit_gray_with_a_transparent_level_is_refused_unless_allowed() -> None:
    image = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
    data = encoded_image(image, "png", transparency=700)
    with pytest.raises(PictureError, match="--allow-depth-loss"):
        read_picture(io.BytesIO(data), "deep")
    picture = read_picture(io.BytesIO(data), "deep", ReadOptions(allow_depth_loss=True))
    assert picture.mode == "LA"
    assert (picture.array[..., 1] == 0).sum() == 1


def test_one_picture_is_not_taken_of_an_animation_unless_it_is_asked_for() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    data = encoded_image(frames[0], "gif", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match="--frames first"):
        read_picture(io.BytesIO(data), "moving")
    picture = read_picture(io.BytesIO(data), "moving", ReadOptions(frame=0))
    assert picture.array[0, 0].tolist() == [255, 0, 0]


def test_size_is_checked_before_anything_is_decoded() -> None:
    bomb = _png((100_000, 100_000), 1, 0, bytes(1000))
    with pytest.raises(PictureError, match="10,000,000,000 pixels"):
        read_picture(bomb, "bomb")
    with pytest.raises(PictureError, match="1,200 pixels"):
        read_picture(io.BytesIO(encoded_image(photo(), "png")), "x", ReadOptions(max_pixels=1199))


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_a_file_cut_off_is_refused_or_wholly_read(name: str) -> None:
    data = encoded_image(photo(size=(64, 64)), name)
    whole = read_picture(io.BytesIO(data), "whole").array
    refused = 0
    for length in np.linspace(0, len(data) - 1, 65).astype(int).tolist():
        try:
            picture = read_picture(io.BytesIO(data[:length]), "cut")
        except PictureError as error:
            refused += 1
            assert error.cause
        else:
            # All samples were there already: only the end marker is missing.
            np.testing.assert_array_equal(picture.array, whole)
            assert length > len(data) * 0.9
    assert refused >= 60


def test_a_wrong_checksum_is_refused() -> None:
    data = bytearray(encoded_image(photo("L"), "png"))
    data[data.index(b"IEND") - 5] ^= 1
    with pytest.raises(PictureError, match="decoded as PNG"):
        read_picture(io.BytesIO(bytes(data)), "flipped")


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_no_flipped_byte_raises_anything_but_our_error(name: str) -> None:
    data = encoded_image(photo(size=(24, 24)), name)
    random = np.random.default_rng(11)
    for _ in range(150):
        broken = bytearray(data)
        for place in random.integers(0, min(len(data), 400), 3):
            broken[place] = random.integers(256)
        try:
            read_picture(io.BytesIO(bytes(broken)), "broken")
        except PictureError as error:
            assert error.what


def test_external_programs_are_never_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "gs"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    path = tmp_path / "picture.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(PictureError, match="not a picture"):
        open_picture(path)
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    "name", ["missing.png", "no/such/folder.png", ".", "/dev/null", "a\0b.png"]
)
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    path = name if name.startswith("/") else f"{tmp_path}/{name}"
    with pytest.raises(PictureError):
        open_picture(path)


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(PictureError, match="empty"):
        open_picture(tmp_path / "empty.png")


@pytest.mark.parametrize(
    ("name", "mode", "size"),
    [
        ("scene.jpg", "RGB", (640, 960)),
        ("disc.png", "RGBA", (240, 320)),
        ("ramp16.png", "I;16", (160, 256)),
        ("square-10x10.png", "L", (10, 10)),
        ("numbers-4x4.png", "L", (4, 4)),
    ],
)
def test_the_samples_are_what_they_say(name: str, mode: str, size: tuple[int, int]) -> None:
    picture = open_picture(SAMPLES / name)
    assert (picture.mode, picture.height, picture.width) == (mode, *size)


class TestTheCorpus:
    def test_every_orientation_comes_out_upright(self, corpus: Path) -> None:
        for shape in ("Landscape", "Portrait"):
            upright = open_picture(corpus / f"orientation/{shape}_1.jpg").array.astype(int)
            for number in range(9):
                picture = open_picture(corpus / f"orientation/{shape}_{number}.jpg")
                assert picture.array.shape == upright.shape
                assert np.abs(picture.array - upright).mean() < 6

    def test_every_valid_png_is_read_or_refused_for_depth(self, corpus: Path) -> None:
        files = sorted((corpus / "pngsuite/png").glob("*.png"))
        assert len(files) > 150
        for path in files:
            try:
                open_picture(path)
            except PictureError as error:
                broken = path.name.startswith("x")
                assert broken or "--allow-depth-loss" in str(error), path.name
                if not broken:
                    assert open_picture(path, ReadOptions(allow_depth_loss=True))
            else:
                assert not path.name.startswith("x"), path.name


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ((SAMPLES / "scene.jpg").read_bytes()[:3000], "it ends too early"),
        (b"\x89PNG\r\n\x1a\n", "its decoder says: "),
    ],
)
def test_what_a_decoder_says_is_told_as_its_words(content: bytes, cause: str) -> None:
    with pytest.raises(PictureError) as caught:
        read_picture(io.BytesIO(content), "cut")
    assert str(caught.value.cause).startswith(cause)
    assert "get it again" in str(caught.value.hint)


def test_the_other_pictures_of_a_camera_s_file_are_told_of() -> None:
    stream = io.BytesIO()
    first = Image.new("RGB", (30, 20), "red")
    first.save(stream, "MPO", save_all=True, append_images=[Image.new("RGB", (30, 20), "blue")])
    stream.seek(0)
    picture = read_picture(stream, "two")
    assert picture.array[0, 0, 0] > 200
    assert picture.notes == ("it holds 2 pictures: all but the first were left out",)


@pytest.mark.parametrize("name", ["tiff", "webp", "png", "gif"])
def test_the_limit_of_pixels_is_the_stated_one_not_pillow_s(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded_image(photo(size=(64, 64)), name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_picture(io.BytesIO(data), "large").width == 64
    assert Image.MAX_IMAGE_PIXELS == 100


def test_gifs_have_an_eighth_of_the_pixels() -> None:
    data = encoded_image(photo(size=(64, 64)), "gif")
    with pytest.raises(PictureError, match=r"4,096 pixels.*for GIFs.*--max-pixels 32768"):
        read_picture(io.BytesIO(data), "large", ReadOptions(max_pixels=32767))
    read_picture(io.BytesIO(data), "large", ReadOptions(max_pixels=32768))
