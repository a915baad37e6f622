"""The tiles of the transforms: which are taken, and that none changes an exact result."""

import numpy as np
import pytest

from convfilter import Kernel, UsageError, convolve
from convfilter.chain import Chain
from convfilter.engine import fft
from convfilter.engine.bands import execute
from convfilter.engine.convolve import describe
from convfilter.engine.plan import make_plan
from convfilter.engine.problem import pose
from convfilter.options import FilterOptions, Pair
from convfilter.rows import InterleavedRows, InterleavedSink, PlanarRows, PlanarSink


def best_tile(size: Pair, window: Pair) -> Pair:
    samples = describe(size, np.dtype("uint8"))
    return fft._best_tile(pose(samples, Kernel(np.ones(window)), FilterOptions()))


@pytest.mark.parametrize("size", [(100, 100), (4000, 6000), (30_000, 300), (300, 30_000)])
@pytest.mark.parametrize("window", [(3, 3), (101, 101), (1, 801), (801, 1), (487, 487)])
def test_a_tile_is_no_higher_than_wide_and_keeps_some_of_it(size: Pair, window: Pair) -> None:
    rows, columns = best_tile(size, window)
    assert window[0] <= rows <= columns
    assert window[1] <= columns


def test_a_picture_that_one_tile_just_holds_is_not_cut_into_several() -> None:
    assert best_tile((512 - 100, 512 - 100), (101, 101)) == (512, 512)


def test_high_windows_do_not_leave_one_thread_without_tiles() -> None:
    rows, _ = best_tile((4000, 6000), (487, 487))
    assert -(-4000 // (rows - 486)) >= 4


def test_details_leave_nothing_behind_in_flat_areas() -> None:
    random = np.random.default_rng(0)
    picture = np.zeros((200, 200), np.uint8)
    picture[:80] = random.integers(0, 256, (80, 200))
    kernel = Kernel(random.integers(-(2**44), 2**44, (61, 61)))
    assert not convolve(picture, kernel)[120:].any()
    with pytest.raises(UsageError, match="errors would show"):
        convolve(picture, kernel, method="fft")


def test_a_second_step_reads_no_wider_integers_than_it_needs() -> None:
    samples = describe((300, 300), np.dtype("uint8"))
    kernels = [Kernel(np.ones((5, 5), int), divisor=25), Kernel(np.ones((5, 1), int), divisor=5)]
    chain = Chain.of(kernels, FilterOptions(range="clip"))
    second = make_plan(samples, chain).steps[1]
    assert second.problem.padded_dtype.itemsize <= 2


@pytest.mark.parametrize("tile", [(64, 64), (64, 96), (96, 320)])
def test_the_tile_changes_no_exact_result(monkeypatch: pytest.MonkeyPatch, tile: Pair) -> None:
    random = np.random.default_rng(6)
    picture = random.integers(0, 256, (150, 131, 3), np.uint8)
    kernel = Kernel(random.integers(-9, 10, (7, 12)), divisor=11)
    expected = convolve(picture, kernel, method="integer")
    monkeypatch.setattr(fft, "_best_tile", lambda _: tile)
    np.testing.assert_array_equal(convolve(picture, kernel, method="fft"), expected)


@pytest.mark.parametrize(
    "shape", [(150, 131), *((150, 131, n) for n in range(2, 6)), (40, 300), (40, 30, 3)]
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_two_tiles_of_one_transform_give_what_each_gives_by_itself(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], dtype: str
) -> None:
    random = np.random.default_rng(8)
    picture = random.integers(0, np.iinfo(dtype).max, shape, dtype)
    kernel = Kernel(random.standard_normal((9, 8)))
    monkeypatch.setattr(fft, "_best_tile", lambda _: (64, 64))
    pairs = convolve(picture, kernel, method="fft", out_dtype="float64")
    monkeypatch.setattr(fft.TiledTransforms, "takes_pairs", False)
    alone = convolve(picture, kernel, method="fft", out_dtype="float64")
    scale = np.iinfo(dtype).max * np.abs(kernel.weights).sum()
    np.testing.assert_allclose(pairs, alone, rtol=0, atol=1e-12 * scale)


def test_small_floats_are_not_spoilt_by_a_tile_of_large_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = np.random.default_rng(9).random((60, 200, 2), np.float32)
    picture[:, 100:] *= 1e9
    kernel = Kernel(np.random.default_rng(10).random((7, 7)) / 49)
    monkeypatch.setattr(fft, "_best_tile", lambda _: (64, 64))
    result = convolve(picture, kernel, method="fft")
    expected = convolve(picture, kernel, method="direct")
    np.testing.assert_allclose(result[:, :50], expected[:, :50], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_channels_laid_apart_give_the_same_sums_as_interleaved_ones(
    monkeypatch: pytest.MonkeyPatch, channels: int, dtype: str
) -> None:
    monkeypatch.setattr(fft, "_best_tile", lambda _: (64, 64))
    random = np.random.default_rng(11)
    picture = random.integers(0, 256, (90, 170, channels)).astype(dtype)
    chain = Chain.of([Kernel(random.random((9, 8)))], FilterOptions(method="fft"))
    plan = make_plan(describe(picture.shape, picture.dtype), chain, np.dtype("float64"))
    interleaved, apart = np.empty((2, *picture.shape))
    execute(plan, InterleavedRows(picture), InterleavedSink(interleaved))
    execute(plan, PlanarRows(picture), PlanarSink(apart))
    np.testing.assert_array_equal(interleaved, apart)
