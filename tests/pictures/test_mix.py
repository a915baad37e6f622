"""The result blended with the original, and rounded once."""

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, Picture, UsageError, apply, open_picture
from convfilter.filtering import plan_filtering
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.picture import LAYOUTS
from convfilter.pictures.light import from_light, to_light
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from tests import oracle
from tests.conftest import SAMPLES

HALF = Fraction(1, 2)
KERNELS = ["blur3", "gaussian3", "sharpen", "sobel-x", "emboss", "diagonal"]


def ranged(value: Fraction, full: int, value_range: str) -> Fraction:
    if value_range == "abs":
        value = abs(value)
    elif value_range == "center":
        value += Fraction(full, 2)
    return min(max(value, Fraction(0)), Fraction(full))


def mixed(
    plane: NDArray[Any], name: str, share: Fraction, value_range: str = "clip"
) -> NDArray[Any]:
    """Return the blend of a plane with its filtered self, exact but for one rounding."""
    full = int(np.iinfo(plane.dtype).max)
    kernel = get_kernel(name)
    sums = oracle.responses(plane.tolist(), kernel.weights.tolist(), divisor=kernel.divisor)
    out = plane.copy()
    for (y, x), sample in np.ndenumerate(plane):
        value = ranged(sums[y][x] + kernel.offset * full, full, value_range)
        out[y, x] = floor(share * value + (1 - share) * int(sample) + HALF)
    return out


shares = st.sampled_from([Fraction(n, 10) for n in range(11)]) | st.fractions(
    0, 1, max_denominator=100
)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("layout", ["L", "RGB"])
@given(data=st.data())
def test_a_blend_is_exact(dtype: str, layout: str, data: st.DataObject) -> None:
    count = len(LAYOUTS[layout])
    array = data.draw(hnp.arrays(dtype, (3, 4, count)))
    name, share = data.draw(st.sampled_from(KERNELS)), data.draw(shares)
    value_range = data.draw(st.sampled_from(["clip", "abs", "center"]))
    result = apply(Picture.of_array(array, layout), name, mix=share, range=value_range).array
    for channel in range(count):
        expected = mixed(array[..., channel], name, share, value_range)
        np.testing.assert_array_equal(result.reshape(array.shape)[..., channel], expected)


@pytest.mark.parametrize("alpha", ["straight", "keep"])
@given(data=st.data())
def test_alpha_is_blended_like_a_channel_or_kept(alpha: str, data: st.DataObject) -> None:
    array = data.draw(hnp.arrays(np.uint8, (4, 5, 2)))
    name, share = data.draw(st.sampled_from(KERNELS)), data.draw(shares)
    result = apply(array, name, mix=share, alpha=alpha, range="clip").array
    np.testing.assert_array_equal(result[..., 0], mixed(array[..., 0], name, share))
    filtered = array[..., 1] if alpha == "keep" else mixed(array[..., 1], name, share)
    np.testing.assert_array_equal(result[..., 1], filtered)


@pytest.mark.parametrize("name", ["blur3", "sharpen", "diagonal"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@given(data=st.data())
def test_colours_are_blended_by_their_alpha(dtype: str, name: str, data: st.DataObject) -> None:
    full = int(np.iinfo(dtype).max)
    elements = st.sampled_from([0, 1, full // 2, full - 1, full]) | st.integers(0, full)
    array = data.draw(hnp.arrays(dtype, (4, 5, 2), elements=elements))
    share = data.draw(shares.filter(lambda share: 0 < share < 1))
    kernel = get_kernel(name)
    exact = array.astype(object)
    planes = (exact[..., 0] * exact[..., 1], exact[..., 1])
    products, alphas = (
        oracle.responses(plane.tolist(), kernel.weights.tolist(), divisor=kernel.divisor)
        for plane in planes
    )
    result = apply(array, name, mix=share, alpha="premultiply").array
    for y, x in np.ndindex(array.shape[:2]):
        original, under = (int(sample) for sample in array[y, x])
        over = ranged(alphas[y][x] / Fraction(kernel.gain), full, "clip")
        alpha = share * over + (1 - share) * under
        assert result[y, x, 1] == floor(alpha + HALF)
        if over < HALF or alpha < HALF:
            assert result[y, x, 0] == original
        else:
            colour = products[y][x] / alphas[y][x]
            colour = ranged(colour, full, "clip")
            blend = (share * over * colour + (1 - share) * under * original) / alpha
            assert result[y, x, 0] == floor(blend + HALF)


def test_no_hidden_colour_shows_in_a_blend() -> None:
    disc = open_picture(SAMPLES / "disc.png").array
    result = apply(disc, "blur9", mix=HALF).array
    seen = result[..., 3] > 0
    assert seen.sum() > (disc[..., 3] > 0).sum()
    assert result[seen][:, 1].max() == 0
    np.testing.assert_array_equal(result[~seen], disc[~seen])


@pytest.mark.parametrize("alpha", ["auto", "straight", "keep", "premultiply"])
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("channels", [None, "luma", "r", "r,b"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_ends_are_the_original_and_the_result(
    alpha: str, linear: bool, channels: str | None, dtype: str
) -> None:
    random = np.random.default_rng(2)
    array = random.integers(0, np.iinfo(dtype).max + 1, (20, 21, 4)).astype(dtype)
    array[:8, :8, 3] = 0
    options = {"alpha": alpha, "linear": linear, "channels": channels}
    for geometry, pixels in (
        ({}, np.s_[:, :]),
        ({"padding": "valid", "stride": 2}, np.s_[1:-1:2, 1:-1:2]),
    ):
        original = apply(array, "gaussian3", mix=0, **options, **geometry).array
        np.testing.assert_array_equal(original, array[pixels])
        whole = apply(array, "gaussian3", mix=1.0, **options, **geometry).array
        np.testing.assert_array_equal(whole, apply(array, "gaussian3", **options, **geometry).array)


def test_light_is_blended_as_light() -> None:
    black = np.zeros((1, 1), np.uint16)
    white = Kernel([[1]], offset=1)
    assert apply(black, white, mix=HALF, linear=True).array.tolist() == [[48192]]
    assert apply(black, white, mix=HALF).array.tolist() == [[32768]]
    gray = np.random.default_rng(1).integers(0, 256, (9, 9), dtype=np.uint16) * 257
    lights = to_light(gray / 65535)
    blend = 0.3 * apply(lights, "gaussian3").array + 0.7 * lights
    result = apply(gray, "gaussian3", mix=0.3, linear=True).array
    assert np.abs(result - from_light(blend) * 65535).max() <= 0.50001


def test_floats_are_blended_unclipped() -> None:
    array = np.random.default_rng(3).random((9, 8, 3)) * 4 - 2
    expected = 0.25 * apply(array, "sharpen").array + 0.75 * array
    np.testing.assert_allclose(apply(array, "sharpen", mix=0.25).array, expected, atol=1e-12)
    clipped = 0.25 * np.clip(apply(array, "sharpen").array, 0, 1) + 0.75 * array
    result = apply(array, "sharpen", mix=0.25, range="clip").array
    np.testing.assert_allclose(result, clipped, atol=1e-12)


def test_a_stretch_comes_before_the_blend() -> None:
    array = np.array([[50, 60, 70]], np.uint8)
    result = apply(array, "identity", range="stretch", mix=HALF).array
    assert result.tolist() == [[25, 94, 163]]


def test_kernels_that_are_not_exact_are_blended_too() -> None:
    array = np.random.default_rng(4).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    floats = apply(array.astype(np.float64), "gaussian:sigma=1.3").array
    blend = np.floor(0.4 * floats + 0.6 * array + 0.5)
    result = apply(array, "gaussian:sigma=1.3", mix=Fraction(2, 5)).array
    assert (result != blend).mean() <= 0.001
    assert np.abs(result - blend).max() <= 1


def test_what_is_clipped_before_the_blend_is_counted() -> None:
    picture = Picture.of_array(np.array([[100, 200]], np.uint8))
    done = plan_filtering(picture, [Kernel([[2]])], FilterOptions(mix=HALF)).run()
    assert done.clipped == 1
    assert done.picture.array.tolist() == [[150, 228]]


@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan"), float("inf")])
def test_shares_that_are_none_are_refused(share: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        apply(np.zeros((3, 3), np.uint8), "blur3", mix=share)


def test_channels_that_become_others_are_not_blended() -> None:
    rgb = np.random.default_rng(5).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    gray = MixingKernel.of_weights(np.ones((1, 1, 3, 1)), divisor=3)
    with pytest.raises(UsageError, match="--mix"):
        apply(rgb, gray, mix=HALF)
    swapped = MixingKernel.of_weights(np.fliplr(np.eye(3))[None, None])
    expected = (rgb.astype(int) + rgb[..., ::-1] + 1) // 2
    np.testing.assert_array_equal(apply(rgb, swapped, mix=HALF).array, expected)
