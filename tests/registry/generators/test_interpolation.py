import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import interpolate

from convfilter.kernel import Kernel
from convfilter.registry.generators.making import generate

CUBICS = ("mitchell", "catmull-rom", "b-spline")
scales = st.fractions(1, 6, max_denominator=5)


def row_of(kernel: Kernel) -> Any:
    """Return the row whose product with itself the kernel is."""
    return kernel.weights.sum(axis=0) / float(kernel.divisor)


@given(st.sampled_from(CUBICS), scales)
def test_cubics_are_exact_at_rational_scales(name: str, scale: object) -> None:
    kernel = generate(name, {"scale": scale})
    assert float(kernel.sum / kernel.divisor) == pytest.approx(1, abs=1e-14)
    assert kernel.is_symmetric
    assert kernel.rows == kernel.columns
    assert kernel.rows % 2 == 1
    assert kernel.weights[0].any()
    if kernel.is_integer:
        assert kernel.sum == kernel.divisor


@pytest.mark.parametrize("name", CUBICS)
@pytest.mark.parametrize("scale", [1, 2, 3, "3/2"])
def test_cubics_at_plain_scales_are_integers(name: str, scale: object) -> None:
    assert generate(name, {"scale": scale}).is_integer


@given(st.integers(1, 10), scales)
def test_lanczos_sums_to_1_and_is_symmetric(a: int, scale: object) -> None:
    kernel = generate("lanczos", {"a": a, "scale": scale})
    assert float(kernel.sum) == pytest.approx(1, abs=2e-16)
    assert kernel.is_symmetric
    assert kernel.factors


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("lanczos", [1]),
        ("catmull-rom", [1]),
        ("mitchell", [1 / 18, 16 / 18, 1 / 18]),
        ("b-spline", [1 / 6, 4 / 6, 1 / 6]),
    ],
)
def test_at_scale_1_they_are_what_resizing_to_the_same_size_does(
    name: str, row: list[float]
) -> None:
    assert row_of(generate(name, {"scale": 1})) == pytest.approx(row, abs=1e-15)


@pytest.mark.parametrize("scale", [2, 2.5, 4])
def test_weights_are_samples_of_the_formulas(scale: float) -> None:
    lanczos = row_of(generate("lanczos", {"scale": scale}))
    x = (np.arange(len(lanczos)) - len(lanczos) // 2) / scale
    expected = np.sinc(x) * np.sinc(x / 3)
    np.testing.assert_allclose(lanczos, expected / expected.sum(), atol=1e-15)
    spline = row_of(generate("b-spline", {"scale": scale}))
    x = (np.arange(len(spline)) - len(spline) // 2) / scale
    expected = interpolate.BSpline.basis_element([-2, -1, 0, 1, 2])(x)
    np.testing.assert_allclose(spline, expected / expected.sum(), atol=1e-15)


@pytest.mark.parametrize("name", ["lanczos", *CUBICS])
def test_what_a_smaller_picture_cannot_hold_is_damped(name: str) -> None:
    row = row_of(generate(name, {"scale": 4}))
    x = np.arange(len(row)) - len(row) // 2

    def passed(frequency: float) -> float:
        return abs(float(row @ np.cos(2 * math.pi * frequency * x)))

    assert passed(0) == pytest.approx(1)
    assert passed(1 / 40) > 0.85
    assert passed(1 / 4) < 0.05
