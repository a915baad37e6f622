import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from convfilter import Picture
from convfilter.pictures.animation import Playing, Shown
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.gif import gif_duration, write_gif
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_picture
from tests.pictures.drawn_frames import shown, timing


def gif_of(images: list[Image.Image], plays: int = 0, duration: float = 50) -> bytes:
    def frames() -> Iterator[Shown]:
        for image in images:
            yield Shown(image, {}, duration)

    stream = io.BytesIO()
    write_gif(frames(), Playing(plays), stream)
    return stream.getvalue()


@pytest.mark.parametrize(("mode", "colours"), [("RGB", 256), ("RGBA", 255)])
def test_as_many_colours_as_there_is_room_for_are_exact_in_each_frame(
    mode: str, colours: int
) -> None:
    random = np.random.default_rng(5)
    images = []
    for _ in range(3):
        table = random.integers(0, 256, (colours, len(mode)), dtype=np.uint8)
        table[:, 3:] = 255
        array = table[np.arange(16 * 16).reshape(16, 16) % colours]
        if mode == "RGBA":
            array[0, 3:6] = (9, 9, 9, 0)
        images.append(Image.fromarray(array))
    for image, back in zip(images, shown(gif_of(images)), strict=True):
        expected = np.asarray(image.convert("RGBA")).copy()
        expected[expected[:, :, 3] == 0] = 0
        np.testing.assert_array_equal(back, expected)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize(
    ("colours", "is_exact"), [(3, True), (96, True), (255, True), (256, False)]
)
def test_a_transparent_gif_keeps_its_colours_or_says_so(
    mode: str, colours: int, is_exact: bool
) -> None:
    shown_planes = len(mode) - 1
    array = np.full((20, 20, len(mode)), 255, np.uint8)
    levels = np.arange(400).reshape(20, 20) % colours
    array[:, :, 0] = levels
    array[:, :, 1:shown_planes] = (levels * 7 % 256)[:, :, None]
    array[:2, :, -1] = 0
    options = WriteOptions()
    data, notes = encode_picture(Picture.of_array(array), FORMATS["gif"], options)
    back = read_picture(io.BytesIO(data), "gif").array
    assert (back[:, :, -1] == array[:, :, -1]).all()
    same = (back[2:, :, :shown_planes] == array[2:, :, :shown_planes]).all()
    assert (bool(same), bool(notes)) == (is_exact, not is_exact)


def test_frames_that_are_wholly_transparent_are_held() -> None:
    empty = Image.new("RGBA", (8, 8), (1, 2, 3, 0))
    full = Image.new("RGBA", (8, 8), "red")
    alphas = [frame[:, :, 3].max() for frame in shown(gif_of([full, empty, full, empty]))]
    assert alphas == [255, 0, 255, 0]


def test_opaque_frames_hold_only_what_has_changed() -> None:
    random = np.random.default_rng(5).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    other = random.copy()
    other[50:60, 70:90] = 7
    one, both = (
        gif_of(images)
        for images in ([Image.fromarray(random)], [Image.fromarray(a) for a in (random, other)])
    )
    assert len(both) < len(one) + 1500


@pytest.mark.parametrize(("plays", "stated"), [(0, 0), (1, None), (2, 1), (4, 3)])
def test_the_loop_counts_repeats(plays: int, stated: int | None) -> None:
    images = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    assert timing(gif_of(images, plays)) == ([50, 50], stated)


@pytest.mark.parametrize(
    ("given", "held"), [(0, 0), (33, 30), (35, 40), (47.5, 50), (700_000, 655_350)]
)
def test_durations_become_hundredths_of_a_second(given: float, held: int) -> None:
    assert gif_duration(given) == held
    images = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    assert timing(gif_of(images, duration=given))[0] == [held, held]
