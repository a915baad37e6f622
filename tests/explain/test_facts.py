from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter.explain.facts import facts_of
from convfilter.kernel import Kernel
from convfilter.registry.catalogue import get_kernel, get_single_kernel
from convfilter.registry.search_path import find_kernels

matrices = hnp.arrays(
    np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-3, 3)
)


@given(matrices)
def test_the_rank_is_that_of_the_matrix(weights: NDArray[np.int64]) -> None:
    facts = facts_of(Kernel(weights))
    assert facts.rank == np.linalg.matrix_rank(weights.astype(float))
    assert facts.rank_is_exact


@given(st.lists(st.tuples(matrices, matrices), min_size=1, max_size=1))
def test_factors_add_up_to_the_weights(
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> None:
    for one, other in pairs:
        weights = np.outer(one[0], other[0])
        factors = facts_of(Kernel(weights)).factors
        assert factors is None or factors.fit(weights)


@pytest.mark.parametrize("name", ["blur5", "sharpen", "sobel-x", "laplacian4", "edge", "gaussian5"])
def test_known_kernels_have_exact_integer_factors(name: str) -> None:
    kernel = get_single_kernel(name)
    factors = facts_of(kernel).factors
    assert factors is not None
    assert factors.is_integer
    np.testing.assert_array_equal(factors.matrix((kernel.rows, kernel.columns)), kernel.weights)


@pytest.mark.parametrize(
    ("name", "same", "negated"),
    [
        ("sobel-x", {"up-down"}, {"left-right", "turned by 180°"}),
        (
            "blur3",
            {"left-right", "up-down", "turned by 180°", "transposed", "turned by 90°"},
            set(),
        ),
        ("emboss", {"transposed"}, set()),
    ],
)
def test_symmetries_are_named(name: str, same: set[str], negated: set[str]) -> None:
    facts = facts_of(get_single_kernel(name))
    assert set(facts.symmetries) == same
    assert set(facts.antisymmetries) == negated


def test_values_hold_divisor_offset_and_their_signs() -> None:
    facts = facts_of(Kernel([[1, -3]], divisor=-2, offset=Fraction(1, 5)))
    assert (facts.lowest, facts.highest) == (Fraction(-255, 2) + 51, Fraction(3 * 255, 2) + 51)
    assert facts.gain == 1


def test_the_rank_of_what_a_generator_makes_of_floats_is_told_as_such() -> None:
    facts = facts_of(get_single_kernel("gaussian:sigma=2.5"))
    assert (facts.rank, facts.rank_is_exact) == (1, False)


def test_factors_of_floats_are_found_where_the_rank_is_one() -> None:
    row = np.array([0.1, 0.7, 0.1])
    facts = facts_of(Kernel(np.outer(row, row)))
    assert facts.rank == 1
    assert facts.factors is not None
    assert len(facts.factors.products) == 1


def test_every_built_in_matrix_has_factors_that_fit() -> None:
    tried = 0
    for name in find_kernels():
        kernel = get_kernel(name)
        if not isinstance(kernel, Kernel):
            continue
        factors = facts_of(kernel).factors
        assert factors is None or factors.fit(kernel.weights)
        tried += 1
    assert tried > 100
