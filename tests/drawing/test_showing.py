import numpy as np
import pytest

from convfilter import Picture, PictureError
from convfilter.drawing.showing import fitting, show, to_looked_at


@pytest.mark.parametrize(
    ("size", "room", "expected"),
    [
        ((10, 10), (99, 99), (90, 90)),
        ((960, 640), (300, 300), (300, 200)),
        ((640, 960), (300, 300), (200, 300)),
        ((10, 20), (30, 25), (10, 20)),
        ((5000, 1), (50, 50), (50, 1)),
    ],
)
def test_pictures_fit_and_are_enlarged_whole_times(
    size: tuple[int, int], room: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitting(size, room) == expected


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_depth_is_shown_from_black_to_white(dtype: str, channels: int) -> None:
    full = 1 if "float" in dtype else np.iinfo(dtype).max
    array = np.zeros((1, 2, channels), dtype)
    array[0, 1] = full
    shown = np.asarray(to_looked_at(Picture.of_array(array))).reshape(2, channels)
    assert shown.tolist() == [[0] * channels, [255] * channels]


def test_float_samples_that_are_no_levels_are_shown_as_the_nearest() -> None:
    array = np.array([[-1, 2, np.nan, 0.5]], np.float32)
    assert np.asarray(to_looked_at(Picture.of_array(array))).tolist() == [[0, 255, 0, 128]]


def test_enlarged_pixels_are_squares() -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    shown = np.asarray(show(Picture.of_array(array), (20, 15)))
    assert (shown == np.kron(array, np.ones((5, 5), np.uint8))[:, :, np.newaxis]).all()


def test_a_chequerboard_shows_through() -> None:
    clear = np.zeros((16, 16, 4), np.uint8)
    assert len(np.unique(np.asarray(show(Picture.of_array(clear), (16, 16))))) == 2


def test_planes_without_a_meaning_are_refused() -> None:
    with pytest.raises(PictureError, match="5 planes"):
        show(Picture.of_array(np.zeros((2, 2, 5), np.uint8)), (2, 2))
