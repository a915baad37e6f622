import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import ndimage

from convfilter.kernel import Kernel
from convfilter.registry.generators.making import generate

sigmas = st.floats(0.8, 12).map(lambda sigma: round(sigma, 3))


def moments(kernel: Kernel) -> tuple[float, float, float]:
    """Return the sum, and the variance along x and y, around the origin."""
    weights = kernel.weights / float(kernel.divisor)
    y, x = (np.arange(n) - o for n, o in zip(weights.shape, kernel.origin, strict=True))
    return float(weights.sum()), float(weights.sum(0) @ x**2), float(weights.sum(1) @ y**2)


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_box_is_the_mean(columns: int, rows: int) -> None:
    kernel = generate("box", {"size": columns, "rows": rows})
    assert (kernel.rows, kernel.columns) == (rows, columns)
    assert kernel.is_integer
    assert kernel.sum == kernel.divisor == rows * columns
    assert (kernel.weights == 1).all()
    assert generate("box", {"size": columns}).rows == columns


@given(sigmas)
def test_a_gaussian_sums_to_1_is_symmetric_and_as_wide_as_it_says(sigma: float) -> None:
    kernel = generate("gaussian", {"sigma": sigma})
    total, variance_x, variance_y = moments(kernel)
    assert kernel.sum == pytest.approx(1, abs=2e-16)
    assert total == pytest.approx(1)
    assert kernel.is_symmetric
    assert kernel.rows == kernel.columns
    assert kernel.rows % 2 == 1
    assert variance_x == pytest.approx(sigma**2, rel=0.005)
    assert variance_y == pytest.approx(sigma**2, rel=0.005)
    assert "% of the mass" in kernel.description


@pytest.mark.parametrize("sigma", [0.8, 2.5, 7.0])
def test_a_gaussian_is_what_scipy_makes_of_a_point(sigma: float) -> None:
    kernel = generate("gaussian", {"sigma": sigma})
    radius = kernel.rows // 2
    point = np.zeros(2 * radius + 1)
    point[radius] = 1
    row = ndimage.gaussian_filter1d(point, sigma, mode="constant", radius=radius)
    np.testing.assert_allclose(kernel.weights, np.outer(row, row), rtol=1e-12, atol=1e-18)


@given(st.integers(0, 60).map(lambda n: 2 * n + 1))
def test_a_gaussian_of_a_size_is_covered_by_it(size: int) -> None:
    kernel = generate("gaussian", {"size": size})
    assert kernel.rows == kernel.columns == size
    (share,) = [word for word in kernel.description.split(", ") if word.endswith("mass")]
    percent = share.removeprefix("less than ").split(" %")[0]
    assert float(percent) <= 0.0101


def test_the_error_of_a_small_size_is_stated() -> None:
    told = generate("gaussian", {"sigma": 5, "size": 11}).description
    assert "11 × 11" in told
    assert "beyond 5 cells, 47 % of the mass" in told


@given(sigmas, st.sampled_from("12"), st.sampled_from("xy"))
def test_derivatives_cancel_exactly_and_are_exact_on_polynomials(
    sigma: float, order: str, axis: str
) -> None:
    kernel = generate("gaussian", {"sigma": sigma, "order": order, "axis": axis})
    assert kernel.sum == 0
    assert kernel.is_zero_sum
    assert kernel.range == "abs"
    along = kernel.weights.sum(axis=0 if axis == "x" else 1)
    across = kernel.weights.sum(axis=1 if axis == "x" else 0)
    x = np.arange(len(along)) - len(along) // 2
    assert along @ x ** int(order) / math.factorial(int(order)) == pytest.approx(1)
    assert across == pytest.approx(0, abs=1e-12)


@given(st.integers(1, 60))
def test_a_binomial_kernel_is_exact_as_long_as_its_sums_fit(n: int) -> None:
    kernel = generate("binomial", {"n": n})
    assert (kernel.rows, kernel.columns) == (n + 1, n + 1)
    exact = [Fraction(math.comb(n, k), 2**n) for k in range(n + 1)]
    expected = np.outer([float(v) for v in exact], [float(v) for v in exact])
    np.testing.assert_allclose(kernel.weights / float(kernel.divisor), expected, rtol=1e-14)
    assert kernel.is_integer == (2 * n <= 44)
    assert float(kernel.sum / kernel.divisor) == pytest.approx(1, abs=1e-14)


def area_by_samples(radius: float, row: int, column: int, steps: int = 400) -> float:
    """Count points of a fine grid in one pixel that lie in the disk."""
    at = (np.arange(steps) + 0.5) / steps - 0.5
    inside = (row + at[:, None]) ** 2 + (column + at[None, :]) ** 2 <= radius**2
    return float(inside.mean())


@pytest.mark.parametrize("radius", [0.3, 0.5, 0.6, 1, 1.5, 2.2, 4.75])
def test_a_disk_covers_pixels_by_area(radius: float) -> None:
    kernel = generate("disk", {"radius": radius})
    middle = kernel.rows // 2
    for row in range(kernel.rows):
        for column in range(kernel.columns):
            area = area_by_samples(radius, row - middle, column - middle)
            share = kernel.weights[row, column] * math.pi * radius**2
            assert share == pytest.approx(area, abs=0.003)


@given(st.floats(0.1, 40))
def test_a_disk_is_round_and_sums_to_1(radius: float) -> None:
    kernel = generate("disk", {"radius": radius})
    assert float(kernel.sum) == pytest.approx(1, abs=2e-16)
    assert kernel.is_symmetric
    np.testing.assert_array_equal(kernel.weights, kernel.weights.T)
    assert kernel.weights[0].any() or radius < 0.5
    # A disk's variance along an axis is r²/4, that of a pixel 1/12.
    if radius > 2:
        assert moments(kernel)[1] == pytest.approx(radius**2 / 4 + 1 / 12, rel=0.05)
        full = kernel.weights.max()
        assert 1 / full == pytest.approx(math.pi * radius**2)


@given(st.floats(1.5, 30), st.floats(0.2, 2))
@example(10.941, 0.703)  # whose inner radius, squared, depends on who squares it
def test_a_ring_is_one_disk_less_another(radius: float, width: float) -> None:
    radius, width = round(radius, 3), round(width, 3)
    kernel = generate("ring", {"radius": radius, "width": width})
    outer, inner = radius + width / 2, radius - width / 2
    assert float(kernel.sum) == pytest.approx(1, abs=1e-14)
    assert kernel.is_symmetric
    assert (kernel.weights >= 0).all()
    disks = [generate("disk", {"radius": r}).weights * math.pi * r**2 for r in (outer, inner)]
    margin = (len(disks[0]) - len(disks[1])) // 2
    expected = disks[0] - np.pad(disks[1], margin)
    np.testing.assert_allclose(
        kernel.weights * math.pi * (outer**2 - inner**2), expected, atol=1e-9
    )
