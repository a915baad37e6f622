"""Outer products by matrices are what adding up cell by cell gives, whatever the blocks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import Kernel
from convfilter.border import BORDERS
from convfilter.chain import Chain
from convfilter.engine import separable_products
from convfilter.engine.bands import execute
from convfilter.engine.convolve import convolve, describe
from convfilter.engine.finiteness import WithinWindows
from convfilter.engine.plan import Plan, make_plan
from convfilter.engine.separable_products import SeparableProducts
from convfilter.options import FilterOptions
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.rows import PlanarRows, PlanarSink
from tests.engine.executed import run

SEED = np.random.default_rng(22)
PICTURE = SEED.integers(0, 256, (150, 83, 3), dtype=np.uint8)
KERNELS = {
    "one product": get_kernel("gaussian:sigma=2.3"),
    "two products": get_kernel("log:sigma=1.5"),
    "a single cell": get_kernel("unsharp:sigma=2,amount=1.5"),
    "a row": Kernel([SEED.random(9)]),
    "a column": Kernel(SEED.random((11, 1))),
    "high and narrow": Kernel(np.outer(SEED.random(70), SEED.random(2)) / 50),
    "low and wide": Kernel(np.outer(SEED.random(2), SEED.random(80)) / 50),
}


@pytest.fixture(autouse=True)
def _products_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    make_plan.cache_clear()
    monkeypatch.setattr(SeparableProducts, "seconds", lambda *_: 1e-15)
    monkeypatch.setattr(separable_products, "PIECE_SAMPLES", 10_000)
    yield
    make_plan.cache_clear()


def planned(kernel: Kernel, picture: NDArray[Any] = PICTURE, **options: Any) -> Plan:
    """Plan to filter with products of matrices, whatever they cost."""
    stated = FilterOptions.parse(method="separable", **options)
    plan = make_plan(describe(picture.shape, picture.dtype), Chain.of([kernel], stated))
    prepared = plan.steps[0].prepared
    assert isinstance(prepared, SeparableProducts | WithinWindows)
    assert prepared.uses_blas
    return plan


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    channels=st.integers(1, 4),
    dtype=st.sampled_from(["uint8", "uint16", "float32", "float64"]),
    border=st.sampled_from([*sorted(BORDERS.keys() - {"constant"}), "constant:0.3"]),
    padding=st.sampled_from(["same", "full"]),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
)
def test_they_agree_with_sums_cell_by_cell(
    kernel: Kernel,
    seed: int,
    height: int,
    width: int,
    channels: int,
    dtype: str,
    **options: Any,
) -> None:
    random = np.random.default_rng(seed)
    picture = random.random((height, width, channels))
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    picture = (picture * full).astype(dtype)
    result = run(planned(kernel, picture, **options), picture)
    expected = convolve(picture, kernel, method="direct", **options)
    error = np.abs(result.astype(float) - expected.astype(float)).max()
    if dtype.startswith("u"):
        assert error <= 1
    else:
        bound = 1e-5 if dtype == "float32" else 1e-12
        assert error <= bound * np.abs(kernel.weights).sum()


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_bands_and_threads_change_nothing(kernel: Kernel) -> None:
    picture = SEED.random((613, 47, 3), dtype=np.float32)
    plan = planned(kernel, picture)
    block = plan.steps[0].prepared.block_rows
    expected = run(replace(plan, band_rows=613, workers=1), picture)
    for blocks, workers in ((1, 1), (1, 3), (2, 2)):
        result = run(replace(plan, band_rows=blocks * block, workers=workers), picture)
        np.testing.assert_array_equal(result, expected)


def test_planes_give_what_interleaved_channels_give() -> None:
    kernel = KERNELS["a single cell"]
    samples = describe(PICTURE.shape, PICTURE.dtype)
    plan = make_plan(samples, Chain.of([kernel], FilterOptions.parse(method="separable")))
    result = np.zeros_like(PICTURE)
    execute(plan, PlanarRows(PICTURE), PlanarSink(result))
    np.testing.assert_array_equal(result, run(plan, PICTURE))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_windows(bad: float) -> None:
    picture = SEED.random((150, 83, 3), dtype=np.float32)
    plan = planned(Kernel(np.outer(SEED.random(9) + 1, SEED.random(13) + 1)), picture)
    clean = run(plan, picture)
    picture[70, 40, 1] = bad
    result = run(plan, picture)
    spoilt = np.zeros(picture.shape, bool)
    spoilt[66:75, 34:47, 1] = True
    np.testing.assert_array_equal(np.isfinite(result), ~spoilt)
    np.testing.assert_allclose(result[~spoilt], clean[~spoilt], rtol=1e-6)


def test_what_becomes_infinite_on_the_way_changes_nothing_elsewhere() -> None:
    picture = SEED.random((400, 83, 3), dtype=np.float32)
    plan = planned(Kernel(np.outer(SEED.random(25), SEED.random(25)) * 1e3), picture)
    clean = run(plan, picture)
    picture[325, 40, 1] = 3e38
    spoilt = np.zeros(picture.shape, bool)
    spoilt[313:338, 28:53, 1] = True
    block = plan.steps[0].prepared.block_rows
    for rows in (block, 400):
        result = run(replace(plan, band_rows=rows), picture)
        np.testing.assert_array_equal(result[~spoilt], clean[~spoilt])


def test_a_sample_of_floats_at_their_end_gives_finite_averages() -> None:
    picture = np.full((50, 60, 1), 3e38, np.float32)
    result = run(planned(KERNELS["one product"], picture), picture)
    np.testing.assert_allclose(result, 3e38, rtol=1e-5)


def test_they_are_chosen_for_wide_gaussians_and_not_for_small_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    make_plan.cache_clear()

    def prepared(sigma: float) -> object:
        kernel = get_kernel(f"gaussian:sigma={sigma}")
        samples = describe((4000, 6000, 3), np.dtype("uint8"))
        return make_plan(samples, Chain.of([kernel], FilterOptions())).steps[0].prepared

    assert isinstance(prepared(5), SeparableProducts)
    assert not isinstance(prepared(0.5), SeparableProducts)
    assert not isinstance(prepared(60), SeparableProducts)
