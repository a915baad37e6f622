from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter import Kernel, Picture, PictureError, apply
from convfilter.options import FilterOptions
from convfilter.sliding import Walk, to_brightness

BORDERS = ["edge", "symmetric", "mirror", "wrap", "constant:1/2"]


@given(st.data())
def test_the_numbers_shown_add_up_to_the_pixel_that_apply_writes(data: st.DataObject) -> None:
    size = st.integers(1, 4)
    weights = [
        [data.draw(st.integers(-9, 9)) for _ in range(columns)]
        for columns in [data.draw(size)] * data.draw(size)
    ]
    kernel = Kernel(
        weights,
        divisor=data.draw(st.integers(1, 9)),
        offset=data.draw(st.sampled_from([0, 0.5])),
        operation=data.draw(st.sampled_from(["correlate", "convolve"])),
    )
    options = {
        "border": data.draw(st.sampled_from(BORDERS)),
        "padding": data.draw(st.sampled_from(["same", "full"])),
        "stride": data.draw(st.integers(1, 3)),
        "dilation": data.draw(st.integers(1, 3)),
    }
    height, width = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    seed = data.draw(st.integers(0, 99))
    array = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    picture = Picture.of_array(array)
    walk = Walk.of(picture, kernel, FilterOptions.parse(**options))
    expected = apply(picture, kernel, **options).array
    np.testing.assert_array_equal(walk.result, expected)
    assert len(walk) == expected.size
    for place in walk:
        total = place.sum_of(kernel.weights.size)
        assert total == sum(p for row in place.products for p in row)
        level = int((Fraction(walk.value(total)) + Fraction(1, 2)) // 1)
        assert min(max(level, 0), 255) == expected[place.row, place.column]


def test_the_first_products_are_added_up_one_by_one() -> None:
    walk = Walk.of(Picture.of_array(np.full((3, 3), 2, np.uint8)), Kernel([[1, -2], [3, 4]]))
    place = walk.at(0, 0)
    assert [place.sum_of(n) for n in range(5)] == [0, 2, -2, 4, 12]


def test_a_window_says_where_it_lies() -> None:
    picture = Picture.of_array(np.arange(25, dtype=np.uint8).reshape(5, 5))
    walk = Walk.of(picture, Kernel(np.ones((3, 3), int)), FilterOptions(stride=(2, 2)))
    place = walk.at(1, 2)
    assert (place.top, place.left) == (1, 3)
    assert place.pixels[1] == [13, 14, 14]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_brightness_is_what_a_gray_picture_is_and_the_luma_of_colours(dtype: str) -> None:
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    gray = Picture.of_array(np.full((2, 2), full, dtype))
    assert to_brightness(gray) is gray
    colours = np.zeros((1, 4, 3), dtype)
    colours[0, [0, 1, 2], [0, 1, 2]] = full
    colours[0, 3] = full
    shares = to_brightness(Picture.of_array(colours)).array / full
    np.testing.assert_allclose(shares, [[0.299, 0.587, 0.114, 1]], atol=0.5 / 255)


@pytest.mark.parametrize("channels", [2, 4, 5])
def test_transparent_pictures_and_planes_have_no_brightness(channels: int) -> None:
    with pytest.raises(PictureError):
        to_brightness(Picture.of_array(np.zeros((2, 2, channels), np.uint8)))
