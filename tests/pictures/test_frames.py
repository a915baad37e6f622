import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convfilter import open_frames
from convfilter.errors import PictureError
from convfilter.frames import Frames
from convfilter.pictures.frames import read_any
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from tests.conftest import SAMPLES
from tests.pictures.drawn_frames import COUNT, DURATIONS, encoded, shapes, shown

ANIMATED = ["gif", "png", "webp", "avif"]


def read_frames(data: bytes, options: ReadOptions | None = None) -> Frames:
    frames = read_any(data, "test", options or ReadOptions())
    assert isinstance(frames, Frames)
    return frames


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("name", ANIMATED)
def test_every_frame_is_what_a_viewer_shows(name: str, mode: str) -> None:
    data = encoded(shapes(mode), name, duration=DURATIONS, disposal=2)
    frames = read_frames(data)
    assert len(frames) == COUNT
    pictures = list(frames)  # all at once: none may change when the next is read
    assert {picture.mode for picture in pictures} == {mode}
    assert [picture.duration for picture in pictures] == DURATIONS
    for picture, expected in zip(pictures, shown(data), strict=True):
        array = picture.array.copy()
        if mode == "RGBA":
            array[array[:, :, 3] == 0] = 0
        np.testing.assert_array_equal(array, expected[:, :, : len(mode)])


def test_frames_may_be_gone_through_again(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(encoded(shapes(), "gif"))
    frames = open_frames(tmp_path / "a.gif")
    once, again = ([picture.array for picture in frames] for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert np.array_equal(frames.first.array, once[0])


@pytest.mark.parametrize(
    ("name", "stated", "plays"),
    [
        ("gif", None, 1),
        ("gif", 0, 0),
        ("gif", 1, 2),
        ("gif", 3, 4),
        *[(name, loop, loop) for name in ("png", "webp") for loop in (0, 1, 3)],
        ("avif", None, 0),
        ("tiff", None, None),
    ],
)
def test_how_often_it_plays_is_known(name: str, stated: int | None, plays: int | None) -> None:
    settings = {} if stated is None else {"loop": stated}
    assert read_frames(encoded(shapes(), name, **settings)).plays == plays


@pytest.mark.parametrize("frame", [0, 1, COUNT - 1])
@pytest.mark.parametrize("name", [*ANIMATED, "tiff"])
def test_one_frame_can_be_taken_counted_from_0(name: str, frame: int) -> None:
    data = encoded(shapes(), name)
    picture = read_picture(io.BytesIO(data), "test", ReadOptions(frame=frame))
    np.testing.assert_array_equal(picture.array, shown(data)[frame][:, :, :3])


@pytest.mark.parametrize(("count", "last"), [(3, 2), (1, 0)])
def test_a_frame_that_is_not_there_is_refused(count: int, last: int) -> None:
    with pytest.raises(PictureError, match=f"--frames {last}"):
        read_any(encoded(shapes(count=count), "gif"), "test", ReadOptions(frame=count))


def test_opaque_gifs_stay_without_alpha_and_mixed_ones_have_it_in_all() -> None:
    opaque, hole = shapes("RGB", 2)[0], shapes("RGBA", 2)[1]
    mixed = encoded([hole, opaque], "gif", disposal=2)
    assert {picture.mode for picture in read_frames(mixed)} == {"RGBA"}
    gray = [Image.new("L", (8, 8), level) for level in (10, 20)]
    assert {picture.mode for picture in read_frames(encoded(gray, "gif"))} == {"RGB"}


def test_pages_keep_their_own_sizes_modes_and_metadata() -> None:
    pages = [
        Image.new("L", (5, 7), 9),
        Image.new("RGB", (30, 20), "red"),
        Image.fromarray(np.full((4, 4), 60000, np.uint16)),
        Image.fromarray(np.full((6, 3), 0.25, np.float32)),
        Image.new("1", (9, 9), 1),
    ]
    for number, page in enumerate(pages):
        page.encoderinfo = {"dpi": (100 + number, 50), "description": f"page {number}"}
    pictures = list(read_frames(encoded(pages, "tiff")))
    assert [picture.mode for picture in pictures] == ["L", "RGB", "I;16", "F", "L"]
    for number, (picture, page) in enumerate(zip(pictures, pages, strict=True)):
        assert (picture.width, picture.height) == page.size
        assert picture.metadata.dpi == (100 + number, 50)
        assert f"page {number}".encode() in (picture.metadata.exif or b"")
        assert picture.duration is None


def test_a_cover_is_told_apart() -> None:
    assert read_frames(encoded(shapes(), "png", default_image=True)).has_cover
    assert not read_frames(encoded(shapes(), "png")).has_cover


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("name", ["png", "webp"])
def test_every_frame_is_turned_upright(name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings = {"lossless": True} if name == "webp" else {}
    data = encoded(shapes(), name, exif=exif.tobytes(), **settings)
    turns = {3: 2, 6: 3}[orientation]
    for picture, stored in zip(read_frames(data), shown(data), strict=True):
        np.testing.assert_array_equal(picture.array[:, :, :3], np.rot90(stored[:, :, :3], turns))


def test_one_picture_is_one_frame() -> None:
    frames = open_frames(SAMPLES / "disc.png")
    assert (len(frames), frames.plays, frames.first.mode) == (1, None, "RGBA")


@pytest.mark.parametrize("name", [*ANIMATED, "tiff"])
def test_a_damaged_frame_is_refused(name: str) -> None:
    data = encoded(shapes(), name)
    damaged = 0
    for length in np.linspace(len(data) // 3, len(data) - 40, 12).astype(int).tolist():
        try:
            frames = read_any(data[:length], "cut", ReadOptions())
            count = len(list(frames)) if isinstance(frames, Frames) else 1
        except PictureError as error:
            damaged += 1
            assert error.cause
        else:
            assert count < COUNT, "a whole animation of a part of its file"
    assert damaged


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(encoded(shapes(), "gif"))
    frames = open_frames(path)
    path.write_bytes(encoded(shapes(count=3), "gif"))
    with pytest.raises(PictureError, match="changed"):
        list(frames)
