import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.errors import KernelError
from convfilter.factors import Factors, OuterProduct
from convfilter.kernel import Kernel

TWO = Factors((OuterProduct((1, 2, 3), (4, 5)), OuterProduct((0, -1, 1), (1, 1))), ((2, 0, 7),))
integers = st.lists(st.integers(-9, 9), min_size=1, max_size=5)


def test_turned_and_scaled_factors_are_those_of_the_turned_and_scaled_kernel() -> None:
    dense = TWO.matrix((3, 2))
    np.testing.assert_array_equal(TWO.turned((3, 2)).matrix((3, 2)), dense[::-1, ::-1])
    np.testing.assert_array_equal(TWO.scaled(-3).matrix((3, 2)), -3 * dense)
    np.testing.assert_allclose(TWO.scaled(0.1).matrix((3, 2)), dense / 10)


def test_factors_are_integers_if_all_their_numbers_are() -> None:
    assert TWO.is_integer
    assert TWO.scaled(2).is_integer
    assert not TWO.scaled(0.5).is_integer
    assert not Factors((), ((0, 0, 0.5),)).is_integer


@given(integers, integers)
def test_an_outer_kernel_keeps_its_factors(column: list[int], row: list[int]) -> None:
    kernel = Kernel.outer(column, row, divisor=3, title="outer")
    assert kernel.weights.tolist() == np.outer(column, row).tolist()
    assert kernel.factors == Factors((OuterProduct(tuple(column), tuple(row)),))
    assert (kernel.divisor, kernel.title) == (3, "outer")


def test_other_fields_leave_the_factors_and_other_weights_take_them_away() -> None:
    kernel = Kernel.outer([1, 2, 1], [0.25, 0.5])
    assert kernel.replace(divisor=4).factors == kernel.factors
    assert kernel.replace(weights=[[1, 2]] * 3).factors is None


@pytest.mark.parametrize(
    "wrong",
    [
        Factors((OuterProduct((1, 2), (1, 2)),)),
        Factors((OuterProduct((1, 2, 1), (1, 2.0001, 1)),)),
        Factors((OuterProduct((1, 2, 1), (1, 2, 1)),), ((1, 1, 1e-6),)),
    ],
)
def test_factors_of_another_kernel_are_refused(wrong: Factors) -> None:
    with pytest.raises(KernelError, match="factors"):
        Kernel(np.outer([1, 2, 1], [1, 2, 1]), factors=wrong)


def test_integer_factors_must_be_exact() -> None:
    large = np.outer([10**7, 1], [10**7, 1])
    nearly: Any = large.copy()
    nearly[0, 0] += 1
    with pytest.raises(KernelError, match="factors"):
        Kernel(nearly, factors=Factors((OuterProduct((10**7, 1), (10**7, 1)),)))


def test_kernels_with_factors_can_be_pickled() -> None:
    kernel = Kernel.outer([1, 2, 1], [0.25, 0.5], name="pickled")
    copy = pickle.loads(pickle.dumps(kernel))  # noqa: S301 - made a line before
    assert copy.factors == kernel.factors
    assert copy.weights.tolist() == kernel.weights.tolist()
    assert copy.name == "pickled"
