"""Sums that run down the picture are those of every window by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import Kernel, apply
from convfilter.chain import Chain
from convfilter.engine.bands import execute
from convfilter.engine.convolve import convolve, describe
from convfilter.engine.plan import Plan, make_plan
from convfilter.engine.running import RunningSums
from convfilter.options import FilterOptions
from convfilter.rows import Band, InterleavedRows, InterleavedSink, PlanarRows, PlanarSink
from tests.engine.executed import run

SEED = np.random.default_rng(21)
PICTURE = SEED.integers(0, 256, (70, 23, 3), dtype=np.uint8)
TALL = Kernel(np.ones((31, 3), int), divisor=93)


@pytest.fixture(autouse=True)
def _running_sums_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    make_plan.cache_clear()
    monkeypatch.setattr(RunningSums, "seconds", lambda *_: 1e-15)
    yield
    make_plan.cache_clear()


def planned(kernel: Kernel, picture: NDArray[Any] = PICTURE, **options: Any) -> Plan:
    """Plan to filter with running sums, whatever they cost."""
    stated = FilterOptions.parse(method="separable", **options)
    plan = make_plan(describe(picture.shape, picture.dtype), Chain.of([kernel], stated))
    assert isinstance(plan.steps[0].prepared, RunningSums)
    return plan


@given(
    height=st.integers(1, 40),
    row=st.lists(st.integers(-3, 3), min_size=1, max_size=5).filter(any),
    rows=st.integers(1, 75),
    workers=st.integers(1, 3),
    border=st.sampled_from(["edge", "mirror", "wrap", "constant:0.3"]),
    padding=st.sampled_from(["same", "valid", "full"]),
    stride=st.integers(1, 3),
    deep=st.booleans(),
)
def test_they_are_the_sums_cell_by_cell(
    height: int,
    row: list[int],
    rows: int,
    workers: int,
    border: str,
    padding: str,
    stride: int,
    deep: bool,
) -> None:
    picture = PICTURE.astype(np.uint16) * 257 if deep else PICTURE
    kernel = Kernel(np.tile(row, (height, 1)), divisor=17, range="abs")
    options: dict[str, Any] = {
        "border": border,
        "padding": padding,
        "stride": stride,
    }
    plan = replace(planned(kernel, picture, **options), band_rows=rows, workers=workers)
    expected = convolve(picture, kernel, method="integer", **options)
    np.testing.assert_array_equal(run(plan, picture), expected)


def test_sums_that_never_come_near_zero_are_right() -> None:
    bright = Kernel([[1]], divisor=4, offset=0.75)
    wide = Kernel(np.ones((9, 51), int), divisor=459)
    stated = FilterOptions.parse(method="separable")
    plan = make_plan(describe(PICTURE.shape, PICTURE.dtype), Chain.of([bright, wide], stated))
    assert isinstance(plan.steps[-1].prepared, RunningSums)
    expected = apply(PICTURE, [bright, wide], method="integer").array
    np.testing.assert_array_equal(run(plan, PICTURE), expected)


def test_negative_factors_fit_unsigned_sums() -> None:
    negated, box = Kernel([[-1]]), Kernel(-np.ones((31, 31), int), divisor=961)
    expected = apply(PICTURE, [negated, box], method="integer").array
    np.testing.assert_array_equal(apply(PICTURE, [negated, box]).array, expected)


def test_only_the_last_of_a_chain_runs() -> None:
    stated = FilterOptions.parse(method="separable")
    plan = make_plan(describe(PICTURE.shape, PICTURE.dtype), Chain.of([TALL, TALL], stated))
    running = [isinstance(step.prepared, RunningSums) for step in plan.steps]
    assert running == [False, True]
    assert plan.band_rows >= 30  # what the first computes for a single row of the second


def test_planes_are_summed_each_by_itself() -> None:
    plan = replace(planned(TALL), band_rows=7)
    result = np.zeros_like(PICTURE)
    execute(plan, PlanarRows(PICTURE), PlanarSink(result))
    np.testing.assert_array_equal(result, run(plan, PICTURE))


class _Counted(InterleavedRows):
    """Rows that tell how many of them were read."""

    count = 0

    def read(self, top: int, bottom: int, out: Band) -> None:
        self.count += bottom - top
        super().read(top, bottom, out)


def test_every_row_is_read_once_by_one_thread() -> None:
    plan = replace(planned(TALL, padding="valid"), band_rows=7, workers=1)
    source, result = _Counted(PICTURE), np.zeros((*plan.size, 3), np.uint8)
    assert len(plan.turns) == 1
    execute(plan, source, InterleavedSink(result))
    assert source.count == len(PICTURE)


def test_a_turn_is_many_times_as_high_as_what_it_has_to_read_again() -> None:
    tall = np.zeros((5000, 4, 1), np.uint8)
    plan = replace(planned(TALL, tall), band_rows=40, workers=3)
    assert len(plan.turns) % plan.workers == 0
    assert all(turn[-1][1] - turn[0][0] >= 16 * 30 for turn in plan.turns)
    assert [band for turn in plan.turns for band in turn] == plan.bands


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        (Kernel([[1, 2], [1, 3]]), {}),
        (Kernel([[1, 1], [2, 2]]), {}),
        (Kernel(np.ones((3, 3), int)), {"dilation": 2}),
        (Kernel([[1, 1, 1], [1, 5, 1], [1, 1, 1]]), {}),
    ],
)
def test_only_equal_rows_close_together_run(kernel: Kernel, options: dict[str, Any]) -> None:
    made = make_plan(
        describe(PICTURE.shape, PICTURE.dtype),
        Chain.of([kernel], FilterOptions.parse(**options)),
    )
    assert not isinstance(made.steps[0].prepared, RunningSums)
