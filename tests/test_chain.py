"""Chains: recipes laid out step by step, options and ranges where they belong."""

from fractions import Fraction

import numpy as np
import pytest

from convfilter import Kernel, UsageError, convolve
from convfilter.chain import Chain
from convfilter.composite import Composite
from convfilter.options import FilterOptions
from convfilter.recipe import Recipe, RecipeStep

BLUR = Kernel([[1, 2, 1]], divisor=4)
EDGE = Kernel([[-1, 1]], range="abs")
PICTURE = np.random.default_rng(8).integers(0, 256, (8, 9)).astype(np.float64)


def recipe(*steps: tuple[Kernel, FilterOptions]) -> Recipe:
    return Recipe(steps=tuple(RecipeStep(kernel, options) for kernel, options in steps))


def test_a_recipe_is_its_steps_one_after_another() -> None:
    by_hand = convolve(convolve(PICTURE, BLUR, border="wrap"), EDGE, stride=2)
    options = FilterOptions.parse(border="wrap"), FilterOptions.parse(stride=2)
    stacked = recipe((BLUR, options[0]), (EDGE, options[1]))
    np.testing.assert_allclose(convolve(PICTURE, stacked), by_hand)


@pytest.mark.parametrize(
    ("name", "applied"),
    [
        ("relu", lambda v: np.maximum(v, 0)),
        ("abs", np.abs),
        ("clip", lambda v: np.clip(v, 0, 1)),
        ("center", lambda v: v + 0.5),
        ("stretch", lambda v: (v - v.min()) / (v.max() - v.min())),
    ],
)
def test_a_range_in_a_recipe_holds_between_the_steps(name: str, applied: object) -> None:
    picture = PICTURE / 255
    plain = Kernel([[-1, 1]])
    stacked = recipe((plain, FilterOptions(range=name)), (BLUR, FilterOptions()))
    by_hand = convolve(applied(convolve(picture, plain)), BLUR)  # type: ignore[operator]
    np.testing.assert_allclose(convolve(picture, stacked), by_hand, atol=1e-12)


def test_integers_are_neither_rounded_nor_clipped_between_steps() -> None:
    picture = np.array([[0, 200, 255, 3]], np.uint8)
    bright, dark = Kernel([[3]]), Kernel([[1]], divisor=3)
    both = recipe((bright, FilterOptions()), (dark, FilterOptions()))
    np.testing.assert_array_equal(convolve(picture, both), picture)


def test_the_range_is_the_last_one_that_is_not_in_between() -> None:
    def range_of(*steps: tuple[Kernel, FilterOptions]) -> str | None:
        return Chain.of([recipe(*steps)], FilterOptions()).range

    assert range_of((EDGE, FilterOptions()), (BLUR, FilterOptions())) == "abs"
    assert range_of((EDGE, FilterOptions(range="relu")), (BLUR, FilterOptions())) is None
    assert range_of((BLUR, FilterOptions()), (EDGE, FilterOptions(range="center"))) == "center"
    stated = Chain.of([recipe((EDGE, FilterOptions()))], FilterOptions(range="stretch"))
    assert stated.range == "stretch"


def test_options_of_the_call_hold_for_every_step_or_the_last() -> None:
    steps = recipe((BLUR, FilterOptions.parse(stride=2)), (EDGE, FilterOptions.parse(stride=3)))
    options = FilterOptions.parse(border="mirror", stride=2, offset=Fraction(1, 4))
    first, last = Chain.of([steps], options).links
    for link in (first, last):
        assert isinstance(link.kernel, Kernel)
        assert str(link.kernel.border) == "mirror"
    assert (first.options.stride, last.options.stride) == ((2, 2), (6, 6))
    assert (first.kernel.offset, last.kernel.offset) == (0, Fraction(1, 4))


def test_only_linear_chains_have_a_gain() -> None:
    def gain(*filters: Kernel | Composite | Recipe) -> Fraction | None:
        return Chain.of(filters, FilterOptions()).gain

    assert gain(Kernel([[3]]), Kernel([[1, 1]], divisor=4)) == Fraction(3, 2)
    assert gain(Composite(kernels=(BLUR, Kernel([[2]])), combine="mean")) == Fraction(3, 2)
    assert gain(Composite(kernels=(BLUR, BLUR), combine="max")) is None
    assert gain(recipe((BLUR, FilterOptions(range="relu")), (BLUR, FilterOptions()))) is None


def test_a_chain_needs_a_kernel() -> None:
    with pytest.raises(UsageError, match="no kernel"):
        Chain.of([], FilterOptions())
