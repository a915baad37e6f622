"""Writing on pictures with the font that comes with Pillow, and what stands in for its gaps."""

import functools
import string
import unicodedata
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from convfilter.drawing.colours import INK, WHITE, Rgb

MINUS = "−"  # noqa: RUF001 - the sign itself
GLYPHS = frozenset(string.digits + string.ascii_letters + string.punctuation + " «°±´·»‘’“”…⁄")  # noqa: RUF001
"""What the font can write; the test suite looks at each."""

SUBSTITUTES = {
    "×": "x",
    "÷": "/",
    "–": "-",
    "—": "-",
    "σ": "sigma",
    "π": "pi",
    "√": "sqrt ",
    "ß": "ss",
}

Align = Literal["left", "middle", "right"]


@functools.cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font of Pillow in a size."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)  # noqa: S101 - every wheel has FreeType
    return found


def writable(text: str) -> str:
    """Return a text in characters that can be written: accents left out, signs in words."""
    written = []
    for sign in text:
        known = SUBSTITUTES.get(sign, sign)
        if known != MINUS and not GLYPHS.issuperset(known):
            plain = unicodedata.normalize("NFKD", known)
            known = "".join(part for part in plain if part in GLYPHS) or "?"
        written.append(known)
    return "".join(written)


def width(text: str, size: int) -> float:
    """Return how wide a text is written, in pixels."""
    parts = writable(text).split(MINUS)
    bars = (len(parts) - 1) * font(size).getlength("+")
    return bars + sum(font(size).getlength(part) for part in parts)


def fitted(text: str, size: int, room: float) -> str:
    """Return as much of a text as there is room for, with an ellipsis where it was cut."""
    if width(text, size) <= room:
        return text
    kept = len(text)
    while kept and width(f"{text[:kept]}…", size) > room:
        kept -= 1
    return f"{text[:kept].rstrip()}…"


def write(
    image: Image.Image,
    place: tuple[float, float],
    text: str,
    size: int,
    colour: Rgb = INK,
    align: Align = "left",
) -> None:
    """Write one line; ``place`` is its left, middle or right at half the height of a digit."""
    face, pen = font(size), ImageDraw.Draw(image)
    x, y = place
    x -= {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * width(text, size)
    baseline = round(y - face.getbbox("0", anchor="ls")[1] / 2)
    for number, part in enumerate(writable(text).split(MINUS)):
        if number:
            _draw_minus(pen, x, baseline, size, colour)
            x += face.getlength("+")
        pen.text((x, baseline), part, colour, face, anchor="ls")
        x += face.getlength(part)


def write_upwards(
    image: Image.Image, place: tuple[int, int], text: str, size: int, colour: Rgb = INK
) -> None:
    """Write one line from the bottom to the top, its middle at ``place``."""
    line = Image.new("RGB", (round(width(text, size)) + 2, 2 * size), WHITE)
    write(line, (1, size), text, size, colour)
    turned = line.transpose(Image.Transpose.ROTATE_90)
    image.paste(turned, (place[0] - turned.width // 2, place[1] - turned.height // 2))


def _draw_minus(pen: ImageDraw.ImageDraw, x: float, baseline: int, size: int, colour: Rgb) -> None:
    """Draw the bar of the plus sign: the font has a hyphen, which is short, and no minus."""
    left, top, right, bottom = font(size).getbbox("+", anchor="ls")
    thickness, gap = max(1, round(size / 13)), size / 12
    upper = baseline + round((top + bottom - thickness) / 2)
    first, last = round(x + left + gap / 2), round(x + right - gap) - 1
    pen.rectangle((first, upper, last, upper + thickness - 1), fill=colour)
