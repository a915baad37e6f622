import math
from fractions import Fraction

import numpy as np
import pytest

from convfilter.engine.combining import turns as engine_turns
from convfilter.explain.exact import apply_range, combine, round_half_up, square_root, turns


@pytest.mark.parametrize(
    ("name", "expected"),
    [("l1", 7), ("l2", 5), ("max", 3), ("min", -4), ("sum", -1), ("mean", Fraction(-1, 2))],
)
def test_values_are_combined_without_error(name: str, expected: int | Fraction) -> None:
    assert combine(name, [3, -4], 255) == expected


def test_roots_that_are_not_rational_are_near() -> None:
    assert abs(Fraction(square_root(2)) ** 2 - 2) < Fraction(1, 2**90)
    assert square_root(Fraction(9, 4)) == Fraction(3, 2)


@pytest.mark.parametrize("down", range(-2, 3))
@pytest.mark.parametrize("across", range(-2, 3))
def test_directions_are_those_of_the_engine(across: int, down: int) -> None:
    theirs = engine_turns(np.array([float(across)]), np.array([float(down)]))[0]
    assert float(turns(Fraction(across), Fraction(down))) == pytest.approx(theirs, abs=1e-15)


@pytest.mark.parametrize(
    ("value", "level"), [(Fraction(1, 2), 1), (Fraction(-1, 2), 0), (Fraction(-3, 2), -1)]
)
def test_halves_go_up(value: Fraction, level: int) -> None:
    assert round_half_up(value) == level


@pytest.mark.parametrize("name", ["l1", "l2", "max", "min", "sum", "mean", "angle"])
def test_nan_stays_nan(name: str) -> None:
    assert math.isnan(combine(name, [1, math.nan], 1))
    assert math.isnan(apply_range("relu", math.nan, 1))


def test_stretching_an_even_picture_gives_black() -> None:
    assert apply_range("stretch", 7, 255, (7, 7)) == 0
    assert apply_range("stretch", 7, 255, (5, 9)) == Fraction(255, 2)
