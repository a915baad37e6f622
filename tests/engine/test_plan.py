import numpy as np
import pytest

from convfilter import Kernel, UsageError, get_kernel, plan
from convfilter.chain import Chain
from convfilter.engine.algorithms import ALGORITHMS, METHODS
from convfilter.engine.convolve import describe
from convfilter.engine.plan import make_plan
from convfilter.options import FilterOptions


def test_the_plan_prints_the_algorithm_the_reason_and_the_rejected() -> None:
    made = plan((4096, 5952, 3), "uint8", get_kernel("blur5"))
    text = str(made)
    assert made.algorithm in ALGORITHMS
    assert made.reason in text
    for name in ALGORITHMS:
        assert name in text
    assert "5952×4096" in text
    assert "blur5" in text


def test_every_method_is_in_the_table_of_methods() -> None:
    assert list(METHODS) == ["auto", *ALGORITHMS]


def test_what_cannot_be_run_is_rejected_with_the_reason() -> None:
    rejected = {
        r.algorithm: r.reason for r in plan((9, 9), "float32", get_kernel("edge")).steps[0].rejected
    }
    assert rejected["integer"] == "the picture has float samples"


def test_a_method_that_is_asked_for_is_run() -> None:
    for name in ("integer", "direct"):
        assert plan((9, 9), "uint8", get_kernel("edge"), method=name).algorithm == name


def test_bands_cover_every_row_once() -> None:
    made = plan((1000, 3000, 3), "uint8", get_kernel("blur9"))
    rows = [row for top, bottom in made.bands for row in range(top, bottom)]
    assert rows == list(range(1000))
    assert 1 <= made.workers <= len(made.bands)


def test_a_picture_of_any_size_is_planned_at_once() -> None:
    assert "250000000 of 4 rows" in str(plan((10**9, 10**9), "uint8", "blur5", workers=2))


def test_a_plan_needs_a_kernel() -> None:
    with pytest.raises(UsageError, match="no kernel"):
        make_plan(describe((9, 9), np.dtype("uint8")), Chain.of([], FilterOptions()))


def test_the_range_is_the_last_one_stated() -> None:
    samples = describe((9, 9), np.dtype("uint8"))
    edges, blur = get_kernel("sobel-x"), get_kernel("blur3")
    assert make_plan(samples, Chain.of([edges, blur], FilterOptions())).finish.range == "abs"
    assert make_plan(samples, Chain.of([blur], FilterOptions())).finish.range == "clip"
    assert (
        make_plan(samples, Chain.of([edges], FilterOptions(range="stretch"))).finish.range
        == "stretch"
    )


def test_sums_too_large_for_64_bits_fall_back_to_floats() -> None:
    huge = Kernel([[2**53, 2**53]], divisor=2**54)
    made = plan((4, 4), "uint16", huge)
    assert not made.steps[0].problem.is_exact


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("height", [1024, 1080, 1600, 2000])
def test_every_thread_gets_as_many_bands(workers: int, height: int) -> None:
    picture = describe((height, 1800, 3), np.dtype(np.uint8))
    chain = Chain.of([get_kernel("blur5")], FilterOptions.parse(workers=workers))
    made = make_plan(picture, chain)
    assert made.workers == workers
    assert len(made.bands) % workers == 0


@pytest.mark.parametrize(
    ("shape", "sigma"), [((1, 20_000), 5), ((20_000, 1), 1.5), ((20, 20_000), 5)]
)
def test_transforms_and_products_of_whole_blocks_are_not_taken_for_strips(
    shape: tuple[int, int], sigma: float
) -> None:
    made = plan(shape, "uint8", f"gaussian:sigma={sigma}")
    assert made.algorithm != "fft"
    assert made.steps[0].prepared.block_rows <= min(shape)


def test_the_memory_of_transforms_counts_their_tiles() -> None:
    made = plan((100, 100), "uint8", "gaussian:sigma=200", method="fft", workers=1)
    side = 1601
    assert made.memory > 3 * 8 * side**2
