import math

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from convfilter.errors import KernelError
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.generators import sampled
from convfilter.registry.generators.parameter import Unfit
from convfilter.registry.generators.sampled import LEFT_OUT

sigmas = st.floats(0.1, 30)


@given(sigmas)
def test_the_radius_is_the_smallest_that_leaves_out_no_more_than_is_said(sigma: float) -> None:
    profiles = (sampled.gaussian_profile(sigma),) * 2
    radius = sampled.radius_for(profiles, None)
    assert sampled.share_left_out(profiles, radius) < LEFT_OUT
    assert radius == 0 or sampled.share_left_out(profiles, radius - 1) >= LEFT_OUT


@pytest.mark.parametrize("sigma", [2.0, 5.0])
def test_the_share_left_out_is_that_of_the_integral(sigma: float) -> None:
    profiles = (sampled.gaussian_profile(sigma),) * 2
    for radius in (int(2 * sigma), int(3 * sigma)):
        integral = 1 - math.erf((radius + 0.5) / sigma / math.sqrt(2)) ** 2
        assert sampled.share_left_out(profiles, radius) == pytest.approx(integral, rel=0.15)


@given(sigmas, st.integers(1, 40))
def test_derivatives_are_exact_on_polynomials(sigma: float, radius: int) -> None:
    x = sampled.distances(radius)
    first = sampled.first_derivative(sigma, radius)
    try:
        second = sampled.second_derivative(sigma, radius)
    except Unfit:
        reject()
    assert math.fsum(first) == 0
    assert math.fsum(first * x) == pytest.approx(1)
    assert math.fsum(first * x**2) == 0
    assert math.fsum(second) == pytest.approx(0, abs=1e-12 * np.abs(second).sum())
    assert math.fsum(second * x) == 0
    assert math.fsum(second * x**2 / 2) == pytest.approx(1)


@pytest.mark.parametrize("text", ["gaussian:sigma=1,order=2,size=3", "log:sigma=1,size=3"])
def test_cells_without_curvature_are_refused(text: str) -> None:
    with pytest.raises(KernelError, match="second derivative is 0"):
        get_kernel(text)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=99))
def test_cancelled_weights_sum_to_zero_and_hardly_move(values: list[float]) -> None:
    given_weights = np.array(values) - math.fsum(values) / len(values)
    if not given_weights.any():
        return
    even = sampled.cancelled(given_weights)
    assert math.fsum(even) == 0
    assert np.abs(even - given_weights).max() <= 1e-12


def test_a_peak_on_a_wide_plain_is_not_moved_to_make_it_cancel() -> None:
    plain = sampled.gaussian(24, 100)
    weights = -np.outer(plain, plain)
    weights[100, 100] += 1
    even = sampled.cancelled(weights)
    assert abs(math.fsum(even.ravel())) <= 1e-16
    assert np.abs(even - weights).sum() <= 1e-13
