"""Kernels that mix channels: against a naive sum, and the article's own example."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import UsageError, convolve
from convfilter.errors import KernelError
from convfilter.mixing import MixingKernel


def naive(picture: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Correlate with zeros outside, as the definition says: Σ over rows, columns, channels."""
    rows, columns, inputs, outputs = weights.shape
    up, left = (rows - 1) // 2, (columns - 1) // 2
    height, width = picture.shape[:2]
    result = np.zeros((height, width, outputs))
    for y, x, out in np.ndindex(height, width, outputs):
        for r, c, channel in np.ndindex(rows, columns, inputs):
            row, column = y + r - up, x + c - left
            if 0 <= row < height and 0 <= column < width:
                result[y, x, out] += weights[r, c, channel, out] * picture[row, column, channel]
    return result


def test_the_articles_blur_gives_what_tensorflow_gives() -> None:
    """conv2d(image, ones([5, 5, 3, 3]) / 25, strides=1, padding='SAME'), worked out by hand.

    Every channel of the result is the sum of all three channels over the window, divided
    by 25, with zeros outside: in the middle of an even picture of (30, 60, 90) it is
    180 · 25 ÷ 25, in a corner 180 · 9 ÷ 25, beside it 180 · 12 ÷ 25.
    """
    picture = np.tile(np.array([30.0, 60.0, 90.0]), (7, 9, 1))
    kernel = MixingKernel.of_weights(np.ones((5, 5, 3, 3)) / 25)
    result = convolve(picture, kernel, border="zero")
    assert result.shape == (7, 9, 3)
    expected = {(3, 4): 180.0, (0, 0): 64.8, (0, 1): 86.4, (0, 4): 108.0, (1, 1): 115.2}
    for place, value in expected.items():
        np.testing.assert_allclose(result[place], value, rtol=1e-12)
    levels = convolve(picture.astype(np.uint8), kernel, border="zero")
    assert levels[0, 0].tolist() == [65, 65, 65]
    assert levels[1, 1].tolist() == [115, 115, 115]


@given(data=st.data())
def test_integer_weights_mix_exactly(data: st.DataObject) -> None:
    inputs, outputs = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 4)))
    weights = data.draw(
        hnp.arrays(np.int64, (*shape, inputs, outputs), elements=st.integers(-3, 3))
    )
    picture = data.draw(hnp.arrays(np.uint8, (5, 4, inputs)))
    divisor = data.draw(st.integers(1, 9))
    kernel = MixingKernel.of_weights(weights, divisor=divisor)
    result = convolve(picture, kernel, border="constant:0")
    assert result.shape == (5, 4, outputs)
    sums = naive(picture, weights)
    np.testing.assert_array_equal(
        result, np.clip(np.floor(2 * sums + divisor) // (2 * divisor), 0, 255)
    )


def test_a_coloured_border_holds_for_each_channel() -> None:
    picture = np.zeros((1, 1, 3), np.uint8)
    red_to_gray = np.zeros((3, 3, 3, 1), int)
    red_to_gray[:, :, 0] = 1
    kernel = MixingKernel.of_weights(red_to_gray, divisor=8)
    assert convolve(picture, kernel, border="constant:red").tolist() == [[[255]]]
    assert convolve(picture, kernel, border="constant:blue").tolist() == [[[0]]]


def test_gray_is_mixed_into_planes() -> None:
    picture = np.arange(12.0).reshape(3, 4)
    kernel = MixingKernel.of_weights(np.arange(1, 6).reshape(1, 1, 1, 5))
    result = convolve(picture, kernel)
    np.testing.assert_array_equal(result, picture[..., None] * np.arange(1, 6))


def test_the_number_of_channels_has_to_fit() -> None:
    kernel = MixingKernel.of_weights(np.ones((1, 1, 3, 1)))
    with pytest.raises(UsageError, match="mixes 3 channels"):
        convolve(np.zeros((4, 4)), kernel)
    with pytest.raises(KernelError, match="channels in"):
        MixingKernel.of_weights(np.ones((2, 2, 3)))


def test_normalizing_needs_one_sum_for_all_channels() -> None:
    even = MixingKernel.of_weights(np.ones((2, 2, 3, 2), int)).normalized()
    assert even.first.divisor == 12
    uneven = MixingKernel.of_weights(np.arange(4).reshape(1, 1, 2, 2))
    with pytest.raises(KernelError, match="normalized"):
        uneven.normalized()
