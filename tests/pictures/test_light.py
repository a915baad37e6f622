"""Light: the sRGB curve and back, for every level; a naive filter of light beside it."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, Picture, UsageError, apply
from convfilter.engine import step
from convfilter.filtering import plan_filtering
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.pictures.light import from_light, to_light
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from tests import oracle

KERNELS = ["blur3", "gaussian3", "sharpen", "diagonal", "emboss"]


def light(code: float) -> float:
    """Return the light of a stored value between 0 and 1, as the standard states it."""
    return code / 12.92 if code <= 0.04045 else ((code + 0.055) / 1.055) ** 2.4


def code(light: float) -> float:
    """Return the stored value of a light."""
    if light < 0:
        return -code(-light)
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


lights_of = np.vectorize(light, otypes=[float])
codes_of = np.vectorize(code, otypes=[float])


def filtered_light(values: list[list[float]], name: str) -> NDArray[Any]:
    kernel = get_kernel(name)
    sums = oracle.responses(values, kernel.weights.tolist(), divisor=kernel.divisor)
    shifted = [[float(value) + float(kernel.offset) for value in row] for row in sums]
    return np.array(shifted)


def assert_levels(result: NDArray[Any], codes: NDArray[Any]) -> None:
    """Assert that each level is the nearest one to a code, or one of two that are as near."""
    full = int(np.iinfo(result.dtype).max)
    expected = np.clip(codes * full, 0, full)
    # 32-bit floats, which 8 bits are worked with, are off by a hundredth of a level near black.
    tolerance = 0.51 if full == 255 else 0.50001
    assert np.abs(result - expected).max(initial=0) <= tolerance


def test_the_curve_is_that_of_the_standard() -> None:
    codes = [0.0, 0.001, 0.04045, 0.0405, 0.2, 0.5, 0.999, 1.0]
    np.testing.assert_allclose(to_light(np.array(codes)), [light(c) for c in codes], rtol=1e-14)
    lights = [0.0, 0.003, 0.004, 0.2, 0.5, 1.0]
    np.testing.assert_allclose(from_light(np.array(lights)), [code(v) for v in lights], rtol=1e-7)


@given(hnp.arrays(np.float64, 20, elements=st.floats(-4, 4)))
def test_the_curve_has_an_inverse_beyond_black_and_white_too(values: NDArray[Any]) -> None:
    np.testing.assert_allclose(from_light(to_light(values)), values, rtol=1e-14, atol=1e-300)
    assert (np.signbit(to_light(values)) == np.signbit(values)).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_every_level_comes_through_identity(dtype: str, channels: int) -> None:
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(16, -1)
    # Rolled, so that colours and alpha differ: premultiplied, kept and fully transparent.
    array = np.stack([np.roll(levels, 77 * n) for n in range(channels)], axis=-1)
    for alpha in ("auto", "straight", "keep", "premultiply"):
        picture = Picture.of_array(array)
        result = apply(picture, "identity", linear=True, alpha=alpha)
        np.testing.assert_array_equal(result.array.reshape(array.shape), array)
        assert (result.layout, result.dtype) == (picture.layout, picture.dtype)


@pytest.mark.parametrize("full", [255, 65535])
def test_every_level_of_a_float_picture_comes_through_identity(full: int) -> None:
    levels = (np.arange(full + 1) / full).reshape(16, -1)
    single = levels.astype(np.float32)
    np.testing.assert_array_equal(apply(single, "identity", linear=True).array, single)
    np.testing.assert_allclose(apply(levels, "identity", linear=True).array, levels, rtol=1e-14)
    beyond = np.array([[-2.0, 3.5, np.nan, np.inf]], np.float32)
    np.testing.assert_array_equal(apply(beyond, "identity", linear=True).array, beyond)


@pytest.mark.parametrize(("dtype", "half"), [("uint8", 188), ("uint16", 48192)])
def test_half_black_and_half_white_are_half_the_light(dtype: str, half: int) -> None:
    full = np.iinfo(dtype).max
    board = (np.indices((100, 100)).sum(axis=0) % 2 * full).astype(dtype)
    middle = np.s_[40:60, 40:60]
    lit = apply(board, "gaussian:sigma=8", linear=True).array[middle]
    assert set(lit.ravel().tolist()) == {half}
    plain = apply(board, "gaussian:sigma=8").array[middle]
    assert set(plain.ravel().tolist()) == {(full + 1) // 2}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("name", KERNELS)
@given(data=st.data())
def test_light_is_filtered_as_a_naive_filter_would(
    dtype: str, name: str, data: st.DataObject
) -> None:
    full = int(np.iinfo(dtype).max)
    array = data.draw(hnp.arrays(dtype, (4, 5)))
    result = apply(array, name, linear=True, range="clip").array
    assert_levels(result, codes_of(filtered_light(lights_of(array / full).tolist(), name)))


@pytest.mark.parametrize("layout", ["RGB", "planes"])
def test_each_channel_is_light_of_its_own(layout: str) -> None:
    random = np.random.default_rng(8)
    array = random.integers(0, 256, (9, 8, 3 if layout == "RGB" else 5), dtype=np.uint8)
    result = apply(Picture.of_array(array, layout), "sharpen", linear=True).array
    for channel in range(array.shape[2]):
        alone = apply(array[..., channel].copy(), "sharpen", linear=True).array
        np.testing.assert_array_equal(result[..., channel], alone)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("name", ["blur3", "gaussian3", "diagonal"])
@given(data=st.data())
def test_light_is_weighted_by_alpha(dtype: str, name: str, data: st.DataObject) -> None:
    full = int(np.iinfo(dtype).max)
    elements = st.sampled_from([0, 1, full // 2, full]) | st.integers(0, full)
    array = data.draw(hnp.arrays(dtype, (4, 5, 2), elements=elements))
    result = apply(array, name, linear=True, alpha="premultiply").array
    weights = array[..., 1] / full
    lights = lights_of(array[..., 0] / full)
    alpha = filtered_light(weights.tolist(), name)
    seen = alpha >= 0.51 / full
    with np.errstate(divide="ignore", invalid="ignore"):
        colours = filtered_light((lights * weights).tolist(), name) / alpha
    assert_levels(result[..., 1], alpha)
    assert_levels(result[..., 0][seen], codes_of(colours[seen]))
    hidden = alpha < 0.49 / full
    np.testing.assert_array_equal(result[..., 0][hidden], array[..., 0][hidden])


@pytest.mark.parametrize("alpha", ["straight", "keep"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_alpha_is_no_light(dtype: str, alpha: str) -> None:
    random = np.random.default_rng(1)
    array = random.integers(0, np.iinfo(dtype).max + 1, (9, 8, 4)).astype(dtype)
    result = apply(array, "gaussian3", linear=True, alpha=alpha).array
    expected = apply(array, "gaussian3", alpha=alpha).array[..., 3].astype(int)
    # 1 level off at most where it is a tie, which floats do not show as one.
    assert np.abs(result[..., 3].astype(int) - expected).max() <= (alpha == "straight")
    np.testing.assert_array_equal(
        result[..., :3], apply(array[..., :3].copy(), "gaussian3", linear=True).array
    )


@pytest.mark.parametrize("border", ["constant:0.5", "orange", "#204060", "white"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_constant_border_is_a_stored_value(border: str, dtype: str) -> None:
    full = int(np.iinfo(dtype).max)
    border = border if border[0] != "#" and border != "orange" else f"constant:{border}"
    colour = {
        "constant:0.5": (Fraction(1, 2),) * 3,
        "constant:orange": (Fraction(1), Fraction(165, 255), Fraction(0)),
        "constant:#204060": tuple(Fraction(v, 255) for v in (0x20, 0x40, 0x60)),
        "white": (Fraction(1),) * 3,
    }[border]
    lit = [light(float(part)) for part in colour]
    ramp = np.linspace(0, full, 20).astype(dtype).reshape(4, 5)
    array = np.stack([ramp, ramp.T.reshape(4, 5), ramp[::-1]], axis=-1)
    result = apply(array, "blur3", linear=True, border=border).array
    for channel in range(3):
        lights = lights_of(array[..., channel] / full)
        padded = np.pad(lights, 1, constant_values=lit[channel])
        means = sum(padded[y : y + 4, x : x + 5] for y in range(3) for x in range(3)) / 9
        assert_levels(result[..., channel], codes_of(means))


@pytest.mark.parametrize("names", [["sobel"], ["frei-chen-edge"], ["unsharp-mask"]])
def test_borders_of_composites_and_recipes_are_stored_values(names: list[str]) -> None:
    even = np.full((9, 9, 3), 100, np.uint8)
    around = Fraction(100, 255)
    result = apply(even, names, linear=True, border=f"constant:{around}").array
    assert len(np.unique(result)) == 1


def test_a_colour_around_gray_is_as_bright_as_its_gray() -> None:
    gray = np.full((3, 3), 76, np.uint8)  # the luma of red
    assert set(apply(gray, "blur3", linear=True, border="constant:red").array.ravel()) == {76}


def test_range_and_offset_hold_for_light() -> None:
    gray = np.full((5, 5), 200, np.uint8)
    half = apply(gray, "edge", linear=True, range="center").array
    assert set(half.ravel().tolist()) == {188}
    lit = light(200 / 255)
    shifted = apply(gray, Kernel([[1]], offset=Fraction(-1, 4)), linear=True).array
    assert set(shifted.ravel().tolist()) == {round(255 * code(lit - 0.25))}
    opposite = apply(gray, Kernel([[-1]]), linear=True, range="abs").array
    np.testing.assert_array_equal(opposite, gray)
    picture = np.array([[10, 100, 200]], np.uint8)
    stretched = apply(picture, "identity", linear=True, range="stretch").array
    low, middle, high = (light(v / 255) for v in (10, 100, 200))
    expected = round(255 * code((middle - low) / (high - low)))
    assert stretched.tolist() == [[0, expected, 255]]


def test_what_is_outside_the_scale_is_counted() -> None:
    picture = Picture.of_array(np.array([[0, 100, 255], [255, 255, 0]], np.uint8))
    options = FilterOptions(linear=True)
    twice = plan_filtering(picture, [Kernel([[2]])], options).run()
    assert twice.clipped == 3
    assert plan_filtering(picture, [Kernel([[1]])], options).run().clipped == 0
    assert plan_filtering(picture, [Kernel([[-1]])], options).run().clipped == 4
    floats = Picture.of_array(np.array([[0.5, 1.5, -1.0]]))
    free = plan_filtering(floats, [Kernel([[1]])], options).run()
    assert (free.clipped, free.picture.array.min()) == (0, pytest.approx(-1))
    tight = plan_filtering(floats, [Kernel([[1]])], FilterOptions(linear=True, range="clip")).run()
    assert (tight.clipped, tight.picture.array.min(), tight.picture.array.max()) == (
        2,
        0,
        pytest.approx(1),
    )


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_bands_and_threads_do_not_show(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    array = (np.random.default_rng(3).random((300, 40, 4)) * 255).astype(dtype)
    whole = apply(array, "gaussian5", linear=True, workers=1).array
    monkeypatch.setattr(step, "BAND_BYTES", 20_000)
    np.testing.assert_array_equal(apply(array, "gaussian5", linear=True, workers=4).array, whole)


def test_ink_is_no_light() -> None:
    inks = Picture.of_array(np.zeros((4, 4, 4), np.uint8), "CMYK")
    with pytest.raises(UsageError, match="ink"):
        apply(inks, "blur3", linear=True)


def test_channels_that_are_mixed_are_mixed_as_light() -> None:
    rgb = np.random.default_rng(5).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    mean = MixingKernel.of_weights(np.ones((1, 1, 3, 1)), divisor=3)
    lights = lights_of(rgb / 255).mean(axis=-1)
    result = apply(rgb, mean, linear=True)
    assert result.layout == "L"
    assert_levels(result.array, codes_of(lights))
    four = apply(np.dstack([rgb, rgb[..., :1]]), mean, linear=True, alpha="keep")
    assert four.layout == "LA"
    np.testing.assert_array_equal(four.array[..., 0], result.array)
    np.testing.assert_array_equal(four.array[..., 1], rgb[..., 0])
