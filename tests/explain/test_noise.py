from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from convfilter.chain import Chain
from convfilter.explain import noise
from convfilter.explain.noise import clipping_of
from convfilter.filtering import plan_filtering
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.recipe import Filter
from convfilter.registry.catalogue import get_kernel


def clipped(kernel: Filter, value_range: str) -> noise.Clipping:
    options = FilterOptions(range=value_range)
    found = clipping_of(Chain.of([kernel], options), [kernel], options)
    assert found
    return found


@pytest.mark.parametrize("value_range", ["clip", "abs", "center", "relu"])
@pytest.mark.parametrize("divisor", [1, 2, -3, Fraction(5, 2)])
@pytest.mark.parametrize("offset", [0, Fraction(1, 2), Fraction(-1, 10)])
def test_the_exact_share_is_that_of_every_pair_of_samples(
    value_range: str, divisor: int | Fraction, offset: int | Fraction
) -> None:
    kernel = Kernel([[2, -1]], divisor=divisor, offset=offset, origin=(0, 1))
    # Every pair of levels side by side, in its own row.
    pairs = np.array(list(product(range(256), repeat=2)), np.uint8)
    options = FilterOptions.parse(range=value_range, padding="valid")
    counted = plan_filtering(Picture.of_array(pairs), [kernel], options).run().clipped_share
    found = clipped(kernel, value_range)
    assert found.method == "exact"
    assert found.share == pytest.approx(counted, abs=1e-9)


@pytest.mark.parametrize("name", ["sharpen", "sobel-x", "emboss", "unsharp5"])
def test_the_sample_agrees_with_the_exact_share(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = get_kernel(name)
    exactly = clipped(kernel, "clip")
    monkeypatch.setattr(noise, "MOST_STEPS", 0)
    sampled = clipped(kernel, "clip")
    assert (exactly.method, sampled.method) == ("exact", "sampled")
    assert sampled.share == pytest.approx(exactly.share, abs=0.005)


@pytest.mark.parametrize("name", ["sobel", "unsharp-mask", "gaussian:sigma=2"])
def test_what_is_not_one_integer_kernel_is_sampled(name: str) -> None:
    assert clipped(get_kernel(name), "clip").method == "sampled"


def test_blurs_never_clip() -> None:
    assert clipped(get_kernel("blur5"), "clip").share == 0
