"""A bar of colours beside a plot, with values at round steps."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from convfilter.drawing.colours import MUTED
from convfilter.drawing.lettering import MINUS, width, write
from convfilter.number import Number, format_briefly

BAR = 18
"""Width of the bar in pixels."""

TICK = 6
GAP = 5
SIZE = 15

Ramp = Callable[[NDArray[np.float64]], NDArray[np.uint8]]


def round_steps(low: float, high: float, count: int = 5) -> list[float]:
    """Return about ``count`` multiples of 1, 2 or 5 times a power of ten within the bounds."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def written(value: Number, digits: int = 3) -> str:
    """Write a value with about three digits, and with the sign for minus."""
    text = format_briefly(value, digits)
    return text if "e" in text else text.replace("-", MINUS)


def scale_width(low: float, high: float) -> int:
    """Return how many pixels a bar takes, its labels included."""
    return (
        BAR + TICK + GAP + math.ceil(max(width(written(v), SIZE) for v in round_steps(low, high)))
    )


def draw_scale(
    image: Image.Image, box: tuple[int, int, int], low: float, high: float, ramp: Ramp
) -> None:
    """Draw a bar; ``box`` is its left, top and height, ``ramp`` gives the colours of values."""
    left, top, height = box
    values = np.linspace(high, low, height)
    column = Image.fromarray(ramp(values)[:, np.newaxis])
    image.paste(column.resize((BAR, height), Image.Resampling.NEAREST), (left, top))
    pen = ImageDraw.Draw(image)
    pen.rectangle((left, top, left + BAR - 1, top + height - 1), outline=MUTED)
    for value in round_steps(low, high):
        y = top + round((high - value) / (high - low) * (height - 1))
        pen.line((left + BAR, y, left + BAR + TICK - 1, y), MUTED)
        write(image, (left + BAR + TICK + GAP, y), written(value), SIZE)
