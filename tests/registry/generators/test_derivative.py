import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage, signal

from convfilter import convolve
from convfilter.registry.generators.making import generate

sigmas = st.floats(0.5, 8).map(lambda sigma: round(sigma, 3))


@given(sigmas)
def test_a_laplacian_cancels_exactly_and_measures_curvature(sigma: float) -> None:
    kernel = generate("log", {"sigma": sigma})
    middle = kernel.rows // 2
    assert kernel.sum == 0
    assert kernel.is_symmetric
    assert kernel.weights[middle, middle] == kernel.weights.max() > 0
    x = np.arange(kernel.columns) - middle
    bowl = x[None, :] ** 2 + x[:, None] ** 2
    assert (kernel.weights * bowl).sum() == pytest.approx(-4 * sigma**2)


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_a_laplacian_is_the_one_of_scipy_but_for_its_sign(sigma: float) -> None:
    kernel = generate("log", {"sigma": sigma})
    point = np.zeros(kernel.weights.shape)
    point[kernel.rows // 2, kernel.columns // 2] = 1
    expected = -(sigma**2) * ndimage.gaussian_laplace(point, sigma, mode="constant", truncate=8)
    np.testing.assert_allclose(kernel.weights, expected, atol=0.002 * expected.max())


@given(sigmas, st.floats(1.05, 4))
def test_a_difference_of_gaussians_is_just_that(sigma: float, ratio: float) -> None:
    wide = round(sigma * ratio, 3)
    kernel = generate("dog", {"sigma1": sigma, "sigma2": wide})
    assert kernel.sum == 0
    assert kernel.is_symmetric
    size = kernel.rows
    parts = [generate("gaussian", {"sigma": s, "size": size}).weights for s in (sigma, wide)]
    np.testing.assert_allclose(kernel.weights, parts[0] - parts[1], atol=1e-14)


def test_the_wider_gaussian_is_wider_by_the_usual_ratio() -> None:
    named = generate("dog", {"sigma1": 2})
    full = generate("dog", {"sigma1": 2, "sigma2": "3.2"})
    assert named.weights.tolist() == full.weights.tolist()


@st.composite
def fits(draw: st.DrawFn) -> tuple[int, int, int]:
    """Draw a window, an order below it and a derivative not above that."""
    window = 2 * draw(st.integers(1, 15)) + 1
    order = draw(st.integers(0, min(window - 1, 7)))
    return window, order, draw(st.integers(0, min(order, 4)))


@given(fits())
def test_savitzky_golay_weights_are_those_of_scipy(fit: tuple[int, int, int]) -> None:
    window, order, derivative = fit
    kernel = generate("savgol", {"window": window, "order": order, "derivative": derivative})
    assert (kernel.rows, kernel.columns) == (1, window)
    expected = signal.savgol_coeffs(window, order, deriv=derivative, use="dot")
    weights = kernel.weights[0] / float(kernel.divisor)
    np.testing.assert_allclose(weights, expected, atol=1e-9 * max(1, np.abs(expected).max()))


@given(fits(), st.data())
def test_savitzky_golay_reproduces_polynomials_exactly(
    fit: tuple[int, int, int], data: st.DataObject
) -> None:
    window, order, derivative = fit
    kernel = generate("savgol", {"window": window, "order": order, "derivative": derivative})
    numbers = st.lists(st.integers(-9, 9), min_size=order + 1, max_size=order + 1)
    coefficients = data.draw(numbers)
    half = window // 2
    values = [sum(c * k**n for n, c in enumerate(coefficients)) for k in range(-half, half + 1)]
    wanted = coefficients[derivative] * math.factorial(derivative)
    if kernel.is_integer:
        weights = [Fraction(int(w)) / kernel.divisor for w in kernel.weights[0]]
        assert sum(w * v for w, v in zip(weights, values, strict=True)) == wanted
    else:
        response = float(kernel.weights[0] @ np.array(values, float))
        largest = max(map(abs, values)) * float(np.abs(kernel.weights).sum())
        assert response == pytest.approx(wanted, abs=1e-12 * largest)


def test_savitzky_golay_is_the_published_one() -> None:
    kernel = generate("savgol", {"window": 5, "order": 2})
    assert kernel.weights.tolist() == [[-3, 12, 17, 12, -3]]
    assert kernel.divisor == 35
    column = generate("savgol", {"window": 5, "order": 2, "axis": "y"})
    assert column.weights.T.tolist() == kernel.weights.tolist()
    slope = generate("savgol", {"window": 5, "order": 2, "derivative": 1})
    assert slope.weights.tolist() == [[-2, -1, 0, 1, 2]]
    assert slope.divisor == 10


def test_a_series_in_one_row_is_smoothed() -> None:
    rng = np.random.default_rng(3)
    clean = np.sin(np.linspace(0, 6, 400))[None, :]
    noisy = clean + 0.1 * rng.standard_normal(clean.shape)
    smooth = convolve(noisy, generate("savgol", {"window": 21, "order": 2}))
    assert np.std(smooth - clean) < 0.45 * np.std(noisy - clean)
    expected = signal.savgol_filter(noisy[0], 21, 2)
    np.testing.assert_allclose(smooth[0, 10:-10], expected[10:-10], atol=1e-12)
