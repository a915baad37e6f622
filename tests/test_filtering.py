from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, Picture, UsageError, apply, convolve
from convfilter.border import BORDERS
from convfilter.filtering import LEAST_BAND, plan_filtering
from convfilter.options import FilterOptions
from convfilter.picture import LAYOUTS
from convfilter.pictures.raster import ImageRows, ImageSink, samples_dtype, to_image
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


@given(
    data=st.data(),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"]),
    border=st.sampled_from(sorted({*BORDERS, "constant:0.5"} - {"constant"})),
    matrix=hnp.arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 3)),
                      elements=st.integers(-3, 5)),
    options=st.sampled_from([{}, {"range": "stretch"}, {"mix": 0.5}, {"channels": "luma"},
                             {"dilation": 2}, {"linear": True}, {"operation": "convolve"}]),
    workers=st.integers(1, 3),
)  # fmt: skip
def test_in_place_gives_what_new_memory_gives(
    data: st.DataObject, mode: str, border: str, matrix: NDArray[Any],
    options: dict[str, Any], workers: int,
) -> None:  # fmt: skip
    reach = 2 * len(matrix)
    height = data.draw(st.integers(LEAST_BAND * reach, 90))
    sink = ImageSink.new(mode, height, 5)
    size = len(sink.image.getbands()), height, 5
    random = np.random.default_rng(data.draw(st.integers(0, 9)))
    samples = random.random(size) if mode == "F" else random.integers(0, 256, size)
    sink.write(0, samples.astype(samples_dtype(mode)))
    rows = ImageRows(sink.image)
    layout = mode if mode in LAYOUTS else "L"
    picture = Picture(rows, height, 5, layout, samples_dtype(mode))
    origin = data.draw(st.integers(0, len(matrix) - 1)), 0
    kernel = Kernel(matrix, divisor=4, origin=origin)
    assume(not (mode in ("L", "LA", "CMYK", "I;16", "F") and "channels" in options))
    assume(not (mode == "CMYK" and "linear" in options))
    stated = FilterOptions.parse(border=border, workers=workers, **options)
    planned = plan_filtering(picture, [kernel], stated)
    band_rows = data.draw(st.integers(LEAST_BAND * reach, 90))
    planned = replace(planned, plan=replace(planned.plan, band_rows=band_rows))
    expected = planned.run().picture.array
    in_place = planned.run(overwrite=True).picture
    assert in_place.mode != mode or to_image(in_place).im is sink.image.im
    np.testing.assert_array_equal(in_place.array, expected)


@pytest.mark.parametrize(
    ("kernel", "options", "word"),
    [
        (Kernel([[1, 1], [1, 1]]), {}, "--normalize"),
        (Kernel([[1]]), {"offset": 128}, "128 times white"),
        (Kernel([[1]]), {"offset": 1}, None),
        (Kernel([[1, 1, 1]], divisor=3), {"border": "constant:255"}, "constant:1 is white"),
        (Kernel([[1, 1, 1]], divisor=3), {"border": "constant:1"}, None),
        (Kernel([[1, 1], [1, 1]]), {"normalize": True}, None),
        (Kernel([[1, 1]], divisor=-2), {}, "flat areas become negative"),
        (Kernel([[-1]]), {"offset": 1}, None),
    ],
)
def test_what_brightens_every_picture_brings_advice(
    kernel: Kernel, options: dict[str, Any], word: str | None
) -> None:
    picture = Picture.of_array(np.full((9, 9), 200, np.uint8))
    filtered = plan_filtering(picture, [kernel], FilterOptions.parse(**options)).run()
    assert (filtered.advice is None) if word is None else word in (filtered.advice or "")


@pytest.mark.parametrize("wrong", ["in.png", None])
def test_what_is_no_picture_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match="open_picture"):
        apply(wrong, "blur5")


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
