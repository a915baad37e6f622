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
from convfilter.composite import Composite
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from tests import oracle
from tests.conftest import SAMPLES


def premultiplied_oracle(rgba: NDArray[Any], weights: Any, divisor: int) -> NDArray[Any]:
    """Return colour·alpha and alpha filtered, divided back and rounded, in exact fractions."""
    full = int(np.iinfo(rgba.dtype).max)
    gain = Fraction(sum(map(sum, weights)), divisor)
    planes = [
        rgba[..., c].astype(object) * rgba[..., -1].astype(object) for c in range(rgba.shape[2] - 1)
    ]
    colours = [oracle.responses(plane.tolist(), weights, divisor=divisor) for plane in planes]
    alphas = oracle.responses(rgba[..., -1].tolist(), weights, divisor=divisor)
    out = rgba.copy()
    for y in range(rgba.shape[0]):
        for x in range(rgba.shape[1]):
            alpha = alphas[y][x] / gain
            level = min(max(floor(alpha + Fraction(1, 2)), 0), full)
            out[y, x, -1] = level
            if level:
                for c, colour in enumerate(colours):
                    value = floor(colour[y][x] / alpha + Fraction(1, 2))
                    out[y, x, c] = min(max(value, 0), full)
    return out


def test_kernels_that_cancel_together_are_not_divided_by_their_sum() -> None:
    picture = Picture.of_array(np.full((5, 6, 2), 90, np.uint8), "LA")
    together = Composite(kernels=(Kernel([[1]]), Kernel([[-1]])), combine="sum")
    with pytest.raises(UsageError, match="sum to 0"):
        apply(picture, together, alpha="premultiply")
    np.testing.assert_array_equal(apply(picture, together).array[..., 1], 90)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("name", ["blur3", "gaussian3", "sharpen", "emboss", "diagonal"])
@given(data=st.data())
def test_premultiplied_filtering_is_exact(dtype: str, name: str, data: st.DataObject) -> None:
    full = int(np.iinfo(dtype).max)
    elements = st.sampled_from([0, 1, full // 2, full - 1, full]) | st.integers(0, full)
    rgba = data.draw(hnp.arrays(dtype, (4, 5, 2), elements=elements))
    kernel = get_kernel(name)
    expected = premultiplied_oracle(rgba, kernel.weights.tolist(), int(kernel.divisor))
    result = apply(rgba, kernel, alpha="premultiply").array
    np.testing.assert_array_equal(result, expected)


def test_premultiplied_ties_of_16_bits_go_up() -> None:
    rgba = np.zeros((3, 22, 4), np.uint16)
    rgba[:, :11, :3], rgba[:, 11:, :3], rgba[..., 3] = 54187, 60134, 62335
    kernel = Kernel(np.ones((3, 22), int), divisor=66)
    ways = [
        apply(rgba, kernel, padding="valid", alpha=alpha).array[0, 0, 0]
        for alpha in ("premultiply", "keep")
    ]
    assert ways == [57161, 57161]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("linear", [True, False])
def test_an_even_colour_is_not_stretched_to_noise_by_its_alpha(dtype: str, linear: bool) -> None:
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    rgba = np.full((8, 8, 4), 0.785 * full).astype(dtype)
    rgba[..., 3] = np.random.default_rng(0).uniform(0.1, 1, (8, 8)) * full
    result = apply(rgba, get_kernel("gaussian5"), range="stretch", linear=linear)
    assert not result.array[..., 0].any()


def disc() -> NDArray[Any]:
    return open_picture(SAMPLES / "disc.png").array


def test_a_blur_lets_no_hidden_green_through() -> None:
    blurred = apply(open_picture(SAMPLES / "disc.png"), "blur5").array
    seen = blurred[..., 3] > 0
    assert seen.sum() > (disc()[..., 3] > 0).sum()
    assert blurred[seen][:, 1].max() == 0
    # Where nothing reaches, the hidden colour stays what it was.
    np.testing.assert_array_equal(blurred[~seen], disc()[~seen])


def test_a_kernel_that_sums_to_zero_leaves_alpha_alone() -> None:
    edges = apply(open_picture(SAMPLES / "disc.png"), "edge").array
    np.testing.assert_array_equal(edges[..., 3], disc()[..., 3])
    plain = apply(disc()[..., :3], "edge").array
    np.testing.assert_array_equal(edges[..., :3], plain)


def test_sharpening_a_flat_cut_out_gives_it_no_rim() -> None:
    flat = np.zeros((20, 20, 4), np.uint8)
    flat[5:15, 5:15] = (77, 77, 77, 255)
    for name in ("sharpen", "sharpen8", "emboss"):
        result = apply(flat, name).array
        assert set(result[result[..., 3] > 0][:, 0].tolist()) == {77}


def test_straight_filters_alpha_like_any_channel() -> None:
    result = apply(disc(), "blur5", alpha="straight").array
    np.testing.assert_array_equal(result[..., 3], apply(disc()[..., 3], "blur5").array)
    np.testing.assert_array_equal(result[..., :3], apply(disc()[..., :3], "blur5").array)


def test_keep_filters_only_the_colours() -> None:
    result = apply(disc(), "blur5", alpha="keep").array
    np.testing.assert_array_equal(result[..., 3], disc()[..., 3])
    np.testing.assert_array_equal(result[..., :3], apply(disc()[..., :3], "blur5").array)


@pytest.mark.parametrize("name", ["blur5", "sharpen", "edge", "emboss", "diagonal"])
@pytest.mark.parametrize("border", ["edge", "constant:0", "white", "constant:red"])
@pytest.mark.parametrize("alpha", ["auto", "premultiply"])
def test_opaque_pictures_are_filtered_as_if_without_alpha(
    name: str, border: str, alpha: str
) -> None:
    rgb = open_picture(SAMPLES / "scene.jpg").array[100:140, 100:150]
    opaque = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    if name == "edge" and alpha == "premultiply":
        with pytest.raises(UsageError, match="--alpha keep"):
            apply(opaque, name, alpha=alpha)
        return
    result = apply(opaque, name, border=border, divisor=2, alpha=alpha).array
    assert (result[..., 3] == 255).all()
    np.testing.assert_array_equal(result[..., :3], apply(rgb, name, border=border, divisor=2).array)


def test_the_premultiplied_way_itself_agrees_on_opaque_pictures() -> None:
    rgb = open_picture(SAMPLES / "scene.jpg").array[100:140, 100:150]
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    rgba[39, 49, 3] = 254  # one pixel that is not quite opaque keeps it from being shortened
    for name in ("blur5", "gaussian5", "sharpen", "diagonal"):
        result = apply(rgba, name, offset=0.1).array
        expected = apply(rgb, name, offset=0.1).array
        np.testing.assert_array_equal(result[:30, :40, :3], expected[:30, :40])


@pytest.mark.parametrize(
    ("options", "rows", "columns"),
    [
        ({"padding": "valid"}, slice(2, -2), slice(2, -2)),
        ({"stride": (2, 3)}, slice(None, None, 2), slice(None, None, 3)),
        ({"padding": "valid", "stride": 2}, slice(2, -2, 2), slice(2, -2, 2)),
    ],
)
def test_kept_alpha_follows_the_geometry(
    options: dict[str, Any], rows: slice, columns: slice
) -> None:
    result = apply(disc(), "blur5", alpha="keep", **options).array
    np.testing.assert_array_equal(result[..., 3], disc()[rows, columns, 3])


def test_an_offset_between_two_kernels_cannot_be_premultiplied() -> None:
    with pytest.raises(UsageError, match="offset"):
        apply(disc(), [Kernel([[1]], offset=0.5), Kernel([[1]])])


def test_stretch_looks_at_visible_colours() -> None:
    result = apply(disc(), "blur3", range="stretch").array
    seen = result[..., 3] > 0
    assert result[seen][:, :3].max() == 255
    assert result[seen][:, :3].min() == 0
