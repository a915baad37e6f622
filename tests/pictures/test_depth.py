"""Depths on the way out: scaled exactly, rounded half up, and clipped only with a word."""

from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convfilter import OutputError, Picture, open_frames, open_picture, save_picture
from convfilter.picture import DEPTHS, mode_at, split_mode
from convfilter.pictures.depth import mode_at_depth, scaled, with_dtype
from convfilter.pictures.write_options import WriteOptions
from tests.conftest import SAMPLES, Program
from tests.pictures.drawn_frames import encoded, shapes

INTEGERS = ["uint8", "uint16", "uint32"]


@pytest.mark.parametrize("wanted", INTEGERS)
@pytest.mark.parametrize("given_dtype", INTEGERS)
def test_integers_are_scaled_exactly(given_dtype: str, wanted: str) -> None:
    white, full = (int(np.iinfo(dtype).max) for dtype in (given_dtype, wanted))
    levels = np.unique(np.linspace(0, white, 70_000).astype(np.int64)).astype(given_dtype)
    expected = [floor(Fraction(int(v) * full, white) + Fraction(1, 2)) for v in levels]
    np.testing.assert_array_equal(scaled(levels, np.dtype(wanted)), expected)


def test_8_bits_come_back_from_any_depth() -> None:
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(scaled(levels, np.dtype(np.uint16)), levels.astype(int) * 257)
    for dtype in DEPTHS:
        back = scaled(scaled(levels, np.dtype(dtype)), levels.dtype)
        np.testing.assert_array_equal(back, levels)


@given(st.floats(-2, 3, width=32))
def test_floats_are_rounded_half_up_and_clipped(value: float) -> None:
    level = int(scaled(np.array([value], np.float32), np.dtype(np.uint8))[0])
    exact = min(max(Fraction(value), Fraction(0)), Fraction(1)) * 255
    assert abs(level - exact) <= Fraction(1, 2) + Fraction(1, 2**40)


def test_what_is_clipped_is_counted() -> None:
    array = np.array([[0.5, -1, 2, np.nan, np.inf, 1, 0, 0.25]], np.float32)
    picture, outside = with_dtype(Picture.of_array(array), "uint8")
    np.testing.assert_array_equal(picture.array, [[128, 0, 255, 0, 255, 255, 0, 64]])
    assert outside.notes[0].startswith("4 samples (50.00%)")
    within = with_dtype(Picture.of_array(array[:, :1]), "uint16")[1]
    assert within.notes == ()
    assert (outside + within).notes[0].startswith("4 samples (44.44%)")


@pytest.mark.parametrize("mode", ["L", "I;16", "F", "RGB;16", "RGBA", "L;D", "7 planes;32"])
def test_modes_name_their_depth(mode: str) -> None:
    channels, dtype = split_mode(mode)
    assert mode_at(mode, dtype) == mode
    assert split_mode(mode_at(mode, "uint8")) == (channels, "uint8")
    kept = mode_at_depth(mode, "float")
    assert split_mode(kept)[1] == ("float64" if mode == "L;D" else "float32")


@pytest.mark.parametrize(
    ("source", "depth", "suffix", "mode"),
    [
        ("ramp16.png", "8", ".jpg", "L"),
        ("ramp16.png", "float", ".tif", "F"),
        ("ramp16.png", "float", ".npy", "F"),
        ("scene.jpg", "16", ".png", "RGB;16"),
        ("scene.jpg", "float", ".tif", "RGB;F"),
        ("disc.png", "16", ".png", "RGBA;16"),
    ],
)
def test_the_option_says_the_depth_of_the_output(
    source: str, depth: str, suffix: str, mode: str, tmp_path: Path, program: Program
) -> None:
    out = tmp_path / f"out{suffix}"
    done = program("apply", SAMPLES / source, out, "-k", "identity", "--depth", depth)
    assert done.exit_code == 0, done.stderr
    picture = open_picture(out)
    expected, _ = with_dtype(open_picture(SAMPLES / source), split_mode(mode)[1])
    if suffix == ".npy":
        np.testing.assert_array_equal(picture.array, expected.array)
        return
    assert picture.mode == mode
    if suffix != ".jpg":
        np.testing.assert_array_equal(picture.array, expected.array)


@pytest.mark.parametrize(
    ("name", "mode", "depth", "level"),
    [
        ("tiff", "L", "16", 200 * 257),
        ("tiff", "RGB", "16", 200 * 257),
        ("tiff", "L", "float", 200 / 255),
        ("png", "L", "16", 200 * 257),
        ("png", "RGBA", "8", 200),
    ],
)
def test_white_stays_white_in_every_frame(
    name: str, mode: str, depth: str, level: float, tmp_path: Path, program: Program
) -> None:
    images = [Image.new(mode, (9, 8), (200,) * len(mode)), Image.new(mode, (9, 8))]
    (tmp_path / "in").write_bytes(encoded(images, name))
    out = tmp_path / "out"
    done = program("apply", tmp_path / "in", out, "-f", name, "-k", "identity", "--depth", depth)
    assert done.exit_code == 0, done.stderr
    first, second = open_frames(out)
    assert first.mode == second.mode == mode_at_depth(mode, depth)
    assert np.unique(first.array).tolist() == [pytest.approx(level)]
    assert second.array.max() == 0


@pytest.mark.parametrize("name", ["tiff", "png", "gif"])
def test_what_is_clipped_is_counted_over_all_frames(
    name: str, tmp_path: Path, program: Program
) -> None:
    pages = [Image.new("F", (10, 10), 0.5), Image.new("F", (10, 10), 2), Image.new("F", (10, 10))]
    (tmp_path / "in.tif").write_bytes(encoded(pages, "tiff"))
    out = tmp_path / "out"
    call = ["apply", tmp_path / "in.tif", out, "-f", name, "-k", "identity", "--depth", "8"]
    done = program(*call)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("100 samples (33.33%) lay outside") == 1
    assert [page.array.max() for page in open_frames(out)] == [128, 255, 0]


def test_animations_of_deep_colours_are_refused(tmp_path: Path, program: Program) -> None:
    (tmp_path / "in.png").write_bytes(encoded(shapes(), "png"))
    call = ("apply", tmp_path / "in.png", tmp_path / "out.png", "-k", "identity", "--depth", "16")
    done = program(*call)
    assert done.exit_code == 1
    assert "write TIFF" in done.stderr
    assert not (tmp_path / "out.png").exists()
    assert program(*call, "--frames", "first").exit_code == 0


def test_16_bits_become_8_only_when_asked(tmp_path: Path) -> None:
    picture = Picture.of_array(np.full((9, 9, 3), 40_000, np.uint16))
    with pytest.raises(OutputError, match="--depth 8"):
        save_picture(picture, tmp_path / "out.jpg")
    save_picture(picture, tmp_path / "out.bmp", WriteOptions(depth="8"))
    assert open_picture(tmp_path / "out.bmp").array.max() == 156
    save_picture(picture, tmp_path / "loss.bmp", WriteOptions(allow_depth_loss=True))
    assert open_picture(tmp_path / "loss.bmp").array.max() == 156
    save_picture(picture, tmp_path / "kept.png", WriteOptions(allow_depth_loss=True))
    assert open_picture(tmp_path / "kept.png").mode == "RGB;16"
