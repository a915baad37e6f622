"""Colours for values: two ramps of even lightness steps, and the ink that can be read on them.

The ramps are laid through OKLab, a colour space in which equal distances look equal
(Björn Ottosson, 2020), so no step of a value seems larger than another.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rgb = tuple[int, int, int]

BLACK: Rgb = (0, 0, 0)
INK: Rgb = (24, 27, 33)
MUTED: Rgb = (104, 108, 117)
LINE: Rgb = (205, 208, 214)
WHITE: Rgb = (255, 255, 255)

SMALLEST_PEAK = 1e-250

_Stops = tuple[tuple[float, float, float, float], ...]

_POSITIVE: _Stops = ((0, 1, 0, 70), (0.5, 0.78, 0.13, 62), (1, 0.5, 0.17, 38))
_NEGATIVE: _Stops = ((0, 1, 0, 250), (0.5, 0.78, 0.1, 247), (1, 0.5, 0.17, 258))
"""Position, OKLab lightness, chroma and hue; both arms have the same lightness."""

_GAIN: _Stops = (
    (0, 0.16, 0.05, 285),
    (0.25, 0.36, 0.13, 282),
    (0.5, 0.56, 0.13, 245),
    (0.7, 0.72, 0.12, 195),
    (0.85, 0.85, 0.13, 150),
    (1, 0.97, 0.12, 110),
)


def peak_of(values: NDArray[Any]) -> float:
    """Return the largest value without its sign, or 1 where that is too small to divide by."""
    peak = float(np.abs(values).max())
    return peak if peak > SMALLEST_PEAK else 1.0


def diverging(values: ArrayLike) -> NDArray[np.uint8]:
    """Return colours for values from -1 (blue) through 0 (white) to 1 (orange to red).

    Parameters
    ----------
    values : array_like, shape (…)

    Returns
    -------
    ndarray of uint8, shape (…, 3)
    """
    signed = np.asarray(values, dtype=np.float64)
    amount = np.abs(signed)
    negative = (signed < 0)[..., np.newaxis]
    return np.where(negative, _along(_NEGATIVE, amount), _along(_POSITIVE, amount))


def sequential(values: ArrayLike) -> NDArray[np.uint8]:
    """Return colours for values from 0 (near black) to 1 (light yellow), ever lighter."""
    return _along(_GAIN, np.asarray(values, dtype=np.float64))


def rgb_rows(pixels: NDArray[np.uint8]) -> list[list[Rgb]]:
    """Return pixels of shape (rows, columns, 3) as lists of colours."""
    return [[(red, green, blue) for red, green, blue in row] for row in pixels.tolist()]


def ink_on(colour: Rgb) -> Rgb:
    """Return black or white, whichever has the higher contrast on a colour."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21, as the WCAG defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _along(stops: _Stops, position: NDArray[np.float64]) -> NDArray[np.uint8]:
    places = [stop[0] for stop in stops]
    lab = [
        (lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue)))
        for _, lightness, chroma, hue in stops
    ]
    parts = [np.interp(position, places, column) for column in zip(*lab, strict=True)]
    return _srgb(np.stack(parts, axis=-1))


_TO_CONES = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
_TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def _srgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Turn OKLab into 8-bit sRGB; what lies outside the gamut is clipped."""
    light = np.clip((lab @ _TO_CONES.T) ** 3 @ _TO_LINEAR.T, 0, 1)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    levels: NDArray[np.uint8] = np.floor(255 * curve + 0.5).astype(np.uint8)
    return levels
