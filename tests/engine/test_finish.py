"""Sums become the samples that fractions say, whichever way they are rounded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter.engine.finish import Finish
from convfilter.engine.samples import FLOAT32, FLOAT64, LARGEST_SUM, NEAR_TIE, Sums
from convfilter.named import RANGES
from tests import oracle

HALF = Fraction(1, 2)
LARGEST = [100, 2**15 - 1, 2**15, 2**16, 2**24, 2**31, 2**43, 2**50, 2**55, LARGEST_SUM - 1]
INTEGERS = ["uint16", "int16", "uint32", "int32", "int64"]

offsets = st.sampled_from([Fraction(0), HALF, Fraction(-1, 3), Fraction(2, 7)]) | st.fractions(
    -2, 2, max_denominator=10**6
)
divisors = (
    st.integers(1, 300)
    | st.integers(0, 80).map(lambda power: 2**power)
    | st.integers(1, 2**64)
    | st.integers(2**64, 2**80)
)


@dataclass(frozen=True)
class Problem:
    """Sums, and what is to become of them."""

    sums: list[int]
    limits: tuple[int, int]
    divisor: int
    offset: Fraction
    full: int
    kept: str
    """The dtype of the sums."""

    def finish(self, named: str | None, dtype: str, knows_bounds: bool = False) -> Finish:
        bounds = (float(self.limits[0]), float(self.limits[1])) if knows_bounds else None
        known = Sums((1, len(self.sums)), ("",), self.divisor, self.full, self.limits, bounds)
        return Finish.of(known, self.full, self.offset, named, np.dtype(dtype))

    @property
    def dtype(self) -> str:
        """Whole levels of such a full scale."""
        return "uint8" if self.full == 255 else "uint16"

    @property
    def array(self) -> NDArray[Any]:
        """The sums as they are kept."""
        return np.array(self.sums, self.kept)

    @property
    def values(self) -> list[Fraction]:
        """Without the offset, as the oracle takes them."""
        return [Fraction(total, self.divisor) for total in self.sums]


def holding(low: int, high: int) -> list[str]:
    """Return the dtypes that hold all integers of a range."""
    exact = {"float32": 2**24, "float64": 2**53}
    return [
        *(name for name in INTEGERS if np.iinfo(name).min <= low and high <= np.iinfo(name).max),
        *(name for name, most in exact.items() if max(-low, high) <= most),
    ]


@st.composite
def problems(draw: st.DrawFn, most_divisor: int = 2**80) -> Problem:
    """Draw exact sums, many of them at a tie or beside it, of limits narrow to wide."""
    largest = draw(st.sampled_from(LARGEST))
    low, high = draw(st.sampled_from([(-1, 1), (0, 1), (-1, 0)]))
    low, high = low * largest, high * largest
    close = st.integers(largest // 2, 2 * largest + 3)
    divisor = draw((divisors | close).map(lambda drawn: min(drawn, most_divisor)))
    full, offset = draw(st.sampled_from([255, 65535])), draw(offsets)
    level = st.sampled_from([-1, 0, 1, full // 2, full - 1, full]) | st.integers(-full, 2 * full)
    ties = st.builds(
        lambda level, sign, beside: (
            math.floor(sign * (level + HALF - offset * full) * divisor) + beside
        ),
        level,
        st.sampled_from([1, -1]),
        st.integers(-1, 1),
    )
    within = (st.sampled_from([low, high]) | st.integers(low, high) | ties).map(
        lambda total: min(max(total, low), high)
    )
    sums = draw(st.lists(within, min_size=1, max_size=6))
    kept = draw(st.sampled_from(holding(low, high)))
    return Problem(sums, (low, high), divisor, offset, full, kept)


def finished(finish: Finish, sums: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return the samples and how many were clipped; the sums stay as they are."""
    if finish.needs_extremes:
        finish = finish.with_extremes(finish.extremes_of(sums))
    out = np.empty(sums.shape, finish.dtype)
    return out, finish.finish(sums.copy(), out)


def lost(values: Sequence[Fraction], full: int, named: str) -> int:
    """Count the levels beyond the scale, but for those that the range takes out on purpose."""
    levels = [math.floor(abs(value) + HALF if named == "abs" else value + HALF) for value in values]
    if named == "stretch":
        return 0
    return sum(level > full or (level < 0 and named != "relu") for level in levels)


@pytest.mark.parametrize("named", [name for name in RANGES if name != "stretch"])
@given(problem=problems(), knows_bounds=st.booleans())
@example(Problem([-300, 5], (-300, 5), 1, Fraction(0), 255, "int16"), True)
@example(Problem([-(2**15), 7], (-(2**15), 7), 3, Fraction(1, 7), 255, "int16"), False)
@example(Problem([0, 100], (0, 100), 130_000, Fraction(0), 255, "uint16"), False)
def test_levels_of_exact_sums_are_exact_and_those_cut_off_are_counted(
    named: str, problem: Problem, knows_bounds: bool
) -> None:
    made, clipped = finished(problem.finish(named, problem.dtype, knows_bounds), problem.array)
    full = problem.full
    assert made.tolist() == oracle.levels([problem.values], full, problem.offset, named)[0]
    middle = HALF if named == "center" else 0
    shifted = [value + (problem.offset + middle) * full for value in problem.values]
    assert clipped == lost(shifted, full, named)


@given(problem=problems(), knows_bounds=st.booleans())
@example(
    Problem([0, 32767 * 7**13, 65534 * 7**13], (0, 2**53), 1, Fraction(0), 65535, "int64"), True
)
def test_stretched_levels_of_exact_sums_are_exact(problem: Problem, knows_bounds: bool) -> None:
    made, clipped = finished(problem.finish("stretch", problem.dtype, knows_bounds), problem.array)
    expected = oracle.levels([problem.values], problem.full, problem.offset, "stretch")[0]
    assert (made.tolist(), clipped) == (expected, 0)


@given(
    lowest=st.floats(50, 200, width=32),
    steps=st.lists(st.integers(0, 400), min_size=1, max_size=6),
    divisor=st.floats(0.5, 2),
)
@example(113.66490936279297, [35, 268], 0.6820754157650131)
def test_the_brightest_of_a_nearly_even_picture_of_floats_stays_white(
    lowest: float, steps: list[int], divisor: float
) -> None:
    sums = np.float32(lowest) + np.array([0, *sorted(steps)], np.float32) * np.float32(2**-17)
    known = Sums((1, len(sums)), ("",), divisor, 255, None, (0.0, 255.0 * divisor), 2.0**-21)
    made, _ = finished(Finish.of(known, 255, Fraction(0), "stretch", np.dtype(np.uint8)), sums)
    assert (np.diff(made.astype(int)) >= 0).all()


@pytest.mark.parametrize("full", [255, 65535])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("total", [-(2**40), -7, 0, 3, 2**40])
def test_an_even_picture_is_stretched_to_black(full: int, dtype: str, total: int) -> None:
    problem = Problem([total] * 3, (-(2**40), 2**40), 3, Fraction(1, 3), full, "int64")
    made, clipped = finished(problem.finish("stretch", dtype), np.array(problem.sums))
    assert (made.tolist(), clipped) == ([0, 0, 0], 0)


def test_what_steps_before_left_undivided_is_divided_at_the_end() -> None:
    sums = Sums((1, 3), ("",), 4, 255 * 9, (-100, 10_000), None)
    made, clipped = finished(
        Finish.of(sums, 255, Fraction(0), "clip", np.dtype("uint8")), np.array([17, 18, 9180])
    )
    assert (made.tolist(), clipped) == ([0, 1, 255], 0)


def ranged(values: list[Fraction], full: int, named: str | None) -> list[Fraction]:
    """Return what unrounded values become."""
    low, high = min(values), max(values)
    if named == "stretch":
        return [(value - low) * full / (high - low) if high > low else low * 0 for value in values]
    if named == "center":
        return [value + full * HALF for value in values]
    if named == "abs":
        return [abs(value) for value in values]
    least, most = {"clip": (0, full), "relu": (0, None)}.get(named or "", (None, None))
    above = [value if least is None else max(value, Fraction(least)) for value in values]
    return [value if most is None else min(value, Fraction(most)) for value in above]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(named=st.sampled_from([None, *RANGES]), problem=problems(most_divisor=2**40))
def test_unrounded_values_are_as_precise_as_their_dtype(
    dtype: str, named: str | None, problem: Problem
) -> None:
    full = problem.full
    values = [value + problem.offset * full for value in problem.values]
    made, _ = finished(problem.finish(named, dtype), problem.array)
    largest = max(*map(abs, problem.values), abs(problem.offset) * full + full)
    error = 8 * float(np.finfo(dtype).eps) * float(largest)
    if named == "stretch":
        spread = float(max(values) - min(values))
        assume(spread == 0 or error < spread / 20)
        error += 2 * full * error / (spread or full)
    assert made.dtype == dtype
    expected = [float(value) for value in ranged(values, full, named)]
    assert np.abs(made - expected).max() <= error


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    named=st.sampled_from([None, *RANGES]),
    halves=st.lists(st.integers(-600, 600), min_size=1, max_size=9),
)
def test_unrounded_values_are_cut_off_and_counted_by_clip_alone(
    dtype: str, named: str | None, halves: list[int]
) -> None:
    problem = Problem(halves, (-600, 600), 2, Fraction(0), 255, "int16")
    made, clipped = finished(problem.finish(named, dtype), np.array(halves, np.int16))
    if named != "stretch":
        assert made.tolist() == ranged(problem.values, 255, named)
    outside = sum(not 0 <= half <= 510 for half in halves)
    assert clipped == (outside if named == "clip" else 0)


TIES = [0, 1, 99, 200, 253, 254]


def float_finish(
    named: str, divisor: float, offset: Fraction, full: int, near_tie: float
) -> Finish:
    """Finish sums of floats as they are after a kernel of floats."""
    sums = Sums((1, 1), ("",), divisor, full, None, None, near_tie)
    return Finish.of(sums, full, offset, named, np.dtype("uint8" if full == 255 else "uint16"))


@pytest.mark.parametrize("named", ["clip", "relu", "abs", "center"])
@pytest.mark.parametrize("kept", ["float32", "float64"])
@pytest.mark.parametrize("full", [255, 65535])
@pytest.mark.parametrize("divisor", [1, 3, 0.7, 1000.5])
@pytest.mark.parametrize(("below", "is_taken"), [(0, True), (0.5, True), (1.5, False)])
def test_values_a_little_below_a_tie_go_up_with_it(
    named: str, kept: str, full: int, divisor: float, below: float, is_taken: bool
) -> None:
    near = min(NEAR_TIE[np.dtype(kept)] * full, 2.0**-5)
    middle = Fraction(full, 2) if named == "center" else 0
    ties = [level * (full // 255) + HALF for level in TIES]
    values = [tie - middle - Fraction(below * near) for tie in ties]
    sums = np.array([float(value * Fraction(divisor)) for value in values], kept)
    if named == "abs":
        sums = -sums
    finish = float_finish(named, divisor, Fraction(0), full, NEAR_TIE[np.dtype(kept)])
    made, clipped = finished(finish, sums)
    assert made.tolist() == [math.floor(tie) + is_taken for tie in ties]
    assert clipped == 0


@pytest.mark.parametrize("near_tie", [0.0, NEAR_TIE[FLOAT64], NEAR_TIE[FLOAT32], 0.01, 0.5])
@pytest.mark.parametrize("full", [255, 65535])
def test_values_are_taken_up_by_a_32nd_of_a_level_at_most(near_tie: float, full: int) -> None:
    values = np.array([7.5 - 2.0**-4, 7.5 - 2.0**-5, 7.5, 8.5 - 2.0**-4])
    finish = float_finish("clip", 1, Fraction(0), full, near_tie)
    taken = near_tie * full >= 2.0**-5
    assert finished(finish, values)[0].tolist() == [7, 7 + taken, 8, 8]


@pytest.mark.parametrize("kept", ["float32", "float64"])
@given(
    named=st.sampled_from(list(RANGES)),
    quarters=st.lists(st.integers(-(2**12), 2**12), min_size=1, max_size=9),
    power=st.integers(-3, 9),
    offset=st.sampled_from([Fraction(0), Fraction(1, 255), Fraction(-2, 255)]),
)
@example(named="clip", quarters=[-2, 2, 1018, 1019, 1021, 1022, 1023], power=0, offset=Fraction(0))
def test_levels_of_sums_without_error_are_exact_in_floats_too(
    kept: str, named: str, quarters: list[int], power: int, offset: Fraction
) -> None:
    divisor = 2.0**power
    values = [Fraction(quarter, 4) for quarter in quarters]
    finish = float_finish(named, divisor, offset, 255, 0.0)
    made, clipped = finished(finish, np.array(quarters, kept) / 4 * np.dtype(kept).type(divisor))
    expected = oracle.levels([values], 255, offset, named)[0]
    difference = np.abs(made.astype(int) - expected).max()
    assert difference <= (1 if named == "stretch" else 0)
    middle = HALF if named == "center" else 0
    shifted = [value + (offset + middle) * 255 for value in values]
    assert clipped == lost(shifted, 255, named)


@pytest.mark.parametrize(("spread", "most"), [(0.5, 0), (3.9, 0), (4.1, 255), (100, 255)])
@pytest.mark.parametrize("level", [0, 3, 200])
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_values_no_further_apart_than_their_error_are_an_even_picture(
    spread: float, most: int, level: int, dtype: str
) -> None:
    near = 2.0**-21
    sums = Sums((1, 2), ("",), 2, 255, None, None, near)
    finish = Finish.of(sums, 255, Fraction(0), "stretch", np.dtype(dtype))
    values = np.array([level, level + spread * near * 255]) * 2
    made, _ = finished(finish, values)
    assert made[0] == 0
    assert made[1] == pytest.approx(most)


def test_floats_of_any_scale_are_stretched_unless_they_are_even() -> None:
    sums = Sums((1, 2), ("",), 1, 1, None, None, 2.0**-44)
    finish = Finish.of(sums, 1, Fraction(0), "stretch", FLOAT64)
    assert finished(finish, np.array([0, 5e-300]))[0].tolist() == [0, 1]
    assert finished(finish, np.array([7.0, 7.0 + 2**-43]))[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("sums", "extremes"),
    [
        ([3.0, -2.0, 7.0], (-2, 7)),
        ([np.nan, 3.0, np.inf, -np.inf, 4.0], (3, 4)),
        ([np.nan, np.inf], (np.inf, -np.inf)),
    ],
)
def test_the_extremes_are_those_of_the_finite_sums(
    sums: list[float], extremes: tuple[float, float]
) -> None:
    finish = float_finish("stretch", 1, Fraction(0), 255, 0.0)
    assert finish.needs_extremes
    assert finish.extremes_of(np.array([[sums]])) == extremes
    assert not finish.with_extremes(extremes).needs_extremes


@pytest.mark.parametrize("is_rounded", [True, False])
@given(
    named=st.sampled_from(list(RANGES)),
    problem=problems(),
    cut=st.integers(0, 6),
    step=st.integers(1, 3),
)
def test_pieces_in_larger_memory_are_finished_as_the_whole_and_touch_nothing_else(
    is_rounded: bool, named: str, problem: Problem, cut: int, step: int
) -> None:
    finish = problem.finish(named, problem.dtype if is_rounded else "float32")
    if finish.needs_extremes:
        finish = finish.with_extremes(finish.extremes_of(problem.array))
    expected, clipped = finished(finish, problem.array)
    sums = np.full((2, len(expected) * step), 77, problem.kept)
    result = np.full(sums.shape, 55, finish.dtype)
    sums[0, ::step] = problem.array
    pieces = [
        (sums[0, ::step][part], result[0, ::step][part]) for part in (slice(cut), slice(cut, None))
    ]
    assert sum(finish.finish(*piece) for piece in pieces) == clipped
    np.testing.assert_array_equal(result[0, ::step], expected)
    sums[0, ::step], result[0, ::step] = 77, 55
    assert (sums == 77).all()
    assert (result == 55).all()
