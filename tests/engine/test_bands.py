from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import Kernel, Picture, apply
from convfilter.border import BORDERS
from convfilter.chain import Chain
from convfilter.engine import bands
from convfilter.engine.bands import execute
from convfilter.engine.convolve import describe
from convfilter.engine.plan import make_plan
from convfilter.options import FilterOptions
from convfilter.rows import Band, InterleavedRows, InterleavedSink

SEED = np.random.default_rng(12)
PICTURE = SEED.integers(0, 256, (23, 17, 3), dtype=np.uint8)
KERNELS = {
    "integer": Kernel(SEED.integers(-9, 10, (5, 4)), divisor=7, range="abs"),
    "float": Kernel(SEED.random((4, 7)), divisor=13.7),
}


def run(
    kernels: list[Kernel],
    picture: NDArray[Any] = PICTURE,
    rows: int = 0,
    workers: int = 1,
    **options: Any,
) -> NDArray[Any]:
    """Filter with bands of so many rows (0 for all) on so many threads."""
    plan = make_plan(
        describe(picture.shape, picture.dtype), Chain.of(kernels, FilterOptions.parse(**options))
    )
    plan = replace(plan, band_rows=rows or plan.size[0], workers=workers)
    result = np.zeros((*plan.size, plan.samples.channels), plan.finish.dtype)
    execute(plan, InterleavedRows(picture), InterleavedSink(result))
    return result


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("border", [*list(BORDERS)[:-1], "constant:0.3"])
@given(rows=st.integers(1, 25), workers=st.integers(1, 4), stride=st.integers(1, 3))
def test_bands_and_threads_change_nothing(
    kernel: Kernel, border: str, rows: int, workers: int, stride: int
) -> None:
    options: dict[str, Any] = {"border": border, "stride": stride}
    expected = run([kernel], **options)
    np.testing.assert_array_equal(run([kernel], rows=rows, workers=workers, **options), expected)


@pytest.mark.parametrize("value_range", ["clip", "stretch", "center"])
def test_bands_change_nothing_for_chains_and_ranges(value_range: str) -> None:
    kernels = [KERNELS["integer"], KERNELS["float"], Kernel(np.ones((9, 9), int), divisor=81)]
    for chain in (kernels, kernels[::-1], [kernels[0], kernels[2]]):
        expected = run(chain, range=value_range)
        for rows in (1, 2, 5, 22):
            np.testing.assert_array_equal(
                run(chain, rows=rows, workers=3, range=value_range), expected
            )


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_a_high_band_is_finished_in_pieces_as_it_is_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    picture = Picture.of_array(SEED.integers(0, 256, (23, 17, len(mode)), dtype=np.uint8))
    kernel = Kernel([[-1, 0, 3], [1, 0, 1]], divisor=3)
    whole = apply(picture, kernel, linear=mode == "RGBA")
    monkeypatch.setattr(bands, "FINISHED_BYTES", 1)
    pieces = apply(picture, kernel, linear=mode == "RGBA")
    np.testing.assert_array_equal(pieces.array, whole.array)


@pytest.mark.parametrize("finished_bytes", [1, bands.FINISHED_BYTES])
def test_the_clipped_samples_of_all_pieces_are_counted(
    monkeypatch: pytest.MonkeyPatch, finished_bytes: int
) -> None:
    monkeypatch.setattr(bands, "FINISHED_BYTES", finished_bytes)
    plan = make_plan(
        describe((2, 3), np.dtype("uint8")), Chain.of([Kernel([[2]])], FilterOptions())
    )
    picture = np.array([[0, 127, 128], [255, 1, 200]], np.uint8)[:, :, None]
    executed = execute(plan, InterleavedRows(picture), InterleavedSink(np.empty_like(picture)))
    assert (executed.clipped, executed.samples) == (3, 6)


class _Failing:
    step = planes = 1

    def read(self, top: int, bottom: int, out: Band) -> None:
        raise OSError(f"rows {top} to {bottom} are gone, {out.shape} was wanted")


def test_a_failing_source_ends_the_run() -> None:
    plan = make_plan(
        describe((64, 8), np.dtype("uint8")), Chain.of([Kernel([[2]])], FilterOptions())
    )
    with pytest.raises(OSError, match="are gone"):
        execute(replace(plan, band_rows=1), _Failing(), InterleavedSink(np.empty((64, 8, 1))))
