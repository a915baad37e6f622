"""The terminal on standard output: which colours it has, and lines of coloured cells for it."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.style import Style
    from rich.text import Text

    from convfilter.drawing.colours import Rgb

UPPER_HALF = "▀"

FINE_COLOURS = ("256", "truecolor")
"""Colour systems that suffice; with 16 colours most weights would look alike."""


def has_fine_colours() -> bool:
    """Whether standard output is a terminal with 256 colours or more, and they are wanted."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return False
    return _colour_system() in FINE_COLOURS


def in_colours(text: str, front: "Rgb", behind: "Rgb") -> str:
    """Return a text in colours, as many as the terminal has."""
    from rich.console import COLOR_SYSTEMS

    system = COLOR_SYSTEMS[_colour_system() or "truecolor"]
    return _style(front, behind).render(text, color_system=system)


def coloured_line(cells: "list[tuple[str, Rgb, Rgb | None]]") -> "Text":
    """Join cells: text, its colour, and the colour behind it, or None for the terminal's own."""
    from rich.text import Text

    line = Text()
    for text, front, behind in cells:
        line.append(text, _style(front, behind))
    return line


def half_blocks(rows: "Sequence[Sequence[Rgb]]") -> "list[Text]":
    """Return lines that each show two rows of pixels."""
    below: list[list[Rgb | None]] = [list(row) for row in rows[1::2]]
    below.append([None] * len(rows[0]))  # beneath the last of an odd number of rows
    return [
        coloured_line([(UPPER_HALF, *pair) for pair in zip(upper, lower, strict=True)])
        for upper, lower in zip(rows[::2], below, strict=False)
    ]


def _colour_system() -> str | None:
    from rich.console import Console

    return Console(force_terminal=True, legacy_windows=False).color_system


def _style(front: "Rgb", behind: "Rgb | None") -> "Style":
    from rich.color import Color
    from rich.style import Style

    background = Color.from_rgb(*behind) if behind else None
    return Style(color=Color.from_rgb(*front), bgcolor=background)
