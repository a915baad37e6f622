"""The matrix of a kernel on a terminal: a coloured cell for each weight, the origin in brackets."""

import io
import os
from typing import TYPE_CHECKING

from convfilter.cli.kernels.telling import fact_lines, heading_lines
from convfilter.cli.terminal import FINE_COLOURS, coloured_line, half_blocks
from convfilter.errors import UsageError
from convfilter.number import format_briefly

if TYPE_CHECKING:
    from rich.text import Text

    from convfilter.kernel import Kernel


def heat_map(kernel: "Kernel", to_terminal: bool) -> str:
    """Return a kernel as coloured cells between what it is called and the facts.

    Off a terminal, where it has few colours, and where ``NO_COLOR`` is set, the same
    without colours. Where it is too narrow the numbers are left out, then two rows share
    a line.

    Raises
    ------
    UsageError
        If the terminal has fewer columns than the kernel.
    """
    lines = (*heading_lines(kernel), "", *heat_rows(kernel, to_terminal), "", *fact_lines(kernel))
    return "".join(f"{line}\n" for line in lines)


def heat_rows(kernel: "Kernel", to_terminal: bool) -> list[str]:
    """Return only the matrix; see `heat_map`."""
    from rich.console import Console
    from rich.text import Text

    wanted = to_terminal and "NO_COLOR" not in os.environ
    console = Console(file=io.StringIO(), force_terminal=wanted, legacy_windows=False)
    has_colours = wanted and console.color_system in FINE_COLOURS
    rows = _coloured(kernel, console.width) if has_colours else map(Text, _numbers(kernel))
    with console.capture() as captured:
        for row in rows:
            console.print(row, soft_wrap=True, highlight=False, markup=False)
    return captured.get().splitlines()


def _coloured(kernel: "Kernel", room: int) -> "list[Text]":
    """Return the rows in the first layout that there is room for."""
    from convfilter.drawing.colours import diverging, ink_on, peak_of, rgb_rows

    shares = kernel.weights / peak_of(kernel.weights)
    colours = rgb_rows(diverging(shares))
    for cells in (_cells(kernel), _blocks(kernel)):
        if kernel.columns * len(cells[0][0]) <= room:
            return [
                coloured_line([(text, ink_on(c), c) for text, c in zip(texts, row, strict=True)])
                for texts, row in zip(cells, colours, strict=True)
            ]
    if kernel.columns <= room:
        return half_blocks(colours)
    raise UsageError(
        f"the kernel has {kernel.columns} columns, the terminal {room}",
        None,
        "use --format png -o FILE",
    )


def _numbers(kernel: "Kernel") -> list[str]:
    return ["".join(row).rstrip() for row in _cells(kernel)]


def _cells(kernel: "Kernel") -> list[list[str]]:
    """Return the weights, all equally wide, that of the origin in brackets."""
    texts = [[format_briefly(weight) for weight in row] for row in kernel.exact_weights]
    width = max(len(text) for row in texts for text in row)
    cells = [[f" {text:>{width}} " for text in row] for row in texts]
    row, column = kernel.origin
    cells[row][column] = f"[{texts[row][column]}]".rjust(width + 2)
    return cells


def _blocks(kernel: "Kernel") -> list[list[str]]:
    """Return two blanks for each weight, and brackets for the origin."""
    blocks = [["  "] * kernel.columns for _ in range(kernel.rows)]
    row, column = kernel.origin
    blocks[row][column] = "[]"
    return blocks
