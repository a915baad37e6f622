import io

import numpy as np
import pytest
from PIL import Image

from convfilter.pictures.animation import Playing, Shown
from convfilter.pictures.apng import write_apng
from tests.pictures.drawn_frames import shown, timing


def apng_of(images: list[Image.Image], playing: Playing, duration: float = 40) -> bytes:
    stream = io.BytesIO()
    shown_images = (Shown(image, {}, duration) for image in images)
    write_apng(shown_images, playing, len(images), stream)
    with Image.open(stream) as image:
        image.verify()  # every checksum, every sequence number
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_held_exactly(mode: str) -> None:
    random = np.random.default_rng(3)
    channels = {"L": 1, "I;16": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    dtype = np.uint16 if mode == "I;16" else np.uint8
    arrays = [
        random.integers(0, np.iinfo(dtype).max, (20, 24, channels), dtype).squeeze()
        for _ in range(3)
    ]
    arrays.append(arrays[-1].copy())
    arrays[-1][3:5, 6:9] = 7
    data = apng_of([Image.fromarray(array) for array in arrays], Playing(0))
    with Image.open(io.BytesIO(data)) as back:
        for number, array in enumerate(arrays):
            back.seek(number)
            np.testing.assert_array_equal(np.asarray(back), array)


@pytest.mark.parametrize(
    "duration", [0, 1, 33.3, 1000 / 30, 1001 / 30, 65_000, 70_001, 1e6, 65_535_000]
)
def test_durations_are_the_nearest_that_can_be_held(duration: float) -> None:
    images = [Image.new("L", (4, 4), level) for level in (1, 2)]
    held = timing(apng_of(images, Playing(1), duration))[0]
    assert held == pytest.approx([duration] * 2, rel=2e-5)


@pytest.mark.parametrize("has_cover", [False, True])
def test_a_cover_is_no_frame(has_cover: bool) -> None:
    images = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    data = apng_of(images, Playing(3, has_cover))
    with Image.open(io.BytesIO(data)) as back:
        assert bool(back.info.get("default_image")) == has_cover
        assert back.info["loop"] == 3
    assert [tuple(frame[0, 0, :3]) for frame in shown(data)] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]


def test_frames_hold_only_what_has_changed() -> None:
    random = np.random.default_rng(5).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    other = random.copy()
    other[50:60, 70:90] = 7
    images = [Image.fromarray(random), Image.fromarray(other)]
    one, both = (len(apng_of(some, Playing(0))) for some in (images[:1] * 2, images))
    assert both < one + 300
