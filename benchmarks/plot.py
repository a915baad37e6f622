"""Draws times over kernel sizes as a PNG, with Pillow alone."""

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 900, 520, 90
COLOURS = {"convfilter": (200, 40, 40), "OpenCV filter2D": (40, 90, 190)}


def draw(times: dict[str, Sequence[tuple[int, float]]], title: str, path: Path) -> None:
    """Draw one line for each program: milliseconds over the side of the kernel, both by ratio."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    points = [point for line in times.values() for point in line]
    sides = sorted({side for side, _ in points})
    low = math.floor(math.log10(min(taken for _, taken in points) * 1000))
    high = math.ceil(math.log10(max(taken for _, taken in points) * 1000))

    def place(side: float, seconds: float) -> tuple[float, float]:
        across = math.log(side / sides[0]) / math.log(sides[-1] / sides[0])
        up = (math.log10(seconds * 1000) - low) / (high - low)
        return MARGIN + across * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)

    pen.text((MARGIN, 24), title, "black", ImageFont.load_default(19))
    for power in range(low, high + 1):
        for factor in (1, 2, 5) if power < high else (1,):
            _, y = place(sides[0], factor * 10**power / 1000)
            pen.line((MARGIN, y, WIDTH - MARGIN, y), (225, 225, 225))
            pen.text((MARGIN - 12, y), f"{factor * 10**power} ms", "black", font, anchor="rm")
    for side in sides:
        x, _ = place(side, 1)
        pen.line((x, MARGIN, x, HEIGHT - MARGIN), (235, 235, 235))
        pen.text((x, HEIGHT - MARGIN + 10), f"{side}x{side}", "black", font, anchor="ma")
    for number, (name, line) in enumerate(times.items()):
        colour = COLOURS.get(name, (90, 90, 90))
        at = [place(side, taken) for side, taken in line]
        pen.line(at, colour, 3)
        for x, y in at:
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), colour)
        top = MARGIN + 14 + 24 * number
        pen.ellipse((MARGIN + 20, top + 4, MARGIN + 30, top + 14), colour)
        pen.text((MARGIN + 40, top), name, colour, font)
    image.save(path, optimize=True)
