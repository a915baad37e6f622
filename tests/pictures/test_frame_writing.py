import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convfilter import Frames, Picture, apply, open_frames, save_frames
from convfilter.errors import OutputError
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.frame_writing import write_frames
from convfilter.pictures.frames import read_any
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.write_options import WriteOptions
from tests.conftest import SAMPLES
from tests.pictures.drawn_frames import COUNT, DURATIONS, encoded, shapes, shown, timing

ANIMATED = ["gif", "png", "webp", "avif"]


def written(data: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Filter with identity and write; return the file and what was lost."""
    frames = read_any(data, "test", ReadOptions())
    assert isinstance(frames, Frames)
    stream = io.BytesIO()
    options = WriteOptions(lossless=name == "webp")
    notes = write_frames(apply(frames, "identity"), FORMATS[name], options, stream)
    return stream.getvalue(), notes


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("loop", [None, 0, 1, 3])
@pytest.mark.parametrize("name", ["gif", "png", "webp"])
def test_count_durations_and_loop_are_kept(name: str, loop: int | None, mode: str) -> None:
    settings: dict[str, Any] = {} if loop is None else {"loop": loop}
    if name == "webp":
        settings["lossless"] = True
    data = encoded(shapes(mode), name, duration=DURATIONS, disposal=2, **settings)
    result, notes = written(data, name)
    assert timing(result) == timing(data)
    assert timing(result)[0] == DURATIONS
    np.testing.assert_array_equal(shown(result), shown(data))
    assert notes == ()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("target", ANIMATED)
@pytest.mark.parametrize("source", ANIMATED)
def test_animations_play_the_same_in_every_format(source: str, target: str, mode: str) -> None:
    settings: dict[str, Any] = {"webp": {"lossless": True}}.get(source, {})
    data = encoded(shapes(mode), source, duration=DURATIONS, disposal=2, **settings)
    result, _ = written(data, target)
    assert timing(result)[0] == DURATIONS
    plays = [read_any(one, "test", ReadOptions()).plays for one in (data, result)]  # type: ignore[union-attr]
    assert plays[0] == plays[1] or "avif" in (source, target)
    if target != "avif" and (target != "gif" or source != "avif"):
        np.testing.assert_array_equal(shown(result), shown(data))


@pytest.mark.parametrize("name", ["gif", "png"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_equal_neighbours_stay_frames_of_their_own(name: str, mode: str) -> None:
    one, other = shapes(mode, 2)
    pictures = [
        Picture.of_array(np.asarray(image)) for image in (one, one, other, other, other, one)
    ]
    stream = io.BytesIO()
    write_frames(Frames(pictures, 6, 1), FORMATS[name], WriteOptions(), stream)
    data = stream.getvalue()
    assert timing(data)[0] == [100] * 6
    expected = shown(encoded([one, other], "png"))
    np.testing.assert_array_equal(shown(data), [expected[n] for n in (0, 0, 1, 1, 1, 0)])


def test_frames_that_webp_joins_are_told() -> None:
    one, other = shapes("RGB", 2)
    pictures = [Picture.of_array(np.asarray(image)) for image in (one, one, other)]
    stream = io.BytesIO()
    notes = write_frames(Frames(pictures, 3, 1), FORMATS["webp"], WriteOptions(), stream)
    assert "1 fewer frames" in notes[0]
    assert timing(stream.getvalue())[0] == [200, 100]


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("png", "tiff", "durations and loop"),
        ("png", "avif", "how often"),
        ("tiff", "gif", "100 ms"),
    ],
)
def test_what_a_format_cannot_say_is_told(source: str, target: str, told: str) -> None:
    settings = {"png": {"loop": 3}}.get(source, {})
    _, notes = written(encoded(shapes(), source, **settings), target)
    assert any(told in note for note in notes)


def test_a_cover_is_kept_in_png_and_told_elsewhere() -> None:
    data = encoded(shapes(count=4), "png", default_image=True, duration=[20, 30, 40])
    result, notes = written(data, "png")
    assert notes == ()
    assert timing(result) == timing(data)
    np.testing.assert_array_equal(shown(result), shown(data))
    result, notes = written(data, "gif")
    assert "viewers without animation" in notes[0]
    assert timing(result)[0] == [20, 30, 40]


def test_pages_go_round_with_sizes_modes_and_metadata(tmp_path: Path) -> None:
    pages = [
        Image.effect_noise((31, 17), 50),
        Image.effect_noise((20, 40), 50).convert("CMYK"),
        Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100),
    ]
    for number, page in enumerate(pages):
        page.encoderinfo = {"dpi": (100 + number, 70), "description": f"page {number}"}
        page.encoderinfo["compression"] = "tiff_lzw" if number else "packbits"
    (tmp_path / "in.tif").write_bytes(encoded(pages, "tiff"))
    assert save_frames(open_frames(tmp_path / "in.tif"), tmp_path / "out.tif") == ()
    with Image.open(tmp_path / "out.tif") as back:
        assert getattr(back, "n_frames", 1) == 3
        for number, page in enumerate(pages):
            back.seek(number)
            assert back.mode == page.mode
            np.testing.assert_array_equal(np.asarray(back), np.asarray(page))
            assert back.info["dpi"] == (100 + number, 70)
            assert back.getexif()[270] == f"page {number}"
            assert back.info["compression"] == ("tiff_lzw" if number else "packbits")


@pytest.mark.parametrize("other", [Image.new("RGB", (9, 8)), Image.new("RGBA", (8, 8))])
@pytest.mark.parametrize("target", ANIMATED)
def test_pages_of_several_sizes_or_modes_are_no_animation(
    target: str, other: Image.Image, tmp_path: Path
) -> None:
    data = encoded([Image.new("RGB", (8, 8)), other], "tiff")
    (tmp_path / "in.tif").write_bytes(data)
    entry = FORMATS[target]
    with pytest.raises(OutputError, match="write TIFF, or use --frames 1"):
        save_frames(open_frames(tmp_path / "in.tif"), tmp_path / f"out{entry.suffixes[0]}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.tif"]


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].several is None])
def test_formats_of_one_picture_refuse_several(name: str, tmp_path: Path) -> None:
    (tmp_path / "in.gif").write_bytes(encoded(shapes(), "gif"))
    frames = open_frames(tmp_path / "in.gif")
    with pytest.raises(OutputError, match="--frames first, or write png") as caught:
        save_frames(frames, tmp_path / f"out{FORMATS[name].suffixes[0]}")
    assert f"cannot hold {COUNT} frames" in caught.value.what


def test_one_frame_is_written_as_a_picture(tmp_path: Path) -> None:
    save_frames(open_frames(SAMPLES / "disc.png"), tmp_path / "out.bmp", WriteOptions(format="png"))
    assert open_frames(tmp_path / "out.bmp").count == 1


@pytest.mark.parametrize("name", ["gif", "png", "tiff"])
def test_a_frame_is_written_before_the_next_but_one_is_made(name: str) -> None:
    stream = io.BytesIO()
    places: list[int] = []

    def note(picture: Picture) -> Picture:
        places.append(len(stream.getvalue()))
        return picture

    frames = read_any(encoded(shapes(), "png"), "test", ReadOptions())
    assert isinstance(frames, Frames)
    write_frames(frames.map(note), FORMATS[name], WriteOptions(), stream)
    assert len(places) == COUNT
    assert all(before < after for before, after in itertools.pairwise(places[1:]))
