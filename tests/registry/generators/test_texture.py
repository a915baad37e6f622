import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.registry.generators.making import generate
from convfilter.registry.generators.table import VECTORS
from convfilter.registry.generators.texture import VECTORS as LAWS

waves = st.fixed_dictionaries(
    {
        "sigma": st.floats(0.5, 6),
        "theta": st.sampled_from([0, 30, 45, 90, 117, 180, -90]),
        "wavelength": st.floats(2.5, 15),
        "gamma": st.sampled_from([0.5, 1, 2]),
        "psi": st.sampled_from([0, 90, 33, 180]),
    }
)


@given(waves)
def test_a_gabor_filter_has_no_mean_and_stays_within_the_scale(wave: dict[str, float]) -> None:
    kernel = generate("gabor", wave)
    assert kernel.sum == 0
    assert kernel.weights[kernel.weights > 0].sum() == pytest.approx(1)
    assert kernel.rows % 2 == 1
    turned = kernel.weights[::-1, ::-1]
    if wave["psi"] == 0:
        np.testing.assert_array_equal(turned, kernel.weights)
    if wave["psi"] == 90:
        np.testing.assert_allclose(turned, -kernel.weights, atol=1e-15)


@given(waves)
def test_a_gabor_filter_is_separable_where_its_gaussian_is(wave: dict[str, float]) -> None:
    kernel = generate("gabor", wave)
    straight = wave["theta"] % 90 == 0
    assert bool(kernel.factors) == (straight or wave["gamma"] == 1)
    if kernel.factors:
        assert len(kernel.factors.products) == (1 if straight else 3)


@pytest.mark.parametrize("theta", [0, 25, 90, 135])
def test_a_gabor_filter_answers_to_its_own_wave_most(theta: int) -> None:
    kernel = generate("gabor", {"sigma": 5, "theta": theta, "wavelength": 8})
    y, x = np.indices(kernel.weights.shape) - kernel.rows // 2

    def response(direction: float, wavelength: float) -> float:
        angle = math.radians(direction)
        along = x * math.cos(angle) - y * math.sin(angle)
        return float((kernel.weights * np.cos(2 * math.pi * along / wavelength)).sum())

    best = response(theta, 8)
    others = [response(theta + turn, 8) for turn in (30, 60, 90, 120)]
    others += [response(theta, length) for length in (4, 16)]
    assert best > 2 * max(map(abs, others))


def test_edges_of_the_gaussian_are_where_gamma_puts_them() -> None:
    kernel = generate("gabor", {"sigma": 2, "wavelength": 4, "gamma": "0.5"})
    magnitude = np.abs(kernel.weights)
    middle = kernel.rows // 2
    columns, rows = magnitude.sum(0), magnitude[:, middle]
    # Across the wave, the Gaussian is twice as wide.
    assert rows[middle + 4] / rows[middle] == pytest.approx(math.exp(-0.5), rel=1e-6)
    assert columns[middle + 4] < columns[middle]


def test_laws_vectors_are_the_published_ones() -> None:
    assert tuple(LAWS) == VECTORS
    published = {
        "l5": [1, 4, 6, 4, 1],
        "e5": [-1, -2, 0, 2, 1],
        "s5": [-1, 0, 2, 0, -1],
        "w5": [-1, 2, 0, -2, 1],
        "r5": [1, -4, 6, -4, 1],
    }
    assert {name: list(vector) for name, (vector, _) in LAWS.items()} == published


@pytest.mark.parametrize(("column", "row"), list(itertools.product(VECTORS, VECTORS)))
def test_laws_products_are_exact_and_stay_within_the_scale(column: str, row: str) -> None:
    kernel = generate("laws", {"column": column, "row": row})
    assert kernel.weights.tolist() == np.outer(LAWS[column][0], LAWS[row][0]).tolist()
    assert kernel.is_integer
    assert kernel.factors
    positive = kernel.weights[kernel.weights > 0].sum()
    assert positive == kernel.divisor
    if (column, row) != ("l5", "l5"):
        assert kernel.sum == 0
        assert kernel.range == "abs"
    assert f"{column}{row}" in kernel.title
