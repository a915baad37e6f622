"""Composites: every combination against its definition, exact where the sums are integers."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter import Kernel, UsageError, apply, convolve, plan
from convfilter.composite import Composite
from convfilter.engine import step
from convfilter.engine.algorithms import METHODS
from convfilter.engine.combining import COMBINE
from convfilter.engine.response import KernelResponse
from convfilter.errors import KernelError
from convfilter.named import COMBINATIONS
from convfilter.options import Pair
from tests.oracle import responses
from tests.strategies import integer_pictures, kernel_fields

X = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
Y = Kernel([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
CROSS = Kernel([[1, 0], [0, -1]]), Kernel([[0, 1], [-1, 0]])

small = st.sampled_from(["uint8", "uint16"]).flatmap(
    lambda dtype: hnp.arrays(dtype, st.tuples(st.integers(3, 7), st.integers(3, 7)))
)


def rounded(value: Fraction, full: int) -> int:
    return min(max(math.floor(value + Fraction(1, 2)), 0), full)


def rounded_root(square: Fraction, full: int) -> int:
    """Round the root of a fraction half up, in integers alone."""
    # floor(√s + ½) is the largest n with (n - ½)² ≤ s.
    n = math.isqrt(math.floor(square)) + 1
    while n > 0 and (n - Fraction(1, 2)) ** 2 > square:
        n -= 1
    return min(max(n, 0), full)


def combined(name: str, values: list[Fraction], divisor: int, full: int) -> int:
    if name == "l2":
        return rounded_root(sum((v * v for v in values), Fraction(0)) / divisor**2, full)
    of = {
        "l1": lambda: sum(map(abs, values), Fraction(0)),
        "max": lambda: max(values),
        "min": lambda: min(values),
        "sum": lambda: sum(values, Fraction(0)),
        "mean": lambda: sum(values, Fraction(0)) / len(values),
    }
    return rounded(of[name]() / divisor, full)


def test_every_combination_has_an_implementation() -> None:
    assert {*COMBINE, "angle"} == set(COMBINATIONS)


@pytest.mark.parametrize("name", COMBINE)
@given(data=st.data())
def test_exact_kernels_combine_exactly(name: str, data: st.DataObject) -> None:
    picture: NDArray[Any] = data.draw(small)
    count = data.draw(st.integers(1, 3))
    shared = data.draw(st.integers(1, 40))
    fields = [{**data.draw(kernel_fields()), "divisor": shared} for _ in range(count)]
    divisor = data.draw(st.integers(1, 9))
    border = data.draw(st.sampled_from(["edge", "mirror", "constant"]))
    composite = Composite(kernels=tuple(Kernel(**f) for f in fields), combine=name, divisor=divisor)
    stated = "constant:0" if border == "constant" else border
    result = convolve(picture, composite, border=stated)
    planes = [responses(picture.tolist(), **f | {"border": border}) for f in fields]
    full = int(np.iinfo(picture.dtype).max)
    for y, x in np.ndindex(*picture.shape):
        values = [plane[y][x] for plane in planes]
        assert result[y, x] == combined(name, values, divisor, full), (y, x)


@given(picture=integer_pictures, workers=st.integers(1, 3))
def test_the_magnitude_of_a_gradient_is_that_of_the_float_responses(
    picture: NDArray[Any], workers: int
) -> None:
    composite = Composite(kernels=(X, Y), combine="l2")
    across, down = (convolve(picture, k, out_dtype="float64") for k in (X, Y))
    full = np.iinfo(picture.dtype).max
    expected = np.clip(np.floor(np.sqrt(across**2 + down**2) + 0.5), 0, full)
    np.testing.assert_array_equal(convolve(picture, composite, workers=workers), expected)
    unrounded = convolve(picture, composite, out_dtype="float64")
    np.testing.assert_allclose(unrounded, np.hypot(across, down), rtol=1e-12)


def test_different_divisors_and_offsets_hold_for_each_response() -> None:
    picture = np.arange(49, dtype=np.uint8).reshape(7, 7)
    kernels = Kernel([[3]], divisor=4), Kernel([[1]], divisor=-2, offset=0.5)
    result = convolve(picture, Composite(kernels=kernels, combine="sum"), out_dtype="float64")
    np.testing.assert_allclose(result, picture * 0.75 - picture / 2 + 127.5)
    scaled = Composite(kernels=kernels, combine="sum", divisor=2, offset=Fraction(1, 10))
    result = convolve(picture, scaled, out_dtype="float64")
    np.testing.assert_allclose(result, (picture * 0.25 + 127.5) / 2 + 25.5)


@pytest.mark.parametrize(
    ("slope", "turn"), [((1, 0), 0.0), ((0, 1), 0.25), ((-1, 0), 0.5), ((0, -1), 0.75)]
)
def test_the_angle_is_a_fraction_of_a_turn_clockwise(slope: tuple[int, int], turn: float) -> None:
    rows, columns = np.indices((5, 5))
    ramp = (columns * slope[0] + rows * slope[1]) * 10.0
    angle = Composite(kernels=(X, Y), combine="angle")
    assert convolve(ramp, angle)[2, 2] == pytest.approx(turn)
    levels = convolve((ramp + 100).astype(np.uint8), angle)
    assert levels[2, 2] == math.floor(turn * 255 + 0.5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sign", [1, -1])
def test_flat_areas_have_one_angle_by_every_algorithm(method: str, sign: int) -> None:
    flat = np.full((40, 40), 77, np.uint8)
    kernels = tuple(kernel.replace(divisor=sign) for kernel in (X, Y))
    angle = Composite(kernels=kernels, combine="angle")
    assert not convolve(flat, angle, method=method).any()


@pytest.mark.parametrize("padding", ["valid", "full"])
def test_kernels_of_different_sizes_cover_the_same_pixels(padding: str) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (9, 8), dtype=np.uint8)
    near = Kernel([[1, 2], [3, 4]], origin=(1, 0), operation="convolve")
    far = Kernel(np.arange(15).reshape(3, 5), origin=(0, 3))
    result = convolve(
        picture, Composite(kernels=(near, far), combine="max"), padding=padding, divisor=100
    )
    # The window of both together reaches 2 down, 3 left and 1 right.
    first, size = ((20, 23), (7, 4)) if padding == "valid" else ((18, 19), (11, 12))
    assert result.shape == size
    whole = np.pad(picture, 20, mode="edge")
    expected = np.maximum(*(convolve(whole, k, divisor=100) for k in (near, far)))
    place = expected[first[0] :, first[1] :][: size[0], : size[1]]
    np.testing.assert_array_equal(result, place)


def test_the_plan_tells_every_kernel() -> None:
    told = str(plan((64, 64), "uint8", Composite(kernels=CROSS, combine="l1", name="cross")))
    assert "cross: l1 of inline 2x2, inline 2x2" in told
    assert told.count("algorithm") == 2


def test_wrong_composites_are_refused() -> None:
    with pytest.raises(KernelError, match="missing"):
        Composite(kernels=(), combine="l2")
    with pytest.raises(KernelError, match="angle"):
        Composite(kernels=(X,), combine="angle")
    with pytest.raises(UsageError, match="l2"):
        Composite(kernels=(X,), combine="l3")
    with pytest.raises(KernelError, match="divisor"):
        Composite(kernels=(X,), combine="l2", divisor=0)


@pytest.mark.parametrize("border", ["edge", "wrap"])
def test_rows_that_several_kernels_read_are_computed_once_a_band(
    monkeypatch: pytest.MonkeyPatch, border: str
) -> None:
    blurred = Kernel([[1, 2, 1]], divisor=4)
    window = blurred.weights.shape
    made: list[Pair] = []
    compute = KernelResponse.sums

    def count(self: KernelResponse, top: int, bottom: int) -> Any:
        if self._problem.window == window:
            made.append((top, bottom))
        return compute(self, top, bottom)

    monkeypatch.setattr(KernelResponse, "sums", count)
    monkeypatch.setattr(step, "BAND_BYTES", 1000)
    picture = np.random.default_rng(3).integers(0, 256, (41, 30), np.uint8)
    for kernels in ((X, Y), (X, Y, X, Y)):
        several = Composite(kernels=kernels, combine="max")
        apply(picture, [blurred, several], workers=1, border=border)
    assert len(made) >= 6  # several bands, twice
    assert made[: len(made) // 2] == made[len(made) // 2 :]
