"""Some channels filtered, the others kept; brightness filtered, the colours kept."""

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
from tests.pictures.test_alpha import premultiplied_oracle

WEIGHTS = (Fraction(299, 1000), Fraction(587, 1000), Fraction(114, 1000))
KERNELS = ["blur3", "gaussian3", "sharpen", "sobel-x", "emboss", "diagonal"]


def luma(rgb: NDArray[Any]) -> NDArray[Any]:
    """Return the brightness of each pixel as exact fractions."""
    total: NDArray[Any] = sum(
        rgb[..., n].astype(object) * weight for n, weight in enumerate(WEIGHTS)
    )
    return total


def with_luma(
    rgb: NDArray[Any], name: str, value_range: str, share: Fraction = Fraction(1)
) -> tuple[NDArray[Any], int]:
    """Return the picture whose brightness is filtered, and how much of it was clipped."""
    full = int(np.iinfo(rgb.dtype).max)
    kernel = get_kernel(name)
    before = luma(rgb)
    after = oracle.responses(before.tolist(), kernel.weights.tolist(), divisor=kernel.divisor)
    out, clipped = rgb.copy(), 0
    for (y, x, n), sample in np.ndenumerate(rgb):
        value = after[y][x] + kernel.offset * full
        if value_range == "abs":
            value = abs(value)
        elif value_range == "center":
            value += Fraction(full, 2)
        value = int(sample) + value - before[y, x]
        clipped += not 0 <= floor(value + Fraction(1, 2)) <= full
        value = min(max(value, Fraction(0)), Fraction(full))
        out[y, x, n] = floor(share * value + (1 - share) * int(sample) + Fraction(1, 2))
    return out, clipped


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("name", KERNELS)
@given(data=st.data())
def test_luma_is_exact(dtype: str, name: str, data: st.DataObject) -> None:
    rgb = data.draw(hnp.arrays(dtype, (3, 4, 3)))
    value_range = data.draw(st.sampled_from(["clip", "abs", "center"]))
    share = data.draw(st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(3, 10)]))
    expected, clipped = with_luma(rgb, name, value_range, share)
    options = FilterOptions(channels=("luma",), range=value_range, mix=share)
    done = plan_filtering(Picture.of_array(rgb), [get_kernel(name)], options).run()
    np.testing.assert_array_equal(done.picture.array, expected)
    assert done.clipped == clipped


def test_luma_keeps_the_colour_differences_of_a_photograph() -> None:
    scene = open_picture(SAMPLES / "scene.jpg").array
    result = apply(scene, "gaussian:sigma=4", channels="luma").array.astype(float)
    inside = (result > 0).all(axis=-1) & (result < 255).all(axis=-1)
    assert inside.mean() > 0.8
    for one, other in ((0, 1), (1, 2)):
        before = scene[..., one].astype(float) - scene[..., other]
        after = result[..., one] - result[..., other]
        assert np.abs(after - before)[inside].max() <= 1
    plain = apply(luma(scene[:40, :40]).astype(float), "gaussian:sigma=4").array
    kept = result[:40, :40] @ np.array([float(weight) for weight in WEIGHTS])
    # Away from the cut, each colour is rounded by half a level at most.
    assert np.abs(kept - plain)[:20, :20].max() <= 0.5


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("name", ["luma", "gray"])
def test_the_brightness_of_gray_is_gray(dtype: str, name: str) -> None:
    array = (np.random.default_rng(1).random((9, 8, 2)) * 200).astype(dtype)
    gray = array[..., 0].copy()
    expected = apply(gray, "sharpen").array
    np.testing.assert_array_equal(apply(gray, "sharpen", channels=name).array, expected)
    with_alpha = apply(array, "sharpen", channels=name, alpha="keep").array
    np.testing.assert_array_equal(with_alpha[..., 0], expected)
    np.testing.assert_array_equal(with_alpha[..., 1], array[..., 1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_luma_of_floats_is_not_clipped(dtype: str) -> None:
    rgb = (np.random.default_rng(2).random((9, 8, 3)) * 3 - 1).astype(dtype)
    weights = np.array([float(weight) for weight in WEIGHTS])
    before = rgb.astype(float) @ weights
    after = apply(before, "sharpen").array
    result = apply(rgb, "sharpen", channels="luma").array
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(result, rgb + (after - before)[..., None], atol=tolerance * 30)
    assert result.dtype == dtype


def test_luma_in_light_is_luminance() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (7, 6, 3), dtype=np.uint16) * 257
    lights = to_light(rgb / 65535)
    before = lights @ np.array([0.2126, 0.7152, 0.0722])
    after = apply(before, "gaussian3").array
    codes = from_light(np.clip(lights + (after - before)[..., None], 0, 1))
    result = apply(rgb, "gaussian3", channels="luma", linear=True).array
    assert np.abs(result - codes * 65535).max() <= 0.50001


SUBSETS = [
    ("RGB", "r"),
    ("RGB", "g,b"),
    ("RGB", "b,r"),
    ("CMYK", "k"),
    ("CMYK", "c,y"),
    ("CMYK", "m,c,y,k"),
    ("LA", "gray"),
    ("LA", "alpha"),
    ("RGBA", "green"),
    ("RGBA", "alpha"),
    ("RGBA", "alpha,r"),
]


@pytest.mark.parametrize(("layout", "names"), SUBSETS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("kernel", ["gaussian3", "sobel-x"])
@pytest.mark.parametrize("mixed", [{}, {"mix": 0.5}])
def test_only_the_channels_named_are_filtered(
    layout: str, names: str, dtype: str, kernel: str, mixed: dict[str, float]
) -> None:
    channels = LAYOUTS[layout]
    array = (np.random.default_rng(4).random((9, 8, len(channels))) * 255).astype(dtype)
    options = {"channels": names, "alpha": "straight", "range": "clip", **mixed}
    result = apply(Picture.of_array(array, layout), kernel, **options)
    assert result.layout == layout
    short = {"r": "red", "b": "blue", "g": "green", "k": "black", "c": "cyan", "m": "magenta"}
    short |= {"y": "yellow"}
    named = {short.get(name, name) for name in names.split(",")}
    for n, channel in enumerate(channels):
        alone = apply(array[..., n].copy(), kernel, range="clip", **mixed).array
        expected = alone if channel in named else array[..., n]
        np.testing.assert_array_equal(result.array[..., n], expected, err_msg=channel)


@pytest.mark.parametrize("linear", [False, True])
def test_colours_are_weighted_by_alpha_although_it_is_kept(linear: bool) -> None:
    disc = open_picture(SAMPLES / "disc.png").array
    expected = apply(disc, "blur5", linear=linear).array
    result = apply(disc, "blur5", channels="r,g,b", linear=linear).array
    np.testing.assert_array_equal(result[..., 3], disc[..., 3])
    seen = disc[..., 3] > 0
    np.testing.assert_array_equal(result[seen][:, :3], expected[seen][:, :3])
    bright = apply(disc, "blur5", channels="luma", linear=linear).array
    # The hidden green is three times as bright as the disc; the disc itself is nearly even.
    assert bright[seen][:, 1].max() <= 30
    np.testing.assert_array_equal(bright[..., 3], disc[..., 3])
    half = apply(disc, "blur5", channels="r,g,b", mix=0.5).array.astype(float)
    assert np.abs(half - disc / 2 - apply(disc, "blur5").array / 2)[seen][:, :3].max() <= 0.75
    np.testing.assert_array_equal(half[..., 3], disc[..., 3])


def test_floats_that_are_kept_are_not_clipped() -> None:
    rgb = np.random.default_rng(9).random((5, 5, 3)) * 9 - 3
    result = apply(rgb, "blur3", channels="g", range="clip", linear=True, mix=0.5).array
    np.testing.assert_array_equal(result[..., [0, 2]], rgb[..., [0, 2]])


@given(hnp.arrays(np.uint8, (4, 5, 4), elements=st.sampled_from([0, 1, 127, 254, 255])))
def test_one_colour_weighted_by_alpha_is_exact(rgba: NDArray[Any]) -> None:
    expected = premultiplied_oracle(rgba, get_kernel("blur3").weights.tolist(), 9)
    result = apply(rgba, "blur3", channels="g", alpha="premultiply").array
    visible = expected[..., 3] > 0
    np.testing.assert_array_equal(result[..., 1][visible], expected[..., 1][visible])
    np.testing.assert_array_equal(result[..., [0, 2, 3]], rgba[..., [0, 2, 3]])


@given(hnp.arrays(np.uint8, (3, 4, 4), elements=st.sampled_from([0, 3, 127, 254, 255])))
def test_luma_weighted_by_alpha_is_exact(rgba: NDArray[Any]) -> None:
    kernel = get_kernel("blur3").weights.tolist()
    alpha = rgba[..., 3].astype(object)
    products = oracle.responses((luma(rgba) * alpha).tolist(), kernel, divisor=9)
    alphas = oracle.responses(alpha.tolist(), kernel, divisor=9)
    expected = rgba.copy()
    for y, x in np.ndindex(rgba.shape[:2]):
        if alphas[y][x] >= Fraction(1, 2):
            change = products[y][x] / alphas[y][x] - luma(rgba)[y, x]
            for n in range(3):
                value = floor(int(rgba[y, x, n]) + change + Fraction(1, 2))
                expected[y, x, n] = min(max(value, 0), 255)
    result = apply(rgba, "blur3", channels="luma", alpha="premultiply").array
    np.testing.assert_array_equal(result, expected)
    both = apply(rgba, "blur3", channels="luma,alpha", alpha="premultiply").array
    rounded = np.array([[floor(a + Fraction(1, 2)) for a in row] for row in alphas])
    np.testing.assert_array_equal(both[..., 3], rounded)
    np.testing.assert_array_equal(both[..., :3], expected[..., :3])


def test_alpha_that_is_named_is_filtered() -> None:
    disc = open_picture(SAMPLES / "disc.png").array
    everything = apply(disc, "blur5", channels="r,g,b,alpha").array
    np.testing.assert_array_equal(everything, apply(disc, "blur5").array)
    edges = apply(disc, "edge", channels="alpha").array
    np.testing.assert_array_equal(edges[..., 3], apply(disc[..., 3].copy(), "edge").array)
    np.testing.assert_array_equal(edges[..., :3], disc[..., :3])
    both = apply(disc, "edge", channels="luma,alpha").array
    np.testing.assert_array_equal(both[..., 3], edges[..., 3])
    opaque = np.dstack([disc[..., :3], np.full(disc.shape[:2], 255, np.uint8)])
    for names in ("r,g,b,alpha", "luma,alpha"):
        kept = apply(opaque, "blur5", channels=names, alpha="premultiply").array
        assert (kept[..., 3] == 255).all()
    with pytest.raises(UsageError, match="keep"):
        apply(disc, "blur5", channels="alpha", alpha="keep")


@pytest.mark.parametrize(
    ("options", "rows", "columns"),
    [
        ({"padding": "valid"}, slice(2, -2), slice(2, -2)),
        ({"stride": (2, 3)}, slice(None, None, 2), slice(None, None, 3)),
        ({"padding": "valid", "stride": 2}, slice(2, -2, 2), slice(2, -2, 2)),
    ],
)
@pytest.mark.parametrize("names", ["r", "luma"])
@pytest.mark.parametrize("linear", [False, True])
def test_what_is_kept_follows_the_geometry(
    options: dict[str, Any], rows: slice, columns: slice, names: str, linear: bool
) -> None:
    rgba = np.random.default_rng(6).integers(0, 256, (20, 21, 4), dtype=np.uint8)
    whole = apply(rgba, "blur5", channels=names, linear=linear).array
    result = apply(rgba, "blur5", channels=names, linear=linear, **options).array
    np.testing.assert_array_equal(result, whole[rows, columns])


def test_beyond_the_edge_the_nearest_pixel_is_kept() -> None:
    rgb = np.random.default_rng(7).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    result = apply(rgb, "blur3", channels="r", padding="full").array
    padded = np.pad(rgb, ((1, 1), (1, 1), (0, 0)), mode="edge")
    np.testing.assert_array_equal(result[..., 1:], padded[..., 1:])


def test_a_stretch_looks_at_the_channels_that_are_filtered() -> None:
    rgb = np.zeros((4, 4, 3), np.uint8)
    rgb[..., 0] = np.arange(16).reshape(4, 4) * 5 + 20
    rgb[0, 0, 1] = 200
    result = apply(rgb, "identity", channels="r", range="stretch").array
    assert (result[..., 0].min(), result[..., 0].max()) == (0, 255)
    np.testing.assert_array_equal(result[..., 1:], rgb[..., 1:])


def test_a_colour_border_is_as_bright_as_the_colour() -> None:
    rgb = np.full((5, 5, 3), 0, np.uint8)
    result = apply(rgb, "blur3", channels="luma", border="constant:lime").array
    assert set(result[0, 2].tolist()) == {50}  # 3 of 9 cells have 0.587 · 255
    green = apply(rgb, "blur3", channels="g,b", border="constant:lime").array
    assert green[0, 2].tolist() == [0, 85, 0]


def test_channels_are_mixed_among_those_named() -> None:
    rgba = np.random.default_rng(8).integers(0, 256, (6, 7, 4), dtype=np.uint8)
    swapped = MixingKernel.of_weights(np.fliplr(np.eye(3))[None, None])
    result = apply(rgba, swapped, channels="r,g,b").array
    np.testing.assert_array_equal(result, rgba[..., [2, 1, 0, 3]])
    gray = MixingKernel.of_weights(np.ones((1, 1, 3, 1)), divisor=3)
    with pytest.raises(UsageError, match="1 channels of 3"):
        apply(rgba, gray, channels="r,g,b")


@pytest.mark.parametrize(
    ("layout", "names", "word"),
    [
        ("L", "r", "gray"),
        ("L", "alpha", "gray"),
        ("LA", "k", "gray,alpha"),
        ("RGB", "c", "r,g,b"),
        ("RGB", "gray", "r,g,b"),
        ("RGB", "alpha", "r,g,b"),
        ("CMYK", "r", "c,m,y,k"),
        ("CMYK", "luma", "ink"),
        ("planes", "r", "channels"),
        ("planes", "luma", "colours"),
    ],
)
def test_a_channel_that_is_not_there_is_refused(layout: str, names: str, word: str) -> None:
    count = len(LAYOUTS.get(layout, range(5)))
    picture = Picture.of_array(np.zeros((4, 4, count), np.uint8), layout)
    with pytest.raises(UsageError, match=word):
        apply(picture, "blur3", channels=names)


@pytest.mark.parametrize("names", ["", ",", "x", "r,,b", "luma,g", [], ["r", "luma"]])
def test_names_that_mean_nothing_are_refused(names: Any) -> None:
    with pytest.raises(UsageError):
        apply(np.zeros((4, 4, 3), np.uint8), "blur3", channels=names)


def test_clipping_is_counted_among_the_filtered() -> None:
    rgb = Picture.of_array(np.full((4, 4, 3), 200, np.uint8))
    done = plan_filtering(rgb, [Kernel([[2]])], FilterOptions(channels=("r",))).run()
    assert done.clipped == 16
