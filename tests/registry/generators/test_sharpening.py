from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.registry.generators.making import generate


@given(st.floats(0.3, 9), st.floats(0, 6))
def test_unsharp_adds_what_a_gaussian_takes_away(sigma: float, amount: float) -> None:
    kernel = generate("unsharp", {"sigma": sigma, "amount": amount})
    blur = generate("gaussian", {"sigma": sigma})
    expected = -amount * blur.weights
    expected[kernel.origin] += 1 + amount
    np.testing.assert_allclose(kernel.weights, expected, atol=1e-14)
    assert float(kernel.sum) == pytest.approx(1, abs=1e-15)
    assert kernel.is_symmetric


def test_high_boost_is_the_published_mask() -> None:
    kernel = generate("high-boost", {"A": "1.2"})
    assert (kernel.weights * 9 == np.array([[-5, -5, -5], [-5, 49, -5], [-5, -5, -5]]) * 9).all()
    assert kernel.divisor == 45
    high_pass = generate("high-boost", {"A": 1})
    assert high_pass.weights.tolist() == [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
    assert high_pass.divisor == 9
    assert high_pass.range == "abs"


@given(st.fractions(1, 10, max_denominator=20), st.integers(1, 6).map(lambda n: 2 * n + 1))
def test_high_boost_sums_to_one_less_than_a(a: Fraction, size: int) -> None:
    kernel = generate("high-boost", {"A": a, "size": size})
    assert kernel.is_integer
    assert Fraction(kernel.sum) / Fraction(kernel.divisor) == a - 1
