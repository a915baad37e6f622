import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, UsageError, convolve, get_kernel, plan
from convfilter.border import BORDERS, Border
from convfilter.engine.algorithms import ALGORITHMS
from convfilter.named import RANGES
from tests import oracle
from tests.strategies import geometries, integer_pictures, kernel_fields

ANTI_DIAGONAL = Kernel([[0, 0, 1], [0, 1, 0], [1, 0, 0]])


@given(data=st.data(), picture=integer_pictures, fields=kernel_fields())
def test_integer_kernels_give_the_exact_result(
    data: st.DataObject, picture: NDArray[Any], fields: dict[str, Any]
) -> None:
    geometry = data.draw(geometries(window=fields["weights"].shape, size=picture.shape[:2]))
    offset: Any = data.draw(st.sampled_from([0, Fraction(1, 2), Fraction(-1, 3), 1]))
    value_range = data.draw(st.sampled_from(["clip", "abs", "center", "stretch"]))
    constant = data.draw(st.fractions(-1, 3, max_denominator=6))
    full = int(np.iinfo(picture.dtype).max)
    border = geometry["border"]
    expected = oracle.filtered(
        picture,
        fields["weights"].tolist(),
        **{name: value for name, value in fields.items() if name != "weights"},
        **geometry,
        constant=full * constant,
        offset=offset,
        value_range=value_range,
    )
    stated = Border("constant", (constant,)) if border == "constant" else border
    kernel = Kernel(**fields, offset=offset, range=value_range)
    for method in ("auto", *ALGORITHMS):
        try:
            plan(picture.shape, picture.dtype, kernel, method=method, padding="full")
        except UsageError as refusal:
            assert method in ("separable", "fft"), refusal
            continue
        result = convolve(picture, kernel, method=method, **(geometry | {"border": stated}))
        assert result.dtype == picture.dtype
        np.testing.assert_array_equal(result, expected, err_msg=method)


@given(
    picture=hnp.arrays(np.uint8, (5, 6)),
    weights=hnp.arrays(object, (3, 3), elements=st.fractions(-3, 3, max_denominator=9)),
    divisor=st.fractions(-5, 5, max_denominator=7).filter(bool),
)
def test_fractions_are_exact_too(
    picture: NDArray[Any], weights: NDArray[Any], divisor: Fraction
) -> None:
    expected = oracle.filtered(picture, weights.tolist(), divisor=divisor)
    np.testing.assert_array_equal(convolve(picture, Kernel(weights, divisor=divisor)), expected)


@given(
    picture=hnp.arrays(np.uint8, (6, 7)),
    weights=hnp.arrays(np.float64, (3, 4), elements=st.floats(-2, 2, width=32)),
    value_range=st.sampled_from(list(RANGES)),
)
def test_float_kernels_are_at_most_one_level_off(
    picture: NDArray[Any], weights: NDArray[Any], value_range: str
) -> None:
    expected = oracle.filtered(picture, weights.tolist(), value_range=value_range)
    result = convolve(picture, Kernel(weights), range=value_range)
    assert np.abs(result.astype(int) - expected).max() <= 1


@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-5), ("float64", 1e-12)])
@given(data=st.data())
def test_float_pictures_keep_their_values(dtype: str, bound: float, data: st.DataObject) -> None:
    elements = st.floats(-1000, 1000, width=32)
    picture = data.draw(hnp.arrays(dtype, (5, 6), elements=elements))
    weights = data.draw(hnp.arrays(np.float64, (3, 3), elements=st.floats(-5, 5, width=32)))
    divisor = data.draw(st.integers(1, 9))
    exact = np.array(oracle.responses(picture.tolist(), weights.tolist(), divisor=divisor), float)
    result = convolve(picture, Kernel(weights, divisor=divisor))
    assert result.dtype == dtype
    allowed = bound * np.abs(picture).max() * np.abs(weights).sum() / divisor
    allowed += np.finfo(dtype).tiny  # below it floats have few digits
    assert np.abs(result - exact).max() <= allowed


@pytest.mark.parametrize("rule", BORDERS.values(), ids=lambda rule: rule.name)
@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (5, 2), (1, 9), (40, 31)])
def test_scipy_ndimage_agrees_under_the_name_in_the_table(
    rule: Any, shape: tuple[int, int]
) -> None:
    random = np.random.default_rng(5)
    picture, weights = random.random((17, 13)), random.random(shape) - 0.4
    # scipy's centre is n // 2, ours (n - 1) // 2.
    shift = tuple(-(1 - side % 2) for side in shape)
    expected = scipy.ndimage.correlate(picture, weights, mode=rule.scipy, cval=0.25, origin=shift)
    border = "constant:0.25" if rule.name == "constant" else rule.name
    result = convolve(picture, Kernel(weights), border=border)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("padding", ["same", "valid", "full"])
def test_scipy_signal_agrees_on_padding(padding: str) -> None:
    random = np.random.default_rng(6)
    picture, weights = random.random((12, 15)), random.random((5, 3))
    for operation, peer in (
        ("correlate", scipy.signal.correlate2d),
        ("convolve", scipy.signal.convolve2d),
    ):
        expected = peer(picture, weights, mode=padding)
        result = convolve(
            picture, Kernel(weights), padding=padding, operation=operation, border="zero"
        )
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)


class TestTheArticle:
    square = np.pad(np.ones((4, 4), np.uint8), 3)
    numbers = np.arange(1, 17, dtype=np.uint8).reshape(4, 4)

    def test_the_anti_diagonal_counts_the_ones_along_it(self) -> None:
        result = convolve(self.square, ANTI_DIAGONAL, border="constant:0")
        assert result.shape == (10, 10)
        assert result[4, 4] == 3
        assert result[2, 6] == 1

    def test_cutting_the_edges_off_makes_it_smaller(self) -> None:
        result = convolve(self.square, ANTI_DIAGONAL, padding="valid")
        assert result.shape == (8, 8)
        assert result[3, 3] == 3

    def test_a_4x4_kernel_on_a_4x4_picture(self) -> None:
        kernel = Kernel(np.ones((4, 4), int))
        same = convolve(self.numbers, kernel, border="zero")
        assert same.shape == (4, 4)
        # The kernel reaches one pixel up and left, two down and right.
        assert same[1, 1] == self.numbers.sum()
        assert same[0, 0] == self.numbers[:3, :3].sum()
        assert convolve(self.numbers, kernel, padding="valid").tolist() == [[136]]


def test_the_two_operations_are_each_other_s_turn() -> None:
    point = np.zeros((5, 5), np.uint8)
    point[2, 2] = 1
    kernel = Kernel([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert (
        convolve(point, kernel, operation="convolve")[1:4, 1:4].tolist() == kernel.weights.tolist()
    )
    turned = convolve(point, kernel, operation="correlate")[1:4, 1:4]
    assert turned.tolist() == kernel.weights[::-1, ::-1].tolist()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("border", ["edge", "wrap", "constant:0"])
def test_what_is_not_finite_stays_in_its_window(bad: float, border: str) -> None:
    picture = np.random.default_rng(3).random((40, 50)).astype(np.float32)
    picture[20, 20] = bad
    weights = np.random.default_rng(4).random((7, 5)) + 0.1
    result = convolve(picture, Kernel(weights), border=border)
    touched = np.argwhere(~np.isfinite(result))
    assert len(touched) == 35
    assert touched.min(axis=0).tolist() == [17, 18]
    assert touched.max(axis=0).tolist() == [23, 22]


def test_a_float_result_is_neither_rounded_nor_clipped_nor_ranged() -> None:
    picture = np.array([[0, 255, 0]], np.uint8)
    kernel = Kernel([[1, -3, 1]], divisor=2, range="abs", offset=1)
    result = convolve(picture, kernel, out_dtype="float32")
    assert result.dtype == np.float32
    assert result.tolist() == [[255 + 127.5, 255 - 382.5, 255 + 127.5]]
    stated = convolve(picture, kernel, out_dtype="float64", range="abs")
    assert stated.tolist() == [[382.5, 127.5, 382.5]]


def test_values_that_are_ties_but_for_rounding_errors_go_up() -> None:
    thirds = Kernel([[0.1, 0.1, 0.1]], divisor=0.6, range="center")
    flat = np.full((3, 9), 0, np.uint8)
    assert (convolve(flat, thirds) == 128).all()
    tenths = Kernel([[0.1] * 5], divisor=1)  # the middle of 0 and 255 times a half
    assert (convolve(flat + np.uint8(1), tenths) == 1).all()


def test_infinite_floats_bring_no_warning() -> None:
    picture = np.array([[np.inf, -np.inf, 1.0, np.nan]])
    for method in ("direct", "separable", "matmul", "fft"):
        assert np.isnan(convolve(picture, get_kernel("blur3"), method=method)).any()


def test_float_pictures_are_not_clipped_but_ranged() -> None:
    picture = np.array([[3.0, -5.0]])
    assert convolve(picture, get_kernel("identity"), range="clip").tolist() == [[1.0, 0.0]]
    assert convolve(picture, get_kernel("identity")).tolist() == [[3.0, -5.0]]
    assert convolve(picture, get_kernel("identity"), range="abs").tolist() == [[3.0, 5.0]]
    assert convolve(picture, get_kernel("identity"), range="relu").tolist() == [[3.0, 0.0]]
    assert convolve(picture, get_kernel("identity"), range="center").tolist() == [[3.5, -4.5]]
    assert convolve(picture, get_kernel("identity"), range="stretch").tolist() == [[1.0, 0.0]]


def test_adding_a_constant_to_the_picture_adds_it_to_the_result() -> None:
    picture = np.random.default_rng(8).integers(0, 200, (30, 30), dtype=np.uint8)
    kernel = get_kernel("gaussian3")
    np.testing.assert_array_equal(
        convolve(picture + np.uint8(50), kernel), convolve(picture, kernel) + 50
    )


def test_a_flat_picture_stays_flat_under_float_weights() -> None:
    weights = np.random.default_rng(9).random((7, 7))
    flat = np.full((20, 20, 3), 101, np.uint8)
    assert (convolve(flat, Kernel(weights), normalize=True) == 101).all()
    zero_sum = Kernel(weights - weights.mean(), range="center")
    assert (convolve(flat, zero_sum) == 128).all()


@pytest.mark.parametrize("dtype", [">u2", ">f4", ">f8"])
def test_foreign_byte_orders_are_read(dtype: str) -> None:
    picture = np.arange(12, dtype=dtype).reshape(3, 4)
    result = convolve(picture, get_kernel("identity"))
    np.testing.assert_array_equal(result, picture)
    assert result.dtype.isnative


def test_views_and_lists_are_read_and_never_written_to() -> None:
    picture = np.arange(60, dtype=np.uint8).reshape(5, 4, 3)[::-1, ::2]
    picture.setflags(write=False)
    expected = convolve(picture.copy(), get_kernel("blur3"))
    np.testing.assert_array_equal(convolve(picture, get_kernel("blur3")), expected)


def test_a_kernel_may_be_named() -> None:
    picture = np.arange(60, dtype=np.uint8).reshape(5, 12)
    expected = convolve(picture, get_kernel("blur3"))
    np.testing.assert_array_equal(convolve(picture, "blur3"), expected)
    with pytest.raises(UsageError, match="ndarray instead of a kernel"):
        convolve(picture, np.ones((3, 3)))  # type: ignore[arg-type]  # on purpose


def test_whole_weights_beyond_all_integers_are_filtered_as_floats() -> None:
    picture = np.array([[1, 2, 3, 4]], np.uint8)
    assert (convolve(picture, Kernel([[1e19, 1e19]])) == 255).all()
    values = convolve(picture, Kernel([[1e19, -1e19]]), out_dtype="float64", padding="valid")
    np.testing.assert_allclose(values, [[-1e19] * 3], rtol=1e-6)


@pytest.mark.parametrize(
    ("shape", "dtype", "options", "words"),
    [
        ((3,), "uint8", {}, "shape"),
        ((2, 2, 2, 2), "uint8", {}, "shape"),
        ((0, 4), "uint8", {}, "shape"),
        ((4, 4), "int32", {}, "int32"),
        ((4, 4), "complex64", {}, "complex64"),
        ((4, 4), "bool", {}, "bool"),
        ((4, 4), "uint8", {"padding": "valid"}, "leaves no pixel.*5×5.*4×4"),
        ((4, 4), "uint8", {"padding": "sam"}, "same"),
        ((4, 4), "uint8", {"padding": ((-1, 0), (0, 0))}, "not negative"),
        ((4, 4), "uint8", {"padding": (1, 2)}, "expected a name"),
        ((4, 4), "uint8", {"stride": 0}, "stride"),
        ((4, 4), "uint8", {"dilation": (1, 0)}, "dilation"),
        ((4, 4), "uint8", {"border": "reflect"}, "two meanings"),
        ((4, 4), "uint8", {"method": "magic"}, "unknown method"),
        ((4, 4), "float32", {"method": "integer"}, "float samples"),
        ((4, 4), "uint8", {"workers": -1}, "workers"),
        ((4, 4), "uint8", {"out_dtype": "uint16"}, "out_dtype"),
        ((4, 4), "float32", {"out_dtype": "uint8"}, "out_dtype"),
        ((4, 4), "uint8", {"range": "wrap"}, "unknown range"),
    ],
)
def test_impossible_calls_are_refused(
    shape: tuple[int, ...], dtype: str, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        convolve(np.zeros(shape, dtype), get_kernel("blur5"), **options)


@pytest.mark.parametrize("value_range", ["clip", "abs"])
@pytest.mark.parametrize("weight", [1, -(10**13)])
def test_divisors_beyond_64_bits_are_exact(weight: int, value_range: str) -> None:
    picture = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    offset, divisor = Fraction(1, 2), 10**17
    kernel = Kernel([[weight]], divisor=divisor, offset=offset, range=value_range)
    exact = [Fraction(int(p) * weight, divisor) + offset * 65535 for p in picture.ravel()]
    expected = [math.floor(value + Fraction(1, 2)) for value in exact]
    np.testing.assert_array_equal(convolve(picture, kernel).ravel(), expected)
