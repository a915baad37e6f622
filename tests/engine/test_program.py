from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.engine.program import Program, cheapest_way, narrowest
from convfilter.engine.workspace import ProgramWorkspace

SAMPLES = np.random.default_rng(5).integers(0, 256, (2, 40, 90))


def run(program: Program, rows: int, pixels: int, step: int = 3) -> Any:
    """Run a program on the samples."""
    workspace = ProgramWorkspace(program, SAMPLES.shape, (rows, pixels), step)
    sums = workspace.sums(0, lambda _top, _bottom, band: np.copyto(band, SAMPLES, "unsafe"))
    return sums.astype(np.int64)


@pytest.mark.parametrize("unit", [(1, 0), (0, 1), (2, 0), (0, 2)])
@given(
    weights=st.lists(st.integers(-9, 9), min_size=1, max_size=9)
    | st.integers(1, 12).map(lambda n: [1] * n)
    | st.sampled_from([[1, 4, 6, 4, 1], [1, 2, 3, 2, 1], [-1, -2, 0, 2, 1], [1, 0, 1], [0, 0]])
)
def test_a_vector_adds_up_to_the_weighted_sum(unit: tuple[int, int], weights: list[int]) -> None:
    positive = sum(w for w in weights if w > 0) * 255
    negative = sum(w for w in weights if w < 0) * 255
    program = Program(np.dtype(np.int16), (0, 255), (negative, positive))
    program.vector(0, weights, unit)
    rows, pixels = 40 - unit[0] * (len(weights) - 1), 30 - unit[1] * (len(weights) - 1)
    expected = sum(
        weight
        * SAMPLES[
            :,
            n * unit[0] : n * unit[0] + rows,
            3 * n * unit[1] : 3 * (n * unit[1] + pixels),
        ]
        for n, weight in enumerate(weights)
    )
    np.testing.assert_array_equal(run(program, rows, pixels), expected)


@pytest.mark.parametrize("count", range(1, 41))
def test_a_box_of_any_length_is_added_up(count: int) -> None:
    for dtype, limits in (("int16", (0, 255)), ("float64", None)):
        program = Program(np.dtype(dtype), limits)
        if program.box(0, count, (1, 0)) == 0:
            program.multiply(0, (0, 0), 1)
        rows = 41 - count
        expected = sum(SAMPLES[:, n : n + rows] for n in range(count))
        np.testing.assert_array_equal(run(program, rows, 30), expected)


@pytest.mark.parametrize(
    ("weights", "operations"),
    [
        ((1, 2, 1), 2),
        ((1, 4, 6, 4, 1), 4),
        ((1, 6, 15, 20, 15, 6, 1), 6),
        ((1, 2, 3, 2, 1), 4),
        ((1,) * 5, 3),
        ((1,) * 31, 6),
        ((-1, 0, 1), 1),
        ((3, 10, 3), 4),
    ],
)
def test_vectors_cost_as_few_operations_as_known_by_hand(
    weights: tuple[int, ...], operations: int
) -> None:
    assert cheapest_way(weights)[0] == operations
    program = Program(np.dtype(np.int16), (0, 255))
    program.vector(0, weights, (1, 0))
    assert len(program.operations) <= operations


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 255, "uint16"),
        (-1, 255, "int16"),
        (0, 65535, "uint16"),
        (-1, 32768, "int32"),
        (0, 2**32 - 1, "uint32"),
        (-(2**31) - 1, 0, "int64"),
    ],
)
def test_the_narrowest_integers_hold_the_range(low: int, high: int, dtype: str) -> None:
    assert narrowest(low, high) == dtype


def test_no_operation_is_wider_than_the_result_needs() -> None:
    # Between them the sums pass beyond 16 bits, and come back: modulo 2^16 nothing is lost.
    program = Program(np.dtype(np.int16), (0, 255), (-1000, 1000))
    total = program.multiply(0, (0, 0), 1000)
    program.subtract(total, (0, 0), program.multiply(0, (0, 0), 997), (0, 0))
    assert {operation.dtype.itemsize for operation in program.operations} == {2}
    np.testing.assert_array_equal(run(program, 40, 30), 3 * SAMPLES)
