"""What chains and unrounded values keep of the promise of exactness."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import Kernel, convolve, get_kernel
from convfilter.composite import Composite
from convfilter.engine.algorithms import ALGORITHMS
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.recipe import Recipe, RecipeStep
from tests import oracle
from tests.strategies import integer_pictures, kernel_fields

IN_FLOATS = ["auto", *(name for name in ALGORITHMS if name != "integer")]

RANDOM = np.random.default_rng(3)

offsets = st.sampled_from([0, Fraction(1, 2), Fraction(-1, 3), Fraction(2, 7)])


def recipe(*kernels: Kernel | Composite, ranges: tuple[str | None, ...] = ()) -> Recipe:
    stated = [*ranges, *[None] * (len(kernels) - len(ranges))]
    steps = zip(kernels, stated, strict=True)
    return Recipe(
        steps=tuple(RecipeStep(kernel, FilterOptions(range=named)) for kernel, named in steps)
    )


def exact_levels(
    plane: NDArray[Any], *steps: tuple[dict[str, Any], Fraction | int, str]
) -> NDArray[Any]:
    """Follow steps of fields, offset and range on one plane in fractions, and round once."""
    full = int(np.iinfo(plane.dtype).max)
    values: list[list[Any]] = plane.tolist()
    for fields, offset, named in steps:
        fields = {name: value for name, value in fields.items() if name != "weights"} | {
            "weights": fields["weights"].tolist()
        }
        found = oracle.responses(values, **fields)
        values = [[value + Fraction(offset) * full for value in row] for row in found]
        if named == "relu":
            values = [[max(value, Fraction(0)) for value in row] for row in values]
    return np.array(oracle.levels(values, full), plane.dtype)


@given(
    picture=integer_pictures.filter(lambda picture: picture.ndim == 2),
    first=kernel_fields(),
    second=kernel_fields(),
    offset=offsets,
    named=st.sampled_from(["", "relu"]),
)
def test_chains_of_integer_kernels_are_exact_whatever_is_added_or_cut_off_between(
    picture: NDArray[Any],
    first: dict[str, Any],
    second: dict[str, Any],
    offset: Fraction,
    named: str,
) -> None:
    chain = recipe(Kernel(**first, offset=offset), Kernel(**second), ranges=(named or None,))
    expected = exact_levels(picture, (first, offset, named), (second, 0, ""))
    np.testing.assert_array_equal(convolve(picture, chain), expected)


@pytest.mark.parametrize("method", ["auto", "integer", "matmul", "direct", "fft"])
def test_an_offset_before_the_end_keeps_16_bits_exact_by_every_algorithm(method: str) -> None:
    picture = RANDOM.integers(0, 65536, (23, 31), np.uint16)
    emboss = {"weights": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]), "divisor": 3}
    blur = {"weights": np.ones((3, 3), int), "divisor": 9}
    half = Fraction(1, 2)
    chain = recipe(Kernel(**emboss, offset=half), Kernel(**blur))  # type: ignore[arg-type]
    expected = exact_levels(picture, (emboss, half, ""), (blur, 0, ""))
    np.testing.assert_array_equal(convolve(picture, chain, method=method), expected)


def test_composites_and_their_offset_stay_exact_in_a_chain() -> None:
    picture = RANDOM.integers(0, 65536, (20, 21), np.uint16)
    across, down = np.array([[-1, 0, 1]]), np.array([[-1], [0], [1]])
    edges = Composite(
        kernels=(Kernel(across), Kernel(down)), combine="l1", divisor=3, offset=Fraction(1, 2)
    )
    blur = {"weights": np.ones((1, 3), int), "divisor": 3}
    values = [
        [(abs(x) + abs(y)) / 3 + Fraction(65535, 2) for x, y in zip(*rows, strict=True)]
        for rows in zip(
            oracle.responses(picture.tolist(), across.tolist()),
            oracle.responses(picture.tolist(), down.tolist()),
            strict=True,
        )
    ]
    blurred = oracle.responses(values, [[1, 1, 1]], divisor=3)
    expected = np.array(oracle.levels(blurred, 65535), np.uint16)
    chain = recipe(edges, Kernel(**blur))  # type: ignore[arg-type]
    np.testing.assert_array_equal(convolve(picture, chain), expected)


@pytest.mark.parametrize("gain", [1, 10, 300, 20_000])
def test_float_kernels_of_any_gain_are_at_most_one_level_off(gain: float) -> None:
    picture = RANDOM.integers(0, 65536, (40, 50), np.uint16)
    column = RANDOM.random(9) + 0.5
    weights = np.outer(column, np.linspace(-1, 1, 9))
    weights *= gain / np.abs(weights).sum()
    expected = oracle.filtered(picture, weights.tolist(), offset=Fraction(1, 2)).astype(int)
    for method in IN_FLOATS:
        result = convolve(picture, Kernel(weights, offset=0.5), method=method)
        assert np.abs(result - expected).max() <= 1, method


def test_what_follows_a_float_kernel_amplifies_no_error_beyond_one_level() -> None:
    picture = RANDOM.integers(30_000, 30_050, (60, 64), np.uint16)
    smooth, strong = get_kernel("gaussian:sigma=3"), Kernel([[-400, 0, 400]])
    assert isinstance(smooth, Kernel)
    values = oracle.responses(picture.tolist(), smooth.exact_weights, divisor=smooth.divisor)
    levels = oracle.levels(oracle.responses(values, [[-400, 0, 400]]), 65535)
    result = convolve(picture, recipe(smooth, strong))
    assert np.abs(result.astype(int) - levels).max() <= 1


@pytest.mark.parametrize("method", IN_FLOATS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize(("out_dtype", "bound"), [("float32", 1e-5), ("float64", 1e-12)])
def test_unrounded_values_are_as_precise_as_their_dtype_promises(
    method: str, dtype: str, out_dtype: str, bound: float
) -> None:
    kernel = Kernel.outer([0.1, 0.7, 0.2, 0.11], [0.3, 0.1, -0.25])
    picture = (RANDOM.random((30, 41)) * 255).astype(dtype)
    padded = np.pad(picture.astype(np.float64), ((1, 2), (1, 1)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 3))
    expected = (windows * kernel.weights).sum(axis=(2, 3))
    result = convolve(picture, kernel, out_dtype=out_dtype, method=method)
    assert result.dtype == out_dtype
    largest = float(picture.max()) * float(np.abs(kernel.weights).sum())
    assert np.abs(result - expected).max() <= bound * largest


def test_huge_weights_that_cancel_in_a_chain_overflow_nothing() -> None:
    picture = RANDOM.integers(0, 256, (9, 8), np.uint8)
    chain = recipe(Kernel([[1.5e37]]), Kernel([[1 / 1.5e37]]))
    np.testing.assert_array_equal(convolve(picture, chain), picture)


def test_mixing_kernels_are_as_exact_as_others_where_a_border_is_no_level() -> None:
    weights = np.random.default_rng(0).integers(-9, 10, (7, 7, 3, 3))
    weights[3, 3] += 150
    kernel = MixingKernel.of_weights(
        weights, divisor=int(np.abs(weights).sum() // 6 * 2), border="constant:0.5"
    )
    picture = np.random.default_rng(1).integers(0, 256, (60, 500, 3), np.uint8)
    expected = convolve(picture, kernel, method="integer")
    for method in ("auto", "matmul", "fft", "direct"):
        np.testing.assert_array_equal(convolve(picture, kernel, method=method), expected)


def test_ties_after_a_float_kernel_go_up_through_mixing_kernels_too() -> None:
    picture = np.full((50, 60, 3), 101, np.uint8)
    half = MixingKernel.of_weights(np.eye(3).reshape(1, 1, 3, 3) / 2)
    smooth = get_kernel("gaussian:sigma=1")
    assert isinstance(smooth, Kernel)
    steps = RecipeStep(smooth), RecipeStep(half)
    assert (convolve(picture, Recipe(steps=steps)) == 51).all()


@pytest.mark.parametrize("combine", ["sum", "max", "min", "mean"])
@pytest.mark.parametrize("value_range", ["clip", "stretch", "abs", "center"])
def test_a_composite_of_one_kernel_is_that_kernel(combine: str, value_range: str) -> None:
    levels = np.arange(256, dtype=np.uint8)[None]
    for divisor in (-2, 3, Fraction(7, 25), Fraction(-1, 3)):
        for offset in (0, Fraction(1, 10)):
            alone = Kernel([[1]], divisor=divisor, offset=offset)
            composite = Composite(
                kernels=(Kernel([[1]]),), combine=combine, divisor=divisor, offset=offset
            )
            np.testing.assert_array_equal(
                convolve(levels, composite, range=value_range),
                convolve(levels, alone, range=value_range),
            )


def test_roots_of_large_squares_are_rounded_as_the_ties_they_are() -> None:
    y, x = np.mgrid[:50, :60]
    picture = (3 * x + 4 * y).astype(np.uint16)
    even = Kernel(np.full((5, 5), 9973), divisor=25 * 9973)
    slope = np.array([[-1, 0, 1]])
    gradient = Composite(
        kernels=(Kernel(slope, divisor=4), Kernel(slope.T, divisor=4)), combine="l2"
    )
    found = convolve(picture, recipe(even, even, even, gradient), padding="valid")
    assert (found[10:-10, 10:-10] == 3).all()  # the root of (6 ÷ 4)² + (8 ÷ 4)² is 2.5


def test_what_follows_a_negative_divisor_is_not_turned_round() -> None:
    levels = np.array([[0, 10, 50, 200]], np.uint8)
    one, two = Kernel([[1]]), Kernel([[2]])
    largest = Composite(kernels=(one, two), combine="max")
    negated = Composite(kernels=(one,), combine="sum", divisor=-2)
    expected = convolve(levels, recipe(Kernel([[1]], divisor=-2), largest), offset=1)
    np.testing.assert_array_equal(convolve(levels, recipe(negated, largest), offset=1), expected)
    assert expected.tolist() == [[255, 250, 230, 155]]


@pytest.mark.parametrize(
    ("name", "method"),
    [("gaussian:sigma=10", "fft"), *(("gaussian:sigma=2", method) for method in IN_FLOATS)],
)
def test_an_even_picture_is_not_stretched_to_noise(name: str, method: str) -> None:
    kernel = get_kernel(name)
    even = convolve(np.full((300, 300), 77, np.uint8), kernel, range="stretch", method=method)
    assert not even.any()
    tiny = np.linspace(0, 1e-9, 900, dtype=np.float32).reshape(30, 30)
    assert convolve(tiny, Kernel([[1]]), range="stretch").max() == 1


def test_mirrored_kernels_whose_folded_rows_are_mostly_zeros_are_exact() -> None:
    ghost = np.zeros((65, 1), int)
    ghost[[0, 64]] = 1
    picture = np.random.default_rng(0).integers(0, 100, (80, 3), np.uint8)
    expected = convolve(picture, Kernel(ghost), method="matmul")
    for method in ("integer", "direct"):
        np.testing.assert_array_equal(convolve(picture, Kernel(ghost), method=method), expected)


def test_weights_whose_sum_64_bits_do_not_hold_are_not_added_up_in_them() -> None:
    weights = np.full((32, 64), 2**53)
    assert Kernel(weights).sum == 2**64
    weights[:, 1::2] *= -1
    picture = np.random.default_rng(1).integers(0, 256, (6, 6), np.uint8)
    found = convolve(picture, Kernel(weights, divisor=2**60), out_dtype="float64")
    half = weights // 2**10
    expected = convolve(picture, Kernel(half, divisor=2**50), out_dtype="float64")
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", ["integer", "matmul", "fft"])
@pytest.mark.parametrize("level", ["1489/7919", "257", "1/257", "1/3"])
def test_constants_of_any_fraction_lie_around_the_picture(level: str, method: str) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (4, 5), np.uint8)
    kernel = Kernel([[0, 1, 2], [3, 4, 5], [0, 0, 7]], divisor=200)
    border = np.pad(picture.astype(float), 1, constant_values=255 * float(Fraction(level)))
    windows = np.lib.stride_tricks.sliding_window_view(border, (3, 3))
    expected = (windows * kernel.weights).sum(axis=(2, 3)) / 200
    found = convolve(
        picture, kernel, border=f"constant:{level}", method=method, out_dtype="float64"
    )
    assert np.abs(found - expected).max() <= 0.001 * 22 / 200


def test_sums_beyond_short_floats_are_not_recovered_from_them() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (40, 50), np.uint8)
    far = Kernel([[-1]], divisor=10**6, offset=Fraction(1, 2))
    identity = np.zeros((7, 7), int)
    identity[3, 3] = 1
    chain = recipe(far, Kernel(identity))
    expected = convolve(picture, chain, method="integer")
    np.testing.assert_array_equal(convolve(picture, chain, method="fft"), expected)
