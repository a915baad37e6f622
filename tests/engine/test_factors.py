from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.engine.factors import float_factors, integer_factors
from convfilter.factors import Factors
from convfilter.registry.catalogue import get_single_kernel as get_kernel

vectors = st.lists(st.integers(-9, 9), min_size=1, max_size=6).filter(any)


@given(vectors, vectors)
def test_every_outer_product_of_integers_is_found(column: list[int], row: list[int]) -> None:
    weights = np.outer(column, row)
    factors = integer_factors(weights)
    assert factors
    assert len(factors.products) == 1
    assert not factors.cells
    np.testing.assert_array_equal(factors.matrix(weights.shape), weights)


def test_products_of_large_weights_do_not_overflow() -> None:
    weights = np.full((3, 3), 4_000_000_000)
    weights[1, 1] = 1
    factors = integer_factors(weights)
    assert factors
    np.testing.assert_array_equal(factors.matrix(weights.shape), weights)


@pytest.mark.parametrize(
    "weights",
    [[[1, 2**32], [2**32, 0]], [[1, 5 * 10**9, 1], [5 * 10**9, 5, 1], [1, 1, 1]]],
)
def test_products_that_64_bits_do_not_hold_are_not_taken_for_the_weights(
    weights: list[list[int]],
) -> None:
    assert integer_factors(np.array(weights)) is None


@pytest.mark.parametrize("name", ["edge", "sharpen8"])
def test_an_outer_product_but_for_the_middle_is_found(name: str) -> None:
    weights = get_kernel(name).weights
    factors = integer_factors(weights)
    assert factors
    assert len(factors.cells) == 1
    np.testing.assert_array_equal(factors.matrix(weights.shape), weights)


@pytest.mark.parametrize("name", ["sharpen", "laplacian4", "emboss", "diagonal"])
def test_what_is_no_outer_product_is_not_forced_to_be_one(name: str) -> None:
    assert integer_factors(get_kernel(name).weights) is None


def gaussian(sigma: float, reach: int) -> Any:
    """Return a square Gaussian that sums to 1."""
    row = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return np.outer(row, row) / row.sum() ** 2


def rank(factors: Factors) -> int:
    """Count the products."""
    return len(factors.products)


def test_the_rank_is_found_to_the_bound() -> None:
    blur = gaussian(2, 8)
    assert rank(float_factors(blur, 1e-9)) == 1
    sharpened = -blur
    sharpened[8, 8] += 2
    assert rank(float_factors(sharpened, 1e-9)) == 2
    noise = np.random.default_rng(1).random((5, 5))
    for error in (1e-12, 0.01, 0.2):
        factors = float_factors(noise, error)
        missing = np.abs(factors.matrix(noise.shape) - noise).sum() / noise.sum()
        assert missing <= error
    assert rank(float_factors(noise, 0.5)) < 5


def test_symmetric_vectors_stay_symmetric_so_that_pairs_share_a_multiplication() -> None:
    product = float_factors(gaussian(3, 12), 1e-9).products[0]
    assert product.row == product.row[::-1]
    assert len(set(product.column)) == 13
