"""Matrices side by side, shortened where they are large, coloured where a terminal can."""

import math
import os
import sys
from collections.abc import Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import TYPE_CHECKING

from convfilter.cli.terminal import has_fine_colours, in_colours
from convfilter.frozen import frozen
from convfilter.number import format_briefly

if TYPE_CHECKING:
    from convfilter.explain.exact import Exact

ROOM_OFF_A_TERMINAL = 120
"""Characters in a line that does not go to a terminal."""

MOST_SHOWN = 9
"""Rows and columns up to which a matrix is shown whole."""

SHOWN_OUTSIDE, SHOWN_AROUND = 2, 1
"""Rows and columns of a larger matrix shown at either end, and on either side of the origin."""

DIGITS, MORE_DIGITS = 4, 7
"""Significant digits of the numbers in a matrix, and of those beneath it."""


def told(value: "Exact", digits: int = MORE_DIGITS) -> str:
    """Write a number: exactly if that is short, but no quotient that is hard to read."""
    if isinstance(value, Fraction) and (value.denominator > 99 or abs(value) > 1):
        value = float(value)
    return format_briefly(value, digits) if math.isfinite(value) else str(value)


@frozen
class Grid:
    """One matrix as lines of text that are all equally long.

    Parameters
    ----------
    title
        What stands above it.
    lines, styled
        Without and with colours.
    """

    title: str
    lines: tuple[str, ...]
    styled: tuple[str, ...]

    @property
    def width(self) -> int:
        """Characters in a line."""
        return max(len(self.title), len(self.lines[0]))

    @classmethod
    def of(
        cls,
        title: str,
        matrix: "Sequence[Sequence[Exact]]",
        marks: Sequence[Sequence[tuple[str, str]]],
        origin: tuple[int, int],
        coloured: bool,
    ) -> "Grid":
        """Lay out a matrix.

        Parameters
        ----------
        marks
            For each cell the two brackets around it, or two blanks.
        origin
            The cell that is shown in any case, with those around it.
        coloured
            Whether cells have a colour by their value, on terminals that can show it.
        """
        rows, columns = _shown(len(matrix), origin[0]), _shown(len(matrix[0]), origin[1])
        cells = [
            ["…" if None in (y, x) else _marked(matrix, marks, y or 0, x or 0) for x in columns]
            for y in rows
        ]
        width = max(len(cell) for row in cells for cell in row)
        widths = [3 if column is None else width for column in columns]
        texts = [
            [cell.rjust(room) for cell, room in zip(row, widths, strict=True)] for row in cells
        ]
        plain = tuple("".join(row) for row in texts)
        if not (coloured and has_fine_colours()):
            return cls(title, plain, plain)
        colours = _colours(matrix)
        styled = tuple(
            "".join(
                text if None in (y, x) else _styled(text, colours[y or 0][x or 0])
                for x, text in zip(columns, row, strict=True)
            )
            for y, row in zip(rows, texts, strict=True)
        )
        return cls(title, plain, styled)

    def padded(self, n: int) -> str:
        """Return a line that is as wide as the grid."""
        if n >= len(self.lines):
            return " " * self.width
        return self.styled[n] + " " * (self.width - len(self.lines[n]))


def side_by_side(grids: Sequence[Grid], signs: Sequence[str]) -> list[str]:
    """Return grids in one row with a sign between each two, or beneath each other if too wide."""
    gap = 3
    width = sum(grid.width for grid in grids) + sum(len(sign) + 2 * gap for sign in signs)
    if width > room():
        return [line for grid in grids for line in (f"{grid.title}:", *_indented(grid))]
    height = max(len(grid.lines) for grid in grids)
    blanks = " " * gap
    heading = "".join(
        grid.title.ljust(grid.width) + (" " * (len(sign) + 2 * gap) if sign else "")
        for grid, sign in zip_longest(grids, signs, fillvalue="")
        if isinstance(grid, Grid)
    )
    lines = [heading.rstrip()]
    for n in range(height):
        line = ""
        for grid, sign in zip_longest(grids, signs):
            shown = sign if n == (height - 1) // 2 else " " * len(sign or "")
            line += grid.padded(n) + (f"{blanks}{shown}{blanks}" if sign else "")
        lines.append(line.rstrip())
    return lines


def _indented(grid: Grid) -> list[str]:
    return [f"  {line}" for line in grid.styled]


def _marked(
    matrix: "Sequence[Sequence[Exact]]", marks: Sequence[Sequence[tuple[str, str]]], y: int, x: int
) -> str:
    before, after = marks[y][x]
    return f" {before}{told(matrix[y][x], DIGITS)}{after}"


def _shown(count: int, origin: int) -> list[int | None]:
    """Return which rows or columns are shown; None stands for those left out in between."""
    if count <= MOST_SHOWN:
        return list(range(count))
    ends = [*range(SHOWN_OUTSIDE), *range(count - SHOWN_OUTSIDE, count)]
    around = range(max(origin - SHOWN_AROUND, 0), min(origin + SHOWN_AROUND + 1, count))
    places = sorted({*ends, *around})
    shown: list[int | None] = []
    for place in places:
        if shown and place != (shown[-1] or 0) + 1:
            shown.append(None)
        shown.append(place)
    return shown


def room() -> int:
    """Return how many characters a line may have."""
    if not sys.stdout.isatty():
        return ROOM_OFF_A_TERMINAL
    return os.get_terminal_size(sys.stdout.fileno()).columns


def _colours(matrix: "Sequence[Sequence[Exact]]") -> list[list[tuple[int, int, int]]]:
    import numpy as np

    from convfilter.drawing.colours import diverging, peak_of, rgb_rows

    values = np.nan_to_num(np.array([[float(cell) for cell in row] for row in matrix]))
    return rgb_rows(diverging(values / peak_of(values)))


def _styled(text: str, colour: tuple[int, int, int]) -> str:
    from convfilter.drawing.colours import ink_on

    return in_colours(text, ink_on(colour), colour)
