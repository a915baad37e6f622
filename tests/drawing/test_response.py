import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter import Kernel
from convfilter.drawing.response import (
    SAMPLES,
    draw_response,
    frequency_response,
    response_facts,
)
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from tests.strategies import kernel_fields


def gain(kernel: Kernel, down: float, across: float) -> float:
    """Return the gain for one wave by adding up its definition."""
    total = sum(
        weight * cmath.exp(-2j * math.pi * (down * row + across * column))
        for (row, column), weight in np.ndenumerate(kernel.weights)
    )
    return float(abs(total)) / abs(float(kernel.divisor))


@given(kernel_fields(), st.integers(0, 16), st.integers(0, 16))
def test_gains_are_what_the_definition_gives(fields: dict[str, object], y: int, x: int) -> None:
    kernel = Kernel(**fields)  # type: ignore[arg-type]
    gains = frequency_response(kernel, 16)
    assert gains.shape == (17, 17)
    assert gains[y, x] == pytest.approx(gain(kernel, y / 16 - 0.5, x / 16 - 0.5), abs=1e-9)


def test_kernels_larger_than_the_plot_are_folded_not_cut() -> None:
    kernel = Kernel(np.random.default_rng(5).integers(-9, 9, (37, 21)))
    gains = frequency_response(kernel, 16)
    for y, x in ((8, 8), (0, 3), (16, 16), (5, 11)):
        assert gains[y, x] == pytest.approx(gain(kernel, y / 16 - 0.5, x / 16 - 0.5))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("blur5", "gain 1 at frequency 0 · largest 1"),
        ("sobel-x", "gain 0 at frequency 0 · largest 8"),
        ("sharpen", "gain 1 at frequency 0 · largest 9"),
    ],
)
def test_facts(name: str, facts: str) -> None:
    assert response_facts(get_kernel(name)) == [facts]


def test_the_picture_shows_where_the_gain_is() -> None:
    wide = np.asarray(draw_response(Kernel([[-1, 0, 1]])).convert("L")).astype(int)
    tall = np.asarray(draw_response(Kernel([[-1], [0], [1]])).convert("L")).astype(int)
    top, left = 28 + 23, 28 + 92
    quarter, half = SAMPLES // 4, SAMPLES // 2
    assert wide[top + half, left + quarter] > wide[top + quarter, left + half] + 100
    assert tall[top + quarter, left + half] > tall[top + half, left + quarter] + 100


def test_nothing_passes_a_kernel_of_zeros() -> None:
    assert draw_response(Kernel([[0]])).width > SAMPLES
    assert response_facts(Kernel([[0]])) == ["gain 0 at frequency 0 · largest 0"]
