"""Pairs of taps: the same sums with fewer additions, and only where these are fewer by enough."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.engine.pairing import LEAST_PAIRS, paired
from convfilter.engine.program import Program, Tap
from convfilter.engine.workspace import ProgramWorkspace

SAMPLES = np.random.default_rng(6).integers(0, 256, (1, 30, 120), dtype=np.uint8)


def taps_of(weights: list[list[int]]) -> list[Tap]:
    return [(0, (y, x), w) for y, row in enumerate(weights) for x, w in enumerate(row)]


def program_of(weights: list[list[int]]) -> Program:
    program = Program(np.dtype(np.int32), (0, 255))
    program.weighted_sum(paired(program, taps_of(weights)))
    return program


@given(
    st.integers(1, 7).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from([0, 1, 1, 1, -1, 2, -2]), min_size=width, max_size=width),
            min_size=1,
            max_size=7,
        )
    )
)
def test_the_sum_is_the_same(weights: list[list[int]]) -> None:
    rows, pixels = 30 - len(weights) + 1, 40 - len(weights[0]) + 1
    workspace = ProgramWorkspace(program_of(weights), SAMPLES.shape, (rows, pixels), 3)
    sums = workspace.sums(0, lambda _top, _bottom, band: np.copyto(band, SAMPLES))
    spread = np.zeros((len(weights), 3 * len(weights[0]) - 2), int)
    spread[:, ::3] = weights
    cells = np.argwhere(spread)
    expected = sum(
        (
            int(spread[y, x]) * SAMPLES[:, y : y + rows, x : x + 3 * pixels].astype(int)
            for y, x in cells
        ),
        start=np.zeros((1, rows, 3 * pixels), int),
    )
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize(
    ("weights", "operations"),
    [
        (np.eye(9, dtype=int).tolist(), 5),
        (np.eye(9, dtype=int)[::-1].tolist(), 5),
        (np.eye(16, dtype=int).tolist(), 5),
        ([[0, 1, 0], [1, 0, 1], [0, 1, 0]], 3),
        ([[1, 0, 1]] * 4, 4),
        ([[1, 0, -1]] * 4, 4),
        ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 5),
        ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 5),
    ],
)
def test_few_operations_do(weights: list[list[int]], operations: int) -> None:
    assert len(program_of(weights).operations) == operations


def test_few_pairs_are_left_alone() -> None:
    taps = taps_of([[1, 1]] + [[0, 0], [1, 1]] * (LEAST_PAIRS - 2))
    program = Program(np.dtype(np.int32), (0, 255))
    assert paired(program, taps) == [tap for tap in taps if tap[2]]
    assert not program.operations
