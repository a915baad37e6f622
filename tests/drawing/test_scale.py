import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.drawing.lettering import MINUS
from convfilter.drawing.scale import round_steps, written


@given(st.floats(1e-9, 1e9), st.booleans())
def test_steps_are_round_few_and_within(high: float, both: bool) -> None:
    low = -high if both else 0.0
    steps = round_steps(low, high)
    assert 3 <= len(steps) <= 9
    assert all(low * 1.001 <= step <= high * 1.001 for step in steps)
    gap = steps[1] - steps[0]
    digits = gap / 10 ** math.floor(math.log10(gap) + 1e-9)
    assert min(abs(digits - round_digit) for round_digit in (1, 2, 5, 10)) < 1e-6


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (-0.25, f"{MINUS}0.25"), (1e-7, "1e-07"), (0.1 + 0.2, "0.3")]
)
def test_values_are_written_short(value: float, shown: str) -> None:
    assert written(value) == shown
