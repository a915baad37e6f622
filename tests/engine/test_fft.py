"""The tiles of the transforms: which are taken, and that none changes an exact result."""

import numpy as np
import pytest

from convfilter import Kernel, convolve
from convfilter.engine import fft
from convfilter.engine.convolve import describe
from convfilter.engine.problem import pose
from convfilter.options import FilterOptions, Pair


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


@pytest.mark.parametrize("tile", [(64, 64), (64, 96), (96, 320)])
def test_the_tile_changes_no_exact_result(monkeypatch: pytest.MonkeyPatch, tile: Pair) -> None:
    random = np.random.default_rng(6)
    picture = random.integers(0, 256, (150, 131, 3), np.uint8)
    kernel = Kernel(random.integers(-9, 10, (7, 12)), divisor=11)
    expected = convolve(picture, kernel, method="integer")
    monkeypatch.setattr(fft, "_best_tile", lambda _: tile)
    np.testing.assert_array_equal(convolve(picture, kernel, method="fft"), expected)
