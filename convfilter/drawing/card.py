"""A kernel on one card: its name, its matrix, its frequency response."""

import io

from PIL import Image, ImageDraw

from convfilter.drawing.colours import LINE, MUTED
from convfilter.drawing.lettering import fitted, write
from convfilter.drawing.matrix import draw_matrix, kernel_facts
from convfilter.drawing.response import draw_response, response_facts
from convfilter.drawing.sheet import MARGIN, paper, with_lines
from convfilter.kernel import Kernel

NAME = 36
TITLE = 20
HEADER = 88
HEADER_WITHOUT_TITLE = 60
"""Sizes of type, and the height of the part with the name, in pixels."""

BETWEEN = 56
NARROW = 640
"""Pixels between the panels, and how wide a matrix may be to stand beside the response."""


def draw_kernel_card(kernel: Kernel) -> Image.Image:
    """Draw a kernel's name, title, matrix, frequency response and facts.

    Returns
    -------
    PIL.Image.Image
        In RGB, on white.
    """
    matrix = draw_matrix(kernel)
    first = with_lines(matrix, kernel_facts(kernel))
    second = with_lines(draw_response(kernel), response_facts(kernel))
    top = MARGIN + (HEADER if kernel.title else HEADER_WITHOUT_TITLE)
    if matrix.width <= NARROW:
        place = MARGIN + first.width + BETWEEN, top
    else:
        place = MARGIN, top + first.height + BETWEEN // 2
    right = max(MARGIN + first.width, place[0] + second.width)
    bottom = max(top + first.height, place[1] + second.height)
    card = paper(right + MARGIN, bottom + MARGIN)
    card.paste(first, (MARGIN, top))
    card.paste(second, place)
    _write_header(card, kernel, top)
    return card


def encode_kernel_card(kernel: Kernel) -> bytes:
    """Return the card of a kernel as the bytes of a PNG file."""
    stream = io.BytesIO()
    draw_kernel_card(kernel).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def _write_header(card: Image.Image, kernel: Kernel, bottom: int) -> None:
    room = card.width - 2 * MARGIN
    write(card, (MARGIN, MARGIN + 14), fitted(kernel.label, NAME, room), NAME)
    write(card, (MARGIN, MARGIN + 50), fitted(kernel.title, TITLE, room), TITLE, MUTED)
    rule = bottom - 18
    ImageDraw.Draw(card).line((MARGIN, rule, card.width - MARGIN, rule), LINE)
