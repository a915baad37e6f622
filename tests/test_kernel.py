from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.errors import KernelError, UsageError
from convfilter.kernel import Kernel


def test_integers_stay_integers_whatever_type_they_come_in() -> None:
    same: list[Any] = [[[1, 2]], [[1.0, 2.0]], np.array([[1, 2]], np.uint8), [[Fraction(2, 2), 2]]]
    for weights in same:
        kernel = Kernel(weights)
        assert kernel.weights.dtype == np.int64
        assert kernel.weights.tolist() == [[1, 2]]
        assert kernel.is_integer


def test_short_fractions_are_kept_exactly() -> None:
    kernel = Kernel([[Fraction(1, 9)] * 3] * 3)
    assert kernel.sum == 1
    assert (kernel.numerators == 1).all() if kernel.numerators is not None else False
    assert kernel.denominator == 9
    assert kernel.weights == pytest.approx(np.full((3, 3), 1 / 9))


@given(
    st.lists(
        st.one_of(
            st.integers(-(2**30), 2**30).map(lambda n: n / 2**20),
            st.floats(-1e99, 1e99),
            st.sampled_from([0.0, -0.0, 5e-324, 2.0**53, 2.0**54, 2.0**-24, 2.0**-25]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_floats_are_the_same_kernel_as_their_exact_fractions(weights: list[float]) -> None:
    floats, fractions = Kernel([weights]), Kernel([[Fraction(weight) for weight in weights]])
    assert floats.weights.dtype == fractions.weights.dtype
    assert floats.weights.tolist() == fractions.weights.tolist()
    assert floats.denominator == fractions.denominator
    assert floats.exact_weights == fractions.exact_weights


@given(st.lists(st.fractions(-9, 9, max_denominator=12), min_size=1, max_size=9))
def test_replacing_a_field_loses_no_digit_of_the_weights(weights: list[Fraction]) -> None:
    changed = Kernel([weights]).replace(title="changed")
    assert changed.title == "changed"
    assert changed.sum == sum(weights)


@pytest.mark.parametrize(
    ("shape", "origin"), [((1, 1), (0, 0)), ((2, 2), (0, 0)), ((3, 4), (1, 1)), ((5, 5), (2, 2))]
)
def test_the_origin_is_the_upper_left_of_the_middle(
    shape: tuple[int, int], origin: tuple[int, int]
) -> None:
    assert Kernel(np.ones(shape)).origin == origin


def test_a_kernel_cannot_be_changed() -> None:
    kernel = Kernel([[1]])
    with pytest.raises(AttributeError):
        kernel.divisor = 2  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        kernel.weights[0, 0] = 2


def test_symmetry_counts_the_origin() -> None:
    assert Kernel([[1, 2, 1]]).is_symmetric
    assert not Kernel([[1, 2, 1]], origin=(0, 0)).is_symmetric
    assert not Kernel([[1, 1]]).is_symmetric


def test_signed_sums_are_exact_where_the_weights_are() -> None:
    weights = [[Fraction(1, 3), Fraction(-1, 7), Fraction(1, 6)]]
    assert Kernel(weights).signed_sums == (Fraction(-1, 7), Fraction(1, 2))
    assert Kernel([[2, 3], [0, 4]]).signed_sums == (0, 9)
    assert Kernel([[0.1] * 10, [-0.25] * 10]).signed_sums == (-2.5, 1.0)


def test_float_weights_that_cancel_but_for_rounding_sum_to_zero() -> None:
    assert Kernel([[0.1, 0.2, -0.3]]).is_zero_sum
    assert not Kernel([[0.1, 0.2, -0.2]]).is_zero_sum


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weights": []}, "shape"),
        ({"weights": [[]]}, "shape"),
        ({"weights": [1, 2]}, "shape"),
        ({"weights": [[[1]]]}, "3 dimensions"),
        ({"weights": [[1, 2], [3]]}, "not a matrix of numbers; its rows differ in length"),
        ({"weights": [[1, "a"]]}, "not a matrix of numbers; there is text in it"),
        ({"weights": [[1j]]}, "not a matrix"),
        ({"weights": [[float("nan")]]}, "not finite"),
        ({"weights": [[2**60]]}, "2\\^53"),
        ({"weights": [[10**400]]}, "not a matrix"),
        ({"weights": [[1e200]]}, "1e100"),
        ({"weights": [[Fraction(10**200)]]}, "1e100"),
        ({"weights": [[1]], "divisor": 0}, "divisor is 0"),
        ({"weights": [[1]], "divisor": float("inf")}, "divisor"),
        ({"weights": [[1]], "offset": float("nan")}, "offset"),
        ({"weights": [[1]], "origin": (0, 1)}, "outside"),
    ],
)
def test_impossible_kernels_are_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(KernelError, match=words):
        Kernel(**arguments)  # type: ignore[arg-type]


def test_names_that_are_not_in_the_tables_are_refused() -> None:
    with pytest.raises(UsageError, match="clip"):
        Kernel([[1]], range="clipp")
    with pytest.raises(UsageError, match="correlate"):
        Kernel([[1]], operation="corelate")


def test_what_sums_to_zero_cannot_be_normalized() -> None:
    with pytest.raises(KernelError, match="sum to 0"):
        Kernel([[-1, 1]]).normalized()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.integers(0, 30))
def test_floats_are_kept_exactly_only_as_short_fractions(floats: list[float], places: int) -> None:
    short = [round(value * 2**places) / 2**places for value in floats]
    kernel = Kernel([short])
    denominator = max(Fraction(value).denominator for value in short)
    assert (kernel.numerators is not None) == (denominator <= 2**24)
    assert kernel.weights.tolist() == [short]
