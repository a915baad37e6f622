"""The last line of an explanation is the sample that is written."""

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convfilter.border import BORDERS
from convfilter.errors import ConvfilterError, UsageError
from convfilter.explain.as_json import trace_to_json
from convfilter.explain.window import FOLLOWED, PixelTrace, explain_pixel
from convfilter.filtering import apply, plan_filtering
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.pictures.reading import open_picture
from convfilter.recipe import Filter
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.search_path import find_kernels
from tests import oracle
from tests.conftest import SAMPLES
from tests.explain.random_cases import (
    random_filters,
    random_options,
    random_place,
    sample_pictures,
)

BUILT_IN = sorted(find_kernels())


def written(trace: PixelTrace) -> list[Any]:
    return [finished.written for finished in trace.finished]


def follow(array: NDArray[Any], kernel: Filter, y: int, x: int, **options: Any) -> PixelTrace:
    picture = Picture.of_array(array)
    return explain_pixel(picture, [kernel], FilterOptions.parse(**options), (y, x))


def check_random_points(pictures: list[Picture], seeds: range) -> int:
    """Compare one pixel for each seed; return how many could be filtered as drawn."""
    compared = 0
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311
        picture = chance.choice(pictures)
        drawn = random_filters(chance, BUILT_IN)
        filters = [get_kernel(one) if isinstance(one, str) else one for one in drawn]
        try:
            options = FilterOptions.parse(**random_options(chance))
            filtering = plan_filtering(picture, filters, options)
        except ConvfilterError:
            continue  # such as valid with a kernel that is larger than the picture
        place = random_place(chance, filtering.size)
        trace = explain_pixel(picture, filters, options, place)
        expected = np.atleast_1d(filtering.run().picture.array[place]).tolist()
        assert written(trace) == expected, f"seed {seed}: {filters}, {options}, {place}"
        compared += 1
    return compared


def test_points_of_the_samples_are_what_apply_makes_of_them() -> None:
    small = [picture for picture in sample_pictures(None) if picture.width < 400]
    assert check_random_points(small, range(150)) > 120


@pytest.mark.soak
def test_a_thousand_points_of_real_pictures_are_what_apply_makes_of_them(corpus: Path) -> None:
    assert check_random_points(sample_pictures(corpus), range(1000, 2050)) >= 1000


@pytest.mark.parametrize(
    "border", [*(name for name in BORDERS if name != "constant"), "constant:0", "constant:1/3"]
)
@pytest.mark.parametrize("padding", ["same", "full", "valid"])
def test_every_pixel_is_the_oracles(border: str, padding: str) -> None:
    array = np.random.default_rng(5).integers(0, 256, (5, 7), dtype=np.uint8)
    kernel = Kernel([[1, -2, 3], [0, 4, 5]], divisor=7, origin=(1, 0), operation="convolve")
    name, _, constant = border.partition(":")
    expected = oracle.filtered(
        array,
        kernel.weights.tolist(),
        divisor=7,
        origin=(1, 0),
        operation="convolve",
        border=name,
        constant=Fraction(constant or 0) * 255,
        padding=padding,
        stride=(1, 2),
        dilation=(2, 1),
    )
    options = {"border": border, "padding": padding, "stride": (1, 2), "dilation": (2, 1)}
    for y, x in np.ndindex(expected.shape):
        assert written(follow(array, kernel, y, x, **options)) == [expected[y, x]]


def test_the_anti_diagonal_on_the_square_gives_three() -> None:
    picture = open_picture(SAMPLES / "square-10x10.png")
    kernel = get_kernel("[[0,0,1],[0,1,0],[1,0,0]]")
    options = FilterOptions.parse(border="constant:0", divisor=1)
    trace = explain_pixel(picture, [kernel], options, (4, 4))
    (combined,) = trace.steps[0].channels
    (response,) = combined.responses
    assert response.window == ((1, 1, 1),) * 3
    assert response.products == ((0, 0, 1), (0, 1, 0), (1, 0, 0))
    assert response.sum == 3
    assert written(trace) == [3]


def test_samples_outside_are_told_from_those_inside() -> None:
    array = np.arange(9, dtype=np.uint8).reshape(3, 3)
    trace = follow(array, Kernel(np.ones((3, 3), int)), 0, 0, border="wrap")
    response = trace.steps[0].channels[0].responses[0]
    assert response.rows == (-1, 0, 1)
    assert response.inside == ((False,) * 3, (False, True, True), (False, True, True))
    assert response.window == ((8, 6, 7), (2, 0, 1), (5, 3, 4))


def test_steps_are_followed_to_the_pixel_under_the_origin() -> None:
    array = np.arange(64, dtype=np.uint8).reshape(8, 8)
    halve = Kernel([[1]], divisor=2)
    picture = Picture.of_array(array)
    options = FilterOptions.parse(stride=2)
    trace = explain_pixel(picture, [halve, Kernel([[1, 1]])], options, (1, 2))
    first, last = trace.steps
    assert (first.place, last.place) == ((2, 4), (1, 2))
    assert first.channels[0].value == 10
    assert last.channels[0].responses[0].window == ((10, Fraction(21, 2)),)
    assert written(trace) == [21]


def test_channels_that_are_mixed_are_added_up() -> None:
    weights = np.arange(2 * 3 * 3 * 2).reshape(2, 3, 3, 2) - 9
    kernel = MixingKernel.of_weights(weights, divisor=5, offset=Fraction(1, 5))
    array = np.random.default_rng(2).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    expected = apply(array, kernel, border="constant:red").array
    for y, x in np.ndindex(6, 5):
        trace = follow(array, kernel, y, x, border="constant:red")
        assert written(trace) == expected[y, x].tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float_pictures_are_followed_to_the_nearest_float(dtype: str) -> None:
    array = np.random.default_rng(2).random((6, 5)).astype(dtype)
    kernel = Kernel([[1, 2, 3], [4, 5, -6]], divisor=9)
    trace = follow(array, kernel, 2, 3)
    assert written(trace) == [pytest.approx(float(apply(array, kernel).array[2, 3]), rel=1e-5)]
    assert trace.finished[0].rounded is None


def test_what_is_not_finite_is_followed_too() -> None:
    array = np.ones((4, 4))
    array[1, 1] = np.nan
    array[3, 3] = np.inf
    kernel = Kernel([[1, 0, 1], [0, 1, 1]])
    expected = apply(array, kernel).array
    got = [[written(follow(array, kernel, y, x))[0] for x in range(4)] for y in range(4)]
    np.testing.assert_array_equal(got, expected)
    y, x = np.argwhere(np.isnan(expected))[0].tolist()
    traced = follow(array, kernel, y, x)
    assert not any(finished.clipped for finished in traced.finished)
    told = json.loads(json.dumps(trace_to_json(traced, with_steps=True), allow_nan=False))
    assert told["value"] is None


def test_only_the_rows_that_are_needed_are_read() -> None:
    class Counting:
        step, planes = 1, 1

        def __init__(self) -> None:
            self.read_rows: set[int] = set()

        def read(self, top: int, bottom: int, out: NDArray[Any]) -> None:
            self.read_rows |= set(range(top, bottom))
            out[...] = 1

    rows = Counting()
    picture = Picture(rows, 1000, 9, "L", np.dtype("uint8"))
    explain_pixel(picture, [Kernel(np.ones((3, 3), int))], FilterOptions(), (500, 4))
    assert rows.read_rows == {499, 500, 501}


@pytest.mark.parametrize("place", [(4, 0), (0, 5), (-1, 0)])
def test_a_point_outside_is_refused_with_the_size(place: tuple[int, int]) -> None:
    array = np.zeros((4, 5), np.uint8)
    with pytest.raises(UsageError, match=r"5×4 pixels.*X is 0 to 4, Y is 0 to 3"):
        follow(array, Kernel([[1]]), *place)


def test_what_would_take_minutes_is_refused() -> None:
    picture = Picture.of_array(np.zeros((500, 500), np.uint8))
    large = Kernel(np.ones((101, 101), int))
    with pytest.raises(UsageError, match="million products"):
        explain_pixel(picture, [large, large], FilterOptions(), (0, 0))


def test_an_option_that_is_not_worked_out_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convfilter.explain.window.FOLLOWED", FOLLOWED - {"alpha"})
    array = np.zeros((4, 5), np.uint8)
    with pytest.raises(UsageError, match="--alpha is not followed"):
        follow(array, Kernel([[1]]), 0, 0, alpha="keep")
