"""Rows out of strips and tiles: any cut, any band, any thread, each segment decoded once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.pictures import segments
from convfilter.pictures.segments import Grid, Segment, SegmentRows

sides = st.integers(1, 20)


def cut(array: Segment, grid: Grid, index: int) -> Segment:
    """Return a segment of an array, filled up where it reaches over the edge."""
    plane, rest = divmod(index, grid.down * grid.across)
    down, across = divmod(rest, grid.across)
    chosen = array[:, :, plane : plane + 1] if grid.separate else array
    part = chosen[down * grid.rows :, across * grid.columns :][: grid.rows, : grid.columns]
    missing = grid.rows - part.shape[0], grid.columns - part.shape[1]
    return np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)), constant_values=99)


@given(
    size=st.tuples(sides, sides, st.integers(1, 4)),
    piece=st.tuples(sides, sides),
    separate=st.booleans(),
    bands=st.lists(st.tuples(sides, sides), min_size=1, max_size=5),
)
def test_every_band_is_what_the_segments_hold(
    size: tuple[int, int, int],
    piece: tuple[int, int],
    separate: bool,
    bands: list[tuple[int, int]],
) -> None:
    array = np.random.default_rng(1).integers(0, 90, size).astype(np.uint8)
    grid = Grid(*size, *piece, separate, array.dtype)
    rows = SegmentRows(grid, lambda index: cut(array, grid, index), nullcontext)
    for first, second in bands:
        top, bottom = sorted((min(first, size[0]), min(second, size[0])))
        band = np.empty((size[2], bottom - top, size[1]), np.int32)
        rows.read(top, bottom, band)
        np.testing.assert_array_equal(band, array[top:bottom].transpose(2, 0, 1))


def test_threads_that_follow_each_other_decode_each_segment_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "CACHE_BYTES", 1)  # only the rows that are always kept
    monkeypatch.setattr(segments, "THREADS_BYTES", 1)
    array = np.random.default_rng(1).integers(0, 90, (200, 64, 1)).astype(np.uint8)
    grid = Grid(200, 64, 1, 10, 16, False, array.dtype)
    decoded: Counter[int] = Counter()

    def decode(index: int) -> Segment:
        decoded[index] += 1
        return cut(array, grid, index)

    rows = SegmentRows(grid, decode, nullcontext)

    def read(columns: int) -> None:
        del columns
        band = np.empty((1, 10, 64), np.uint8)
        rows.read(50, 60, band)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, range(40)))
    assert set(decoded.values()) == {1}
    band = np.empty((1, 12, 64), np.uint8)
    for top in range(0, 188, 8):
        rows.read(top, top + 12, band)
        np.testing.assert_array_equal(band[0], array[top : top + 12, :, 0])
    assert max(decoded.values()) == 2  # the rows that were read before
    assert len(rows._kept) <= grid.most_kept == 12


def test_what_a_decoder_raises_is_told_each_time() -> None:
    def broken(index: int) -> Segment:
        raise ValueError(f"segment {index}")

    rows = SegmentRows(Grid(4, 4, 1, 4, 4, False, np.dtype(np.uint8)), broken, nullcontext)
    for _ in range(2):
        with pytest.raises(ValueError, match="segment 0"):
            rows.read(0, 4, np.empty((1, 4, 4), np.uint8))
