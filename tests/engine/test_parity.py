"""Every algorithm against plain sums, over borders, dtypes, sizes, bands and threads."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convfilter import Kernel, UsageError, convolve
from convfilter.border import BORDERS
from convfilter.chain import Chain
from convfilter.engine.algorithms import ALGORITHMS
from convfilter.engine.bands import execute
from convfilter.engine.convolve import describe
from convfilter.engine.plan import make_plan
from convfilter.options import FilterOptions
from convfilter.rows import InterleavedRows, InterleavedSink
from tests import oracle

SIZES = [(1, 1), (2, 3), (3, 3), (1, 7), (5, 1), (4, 4), (9, 9)]
SOAK_CASES = 20_000


def plain_sums(picture: NDArray[Any], weights: NDArray[Any], border: str) -> NDArray[Any]:
    """Add up shifted pictures, one for each weight; a constant border is 0."""
    height, width, channels = picture.shape
    rows, columns = weights.shape
    top, left = (rows - 1) // 2, (columns - 1) // 2

    def index(before: int, count: int, size: int) -> NDArray[Any]:
        found = [oracle.outside(n - before, size, border) for n in range(size + count - 1)]
        return np.array([size if place is None else place for place in found])

    edged = np.zeros((height + 1, width + 1, channels), np.result_type(picture, np.int64))
    edged[:height, :width] = picture
    padded = edged[np.ix_(index(top, rows, height), index(left, columns, width))]
    total = np.zeros(picture.shape, np.result_type(padded, weights))
    for (y, x), weight in np.ndenumerate(weights):
        total = total + weight * padded[y : y + height, x : x + width]
    return total


def run(
    picture: NDArray[Any], kernel: Kernel, rows: int, workers: int, **options: Any
) -> NDArray[Any]:
    """Filter in bands of about so many rows, as the algorithm's blocks allow."""
    samples = describe(picture.shape, picture.dtype)
    plan = make_plan(samples, Chain.of([kernel], FilterOptions.parse(**options)))
    block = plan.steps[-1].prepared.block_rows
    plan = replace(plan, band_rows=-(-rows // block) * block, workers=workers)
    result = np.empty((*plan.size, picture.shape[2]), plan.finish.dtype)
    execute(plan, InterleavedRows(picture), InterleavedSink(result))
    return result


def picture_of(dtype: str, shape: tuple[int, int, int], seed: int) -> NDArray[Any]:
    """Return noise over the whole scale."""
    random = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return random.standard_normal(shape).astype(dtype)
    return random.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("method", ALGORITHMS)
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_every_algorithm_agrees_with_plain_sums(method: str, border: str, dtype: str) -> None:
    stated = "constant:0" if border == "constant" else border
    solved = 0
    for number, size in enumerate(SIZES):
        random = np.random.default_rng(number)
        for weights in (
            random.integers(-9, 10, size),
            np.outer(random.integers(1, 5, size[0]), random.integers(-3, 4, size[1])),
            random.random(size) - 0.3,
        ):
            picture = picture_of(dtype, (13, 17, 2), number)
            kernel = Kernel(weights, divisor=7)
            try:
                result = run(picture, kernel, 5, 2, method=method, border=stated)
            except UsageError:
                continue
            solved += 1
            values = plain_sums(picture, weights, border) / 7
            if dtype.startswith("float"):
                scale = np.abs(picture).max() * np.abs(weights).sum() / 7
                bound = 1e-5 if dtype == "float32" else 1e-12
                assert np.abs(result - values).max() <= bound * scale + 1e-300
            else:
                full = np.iinfo(picture.dtype).max
                expected = np.clip(np.floor(values + 0.5), 0, full)
                if weights.dtype.kind == "i":
                    sums = plain_sums(picture, weights, border)
                    expected = np.clip((2 * sums + 7) // 14, 0, full)
                    np.testing.assert_array_equal(result, expected)
                assert np.abs(result - expected).max() <= 1
    if not (method == "integer" and dtype.startswith("float")):
        assert solved >= len(SIZES) // 2


@pytest.mark.parametrize("method", ["direct", "separable", "matmul", "fft"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_bad_sample_touches_its_window_only(method: str, bad: float) -> None:
    picture = picture_of("float32", (70, 90, 1), 3)
    row = np.random.default_rng(1).random(31) + 0.1
    kernel = Kernel(np.outer(row, row) if method == "separable" else np.outer(row, row) + 0.01)
    clean = run(picture, kernel, 70, 1, method=method)
    picture[40, 45] = bad
    for rows in (70, 9):
        result = run(picture, kernel, rows, 2, method=method)
        touched = ~np.isfinite(result[..., 0])
        assert touched.sum() == 31 * 31
        assert touched[25:56, 30:61].all()
        near = 1e-5 * float(np.abs(kernel.weights).sum()) * 5
        np.testing.assert_allclose(result[~touched], clean[~touched], rtol=0, atol=near)


@pytest.mark.parametrize("name", ["gaussian:sigma=18", "[[1,2],[2,1.1]]"])
@pytest.mark.parametrize("method", ["auto", "fft", "matmul"])
def test_infinity_in_short_floats_stays_in_its_window_where_sums_are_long(
    method: str, name: str
) -> None:
    picture = np.full((300, 64), 0.5, np.float32)
    picture[0, 0] = np.inf
    result = convolve(picture, name, method=method, out_dtype="float64")
    assert np.isinf(result[0, 0])
    assert np.isfinite(result[80:]).all()


NOT_FINITE = {
    "nan": [np.nan],
    "infinity": [np.inf],
    "both infinities": [np.inf, -np.inf],
    "all": [np.nan, np.inf, -np.inf],
    "huge": [3e37, np.nan, -np.inf],
}


@pytest.mark.parametrize("bad", NOT_FINITE.values(), ids=NOT_FINITE)
@pytest.mark.parametrize("lowest", [0.1, 0.0, -1.0])
@pytest.mark.parametrize("method", ["separable", "matmul", "fft"])
@pytest.mark.parametrize("dilation", [1, 2])
def test_what_is_not_finite_makes_what_plain_sums_make_of_it(
    bad: list[float], lowest: float, method: str, dilation: int
) -> None:
    random = np.random.default_rng(5)
    row = random.uniform(lowest, 1, 9)
    row[4] = max(lowest, 0)
    kernel = Kernel(np.outer(row, row), divisor=7.5)
    picture = random.random((40, 50, 2), np.float32)
    for number in range(12):
        picture[tuple(random.integers(0, picture.shape))] = bad[number % len(bad)]
    plain = convolve(picture, kernel, method="direct", dilation=dilation)
    found = convolve(picture, kernel, method=method, dilation=dilation)
    for look in (np.isnan, np.isposinf, np.isneginf):
        np.testing.assert_array_equal(look(found), look(plain))
    ordinary = np.isfinite(plain)
    assert 0 < ordinary.sum() < ordinary.size
    largest = float(np.abs(picture[np.isfinite(picture)]).max())
    bound = 1e-5 * largest * float(np.abs(kernel.weights).sum()) / 7.5
    np.testing.assert_allclose(found[ordinary], plain[ordinary], rtol=0, atol=bound)


@pytest.mark.parametrize("method", ["direct", "separable", "matmul", "fft"])
def test_float_results_do_not_depend_on_bands_and_threads(method: str) -> None:
    picture = picture_of("uint8", (613, 47, 3), 4)
    row = np.random.default_rng(2).random(9)
    kernel = Kernel(np.outer(row, row) / row.sum() ** 2)
    for stride in (1, 3):
        expected = run(picture, kernel, 613, 1, method=method, stride=stride)
        for rows, workers in ((1, 2), (8, 3), (100, 4), (250, 2)):
            result = run(picture, kernel, rows, workers, method=method, stride=stride)
            np.testing.assert_array_equal(result, expected)


@pytest.mark.soak
@pytest.mark.parametrize("border", BORDERS)
@settings(max_examples=SOAK_CASES // len(BORDERS), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    rows=st.integers(1, 7),
    columns=st.integers(1, 7),
    deep=st.booleans(),
    outer=st.booleans(),
    band=st.integers(1, 12),
    workers=st.integers(1, 4),
)
def test_twenty_thousand_integer_cases_are_exact_by_every_algorithm(
    border: str,
    seed: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    deep: bool,
    outer: bool,
    band: int,
    workers: int,
) -> None:
    random = np.random.default_rng(seed)
    picture = picture_of("uint16" if deep else "uint8", (height, width, 2), seed)
    weights = random.integers(-30, 31, (rows, columns))
    if outer:
        weights = np.outer(random.integers(-9, 10, rows), random.integers(-9, 10, columns))
    divisor = int(random.integers(1, 400))
    sums = plain_sums(picture, weights, border)
    full = np.iinfo(picture.dtype).max
    expected = np.clip((2 * sums + divisor) // (2 * divisor), 0, full)
    stated = "constant:0" if border == "constant" else border
    for method in ALGORITHMS:
        try:
            kernel = Kernel(weights, divisor=divisor)
            result = run(picture, kernel, band, workers, method=method, border=stated)
        except UsageError as refusal:
            assert method == "separable", refusal
            continue
        np.testing.assert_array_equal(result, expected, err_msg=method)
