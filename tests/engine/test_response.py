"""Rows that are kept: those of the response, each block computed once on the way down."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import apply, get_kernel
from convfilter.chain import Chain
from convfilter.engine import fft
from convfilter.engine.convolve import describe
from convfilter.engine.plan import Plan, make_plan
from convfilter.engine.response import Kept, KeptBlocks
from convfilter.options import FilterOptions, Pair
from convfilter.rows import Band

HEIGHT = 23


class _Counted:
    """Rows that tell which of them were read."""

    step = planes = 1

    def __init__(self) -> None:
        self.values: NDArray[Any] = np.arange(HEIGHT * 3).reshape(1, HEIGHT, 3)
        self.reads: list[Pair] = []

    def read(self, top: int, bottom: int, out: Band) -> None:
        self.reads.append((top, bottom))
        out[...] = self.values[:, top:bottom]


def kept_blocks(source: _Counted, rows: int, blocks: int) -> KeptBlocks:
    return KeptBlocks(source, (HEIGHT, 3), Kept(rows, blocks, source.values.dtype))


def plan(shape: tuple[int, ...], *kernels: str, **options: Any) -> Plan:
    chain = Chain.of([get_kernel(name) for name in kernels], FilterOptions.parse(**options))
    return make_plan(describe(shape, np.dtype("uint8")), chain)


def read(rows: KeptBlocks, top: int, bottom: int) -> Band:
    out = np.full((1, bottom - top, 3), -1)
    rows.read(top, bottom, out)
    return out


@given(
    rows=st.integers(1, HEIGHT + 2),
    blocks=st.integers(1, 4),
    reads=st.lists(st.tuples(st.integers(0, HEIGHT), st.integers(0, HEIGHT)).map(sorted)),
)
def test_what_is_read_is_what_the_response_gives(
    rows: int, blocks: int, reads: list[list[int]]
) -> None:
    source = _Counted()
    kept = kept_blocks(source, rows, blocks)
    for top, bottom in reads:
        np.testing.assert_array_equal(read(kept, top, bottom), source.values[:, top:bottom])


@pytest.mark.parametrize(("band", "halo"), [(3, 1), (3, 5), (7, 2), (1, 4)])
def test_each_block_is_computed_once_on_the_way_down(band: int, halo: int) -> None:
    source = _Counted()
    kept = kept_blocks(source, 5, -(-(band + 2 * halo) // 5) + 1)
    for top in range(0, HEIGHT, band):
        for _ in range(2):  # as two kernels read them
            read(kept, max(0, top - halo), min(HEIGHT, top + band + halo))
    assert source.reads == [(top, min(top + 5, HEIGHT)) for top in range(0, HEIGHT, 5)]


def test_a_chain_computes_large_blocks_once_for_each_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fft, "TILES", (64,))
    picture = np.random.default_rng(5).integers(0, 256, (500, 40), np.uint8)
    # The second one reads half as many rows as the first one computes at a time.
    kernels = ["gaussian:sigma=3.3", "sharpen"]
    kept = plan(picture.shape, *kernels, method="fft").kept[0]
    assert kept is not None
    made: list[int] = []
    compute = fft.TransformWorkspace.sums

    def count(self: fft.TransformWorkspace, top: int, read: Any) -> Band:
        if self._owner.problem.window != (3, 3):
            made.append(top)
        return compute(self, top, read)

    monkeypatch.setattr(fft.TransformWorkspace, "sums", count)
    alone = apply(picture, kernels, method="fft", workers=1).array
    assert len(made) == -(-500 // kept.rows)
    made.clear()
    shared = apply(picture, kernels, method="fft", workers=2).array
    np.testing.assert_array_equal(shared, alone)
    assert len(made) <= -(-500 // kept.rows) + 1


def test_a_plan_tells_the_memory_of_what_is_kept() -> None:
    alone = plan((2000, 3000), "gaussian:sigma=12", workers=1).memory
    planned = plan((2000, 3000), "gaussian:sigma=12", "sobel", workers=1)
    kept = planned.kept[0]
    assert kept is not None
    assert planned.memory >= alone + kept.bytes(3000)


@pytest.mark.parametrize("kernels", [["blur5", "sharpen"], ["blur5"], ["box:size=101", "sharpen"]])
def test_nothing_is_kept_of_what_is_cheap_to_compute_again(kernels: list[str]) -> None:
    assert not any(plan((2000, 3000), *kernels).kept)
