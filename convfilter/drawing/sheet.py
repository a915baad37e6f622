"""Paper and type sizes that the drawings share."""

import math
from collections.abc import Sequence

from PIL import Image

from convfilter.drawing.colours import WHITE
from convfilter.drawing.lettering import fitted, width, write

MARGIN = 28
LABEL = 15
FACT = 17
FACT_STEP = 26
WIDEST_FACT = 900
ABOVE = LABEL + 8
"""Pixels; lines of facts longer than the widest are cut, and above every plot there is as much
space, so that plots beside each other begin at the same height."""


def paper(across: int, down: int) -> Image.Image:
    """Return a white picture."""
    return Image.new("RGB", (across, down), WHITE)


def with_lines(panel: Image.Image, lines: Sequence[str]) -> Image.Image:
    """Return a panel with lines of facts beneath it."""
    lines = [fitted(line, FACT, WIDEST_FACT) for line in lines]
    across = max(panel.width, *(math.ceil(width(line, FACT)) for line in lines))
    beneath = panel.height + FACT_STEP // 2
    canvas = paper(across, beneath + FACT_STEP * len(lines))
    canvas.paste(panel)
    for number, line in enumerate(lines):
        write(canvas, (0, beneath + FACT_STEP * number + FACT_STEP / 2), line, FACT)
    return canvas
