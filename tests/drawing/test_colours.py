import numpy as np
import pytest
from numpy.typing import NDArray

from convfilter.drawing.colours import BLACK, WHITE, contrast, diverging, ink_on, sequential

STEPS = np.linspace(-1, 1, 401)


def lightness(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the lightness of sRGB colours, 0 to 100, as CIE L* defines it."""
    parts = colours / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    stars: NDArray[np.float64] = np.where(
        luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27
    )
    return stars


def test_zero_is_white_and_the_arms_are_blue_and_orange() -> None:
    below, zero, above = diverging([-0.5, 0.0, 0.5]).tolist()
    assert tuple(zero) == WHITE
    assert below[2] > below[1] > below[0]
    assert above[0] > above[1] > above[2]


def test_the_arms_grow_darker_alike() -> None:
    levels = lightness(diverging(STEPS))
    assert (np.diff(levels[200:]) < 0).all()
    assert (np.diff(levels[:201]) > 0).all()
    assert np.abs(levels - levels[::-1]).max() < 8


def test_gains_grow_lighter_in_even_steps() -> None:
    steps = np.diff(lightness(sequential(np.linspace(0, 1, 101))))
    assert steps.min() > 0
    assert steps.max() < 2


@pytest.mark.parametrize("value", STEPS[::5])
def test_ink_is_readable_on_every_colour(value: float) -> None:
    red, green, blue = diverging(value).tolist()
    assert contrast(ink_on((red, green, blue)), (red, green, blue)) >= 4.5


def test_contrast_is_from_1_to_21() -> None:
    assert contrast(WHITE, WHITE) == 1
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
