from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter import Kernel, convolve, plan
from convfilter.engine import factors as factoring
from convfilter.engine.program import cheapest_way
from convfilter.factors import Factors, OuterProduct
from convfilter.registry.catalogue import get_single_kernel as get_kernel

GENERATED = [
    "gaussian:sigma=3.3",
    "gaussian:sigma=2,order=1",
    "gaussian:sigma=2,order=2,axis=y",
    "unsharp:sigma=2,amount=1.5",
    "log:sigma=2",
    "dog:sigma1=1.5",
    "gabor:sigma=3,theta=30,wavelength=7",
    "lanczos:scale=3",
]


@pytest.fixture
def _no_decomposition(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a singular value decomposition was run")

    monkeypatch.setattr(np.linalg, "svd", refuse)


def pictures() -> list[Any]:
    rng = np.random.default_rng(7)
    return [
        rng.integers(0, 256, (61, 53), np.uint8),
        rng.integers(0, 65536, (61, 53), np.uint16),
        rng.random((61, 53), np.float32),
        rng.random((61, 53)),
    ]


@pytest.mark.usefixtures("_no_decomposition")
@pytest.mark.parametrize("operation", ["correlate", "convolve"])
@pytest.mark.parametrize("text", GENERATED)
def test_factors_of_generators_give_the_dense_result_within_the_promise(
    text: str, operation: str
) -> None:
    kernel = get_kernel(text)
    assert kernel.factors
    for picture in pictures():
        options: dict[str, Any] = {"operation": operation, "divisor": -1.5, "offset": 0.4}
        separable = convolve(picture, kernel, method="separable", **options)
        dense = convolve(picture, kernel, method="direct", **options)
        error = np.abs(separable.astype(float) - dense.astype(float))
        if picture.dtype.kind == "u":
            assert error.max() <= 1
            assert picture.dtype != np.uint8 or np.count_nonzero(error) <= 0.001 * error.size
        else:
            bound = 1e-5 if picture.dtype == np.float32 else 1e-12
            assert error.max() <= bound * np.abs(kernel.weights).sum() / 1.5


@pytest.mark.usefixtures("_no_decomposition")
def test_a_large_gaussian_is_planned_without_a_decomposition() -> None:
    made = plan((4000, 6000, 3), "uint8", get_kernel("gaussian:sigma=49"))
    assert made.algorithm in ("separable", "fft")
    assert "separable" not in {r.algorithm for r in made.steps[0].rejected if "rank" in r.reason}


def test_without_factors_they_are_decomposed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def note(*given: Any) -> Factors:
        asked.append(given)
        return factoring.float_factors(*given)

    monkeypatch.setattr("convfilter.engine.separable.float_factors", note)
    kernel = get_kernel("gaussian:sigma=2")
    plan((99, 99), "uint8", kernel)
    assert not asked
    plan((99, 99), "uint8", kernel.replace(factors=None))
    assert asked


@given(
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
    st.sampled_from([1, -2, 5]),
)
def test_integer_factors_of_rank_two_are_exact(
    column: list[int], row: list[int], divisor: int
) -> None:
    products = OuterProduct(tuple(column), (1, 2, 1)), OuterProduct((1, 0, -1), tuple(row))
    factors = Factors(products, ((0, 2, 9),))
    kernel = Kernel(factors.matrix((3, 3)), divisor=divisor, factors=factors)
    picture = pictures()[0]
    for operation in ("correlate", "convolve"):
        separable, dense = (
            convolve(picture, kernel, method=method, operation=operation)
            for method in ("separable", "integer")
        )
        np.testing.assert_array_equal(separable, dense)


@given(st.integers(2, 6), st.lists(st.integers(-5, 5), min_size=1, max_size=8).filter(any))
def test_a_vector_that_a_box_divides_is_found_to_be_one(box: int, rest: list[int]) -> None:
    vector = tuple(np.convolve([1] * box, rest).tolist())
    _, found, quotient = cheapest_way(vector)
    if found > 1:
        assert tuple(np.convolve([1] * found, quotient).tolist()) == vector


def test_long_boxes_are_added_up_by_doubling() -> None:
    assert cheapest_way((1,) * 2001)[1:] == (2001, (1,))
    assert cheapest_way((1, 2, 3, 2, 1))[1:] == (3, (1, 1, 1))
