from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, Picture, UsageError, apply, convolve
from convfilter.filtering import plan_filtering
from convfilter.options import FilterOptions
from convfilter.registry import catalogue
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from tests import oracle

NAMES = ["blur3", "gaussian3", "sharpen", "sobel-x", "emboss", "diagonal"]


@given(
    picture=hnp.arrays(np.uint8, (6, 5)),
    names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=3),
    border=st.sampled_from(["edge", "mirror", "wrap"]),
)
def test_kernels_in_a_row_are_rounded_and_clipped_once(
    picture: NDArray[Any], names: list[str], border: str
) -> None:
    values: Any = picture.tolist()
    for name in names:
        kernel = get_kernel(name)
        values = oracle.responses(
            values, kernel.weights.tolist(), divisor=kernel.divisor, border=border
        )
    expected = oracle.levels(values, 255)
    result = apply(picture, names, border=border, range="clip").array
    np.testing.assert_array_equal(result, expected)


def test_an_offset_in_between_is_added_unclipped() -> None:
    picture = np.full((3, 3), 200, np.uint8)
    brighter = Kernel([[1]], offset=Fraction(1, 2))
    darker = Kernel([[1]], offset=Fraction(-1, 2))
    assert (apply(picture, [brighter, darker]).array == 200).all()


def test_an_offset_may_be_taken_from_what_is_always_above_it() -> None:
    picture = np.full((3, 3), 100, np.uint8)
    brighter = Kernel([[1]], offset=Fraction(2, 5))
    darker = Kernel([[1]], offset=Fraction(-1, 5))
    for value_range in ("clip", "abs"):
        result = apply(picture, [brighter, darker], range=value_range)
        assert (result.array == 151).all()


def test_float_kernels_follow_integer_ones() -> None:
    random = np.random.default_rng(2)
    picture = random.integers(0, 256, (12, 13, 3), dtype=np.uint8)
    floats = Kernel(random.random((3, 5)), divisor=8)
    between = convolve(picture, get_kernel("gaussian3"), out_dtype="float64")
    expected = np.clip(np.floor(convolve(between, floats) + 0.5), 0, 255)
    np.testing.assert_array_equal(apply(picture, ["gaussian3", floats]).array, expected)


@pytest.mark.parametrize("layout", ["L", "RGB", "CMYK"])
def test_channels_are_filtered_each_on_its_own(layout: str) -> None:
    channels = {"L": 1, "RGB": 3, "CMYK": 4}[layout]
    array = np.random.default_rng(4).integers(0, 256, (9, 8, channels), dtype=np.uint8)
    result = apply(Picture.of_array(array, layout), "gaussian5")
    assert result.layout == layout
    for channel in range(channels):
        alone = convolve(array[..., channel], get_kernel("gaussian5"))
        np.testing.assert_array_equal(result.array.reshape(array.shape)[..., channel], alone)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_deep_gray_keeps_its_depth(dtype: str) -> None:
    array = (np.random.default_rng(4).random((20, 30)) * 60000).astype(dtype)
    result = apply(array, "gaussian5")
    assert result.dtype == dtype
    np.testing.assert_array_equal(result.array, convolve(array, get_kernel("gaussian5")))


def test_much_clipping_by_a_zero_sum_kernel_brings_advice() -> None:
    picture = Picture.of_array(np.random.default_rng(1).integers(0, 256, (40, 40), dtype=np.uint8))
    kernels = [get_kernel("sobel-x")]
    clipped = plan_filtering(picture, kernels, FilterOptions(range="clip")).run()
    assert clipped.clipped_share > 0.3
    assert clipped.advice
    assert "--range abs" in clipped.advice
    assert "center" in clipped.advice
    assert plan_filtering(picture, kernels, FilterOptions(range="center")).run().advice is None
    assert plan_filtering(picture, [get_kernel("sharpen")], FilterOptions()).run().advice is None
    drawn = plan_filtering(picture, [get_kernel("contour")], FilterOptions()).run()
    assert drawn.clipped_share > 0.01
    assert drawn.advice is None


@pytest.mark.parametrize(
    ("names", "advised"),
    [(["sobel"], False), (["kirsch"], False), (["sobel", "laplacian4"], True)],
)
def test_a_magnitude_is_never_negative_and_brings_no_advice(
    names: list[str], advised: bool
) -> None:
    picture = Picture.of_array(np.random.default_rng(3).integers(0, 256, (30, 30), dtype=np.uint8))
    filtered = plan_filtering(
        picture, list(map(catalogue.get_kernel, names)), FilterOptions(range="clip")
    ).run()
    assert filtered.clipped_share > 0.1
    assert bool(filtered.advice) is advised


def test_apply_takes_names_kernels_and_arrays() -> None:
    array = np.zeros((4, 4), np.uint8)
    assert apply(array, "blur3").array.shape == (4, 4)
    assert apply(array, Kernel([[1]])).array.shape == (4, 4)
    assert apply(array, ["blur3", Kernel([[1]])], stride=2).array.shape == (2, 2)
    with pytest.raises(UsageError, match="no kernel"):
        apply(array, [])
