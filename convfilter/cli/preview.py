"""Before and after on the terminal, two pixels in each character."""

import io
import os
import sys
from typing import TYPE_CHECKING

from convfilter.cli.messages import printable
from convfilter.cli.terminal import FINE_COLOURS, half_blocks
from convfilter.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from convfilter.picture import Picture

BETWEEN = 3
AROUND = 2
"""Columns between the two pictures; lines of the terminal left for captions and the prompt."""

CLEARLY = 1.4
"""The pictures are stacked if that makes them more than this many times as wide."""

NARROWEST = 20
LOWEST = 8
"""The smallest terminal, in columns and lines, on which anything can be made out."""


def check_preview(as_json: bool, dry_run: bool) -> None:
    """Refuse a preview that could not be shown, before any work is done.

    Raises
    ------
    UsageError
        With what stands in its way.
    """
    other = "--json" if as_json else "--dry-run" if dry_run else None
    if other:
        cause = "results and picture would mix" if as_json else "nothing is filtered then"
        raise UsageError(f"--preview and {other} exclude each other", cause, "leave one out")
    if not sys.stdout.isatty():
        raise UsageError(
            "--preview needs a terminal",
            "standard output goes elsewhere",
            "leave it out, and look at the OUTPUT file",
        )
    if "NO_COLOR" in os.environ:
        raise UsageError(
            "--preview needs colours",
            "NO_COLOR is set, and the picture is made of them alone",
            "unset it, or look at the OUTPUT file",
        )
    console = _terminal()
    if console.color_system not in FINE_COLOURS:
        raise UsageError(
            "--preview needs a terminal with 256 colours or more",
            f"TERM is {os.environ.get('TERM') or 'not set'}",
            "set COLORTERM=truecolor if it has them, or look at the OUTPUT file",
        )
    if console.width < NARROWEST or console.height < LOWEST:
        raise UsageError(
            f"the terminal has {console.width} columns and {console.height} lines",
            f"--preview needs {NARROWEST} and {LOWEST}",
            "make it larger",
        )


def preview(before: "Picture", after: "Picture", label: str) -> str:
    """Return both pictures as large as the terminal shows them, with captions.

    Parameters
    ----------
    label
        What was done.
    """
    console = _terminal()
    with console.capture() as captured:
        for line in preview_lines(before, after, label, console.width, console.height):
            console.print(line, soft_wrap=True, highlight=False, markup=False)
    return captured.get()


def preview_lines(
    before: "Picture", after: "Picture", label: str, columns: int, lines: int
) -> "list[Text]":
    """Return both pictures side by side, or one above the other where that shows more."""
    from convfilter.drawing.showing import fitting

    size = before.width, before.height
    across = (columns - BETWEEN) // 2, 2 * (lines - AROUND)
    down = columns, 2 * ((lines - 2 * AROUND) // 2)
    captions = [
        f"before  {before.width} × {before.height}",
        f"after  {printable(label)}  {after.width} × {after.height}",
    ]
    if CLEARLY * fitting(size, across)[0] >= fitting(size, down)[0]:
        return _beside(_half_blocks(before, across), _half_blocks(after, across), captions)
    first, second = (_half_blocks(picture, down) for picture in (before, after))
    return [*_captioned(first, captions[0], columns), *_captioned(second, captions[1], columns)]


def _beside(left: "list[Text]", right: "list[Text]", captions: list[str]) -> "list[Text]":
    from rich.text import Text

    wide = left[0].cell_len
    head, tail = _caption(captions[0], wide), _caption(captions[1], right[0].cell_len)
    head.pad_right(wide - head.cell_len + BETWEEN)
    joined = [head + tail]
    for number in range(max(len(left), len(right))):
        line = left[number].copy() if number < len(left) else Text(" " * wide)
        line.append(" " * BETWEEN)
        joined.append(line + right[number] if number < len(right) else line)
    return joined


def _captioned(rows: "list[Text]", caption: str, columns: int) -> "list[Text]":
    return [_caption(caption, columns), *rows]


def _caption(text: str, room: int) -> "Text":
    from rich.text import Text

    caption = Text(text, style="bold")
    caption.truncate(max(room, len("before")), overflow="ellipsis")
    return caption


def _half_blocks(picture: "Picture", room: tuple[int, int]) -> "list[Text]":
    """Return a picture in lines that each show two rows of its pixels."""
    import numpy as np

    from convfilter.drawing.colours import rgb_rows
    from convfilter.drawing.showing import fitting, show

    image = show(picture, fitting((picture.width, picture.height), room))
    return half_blocks(rgb_rows(np.asarray(image)))


def _terminal() -> "Console":
    """Return the terminal as rich knows it; what is printed on it is only captured."""
    from rich.console import Console

    found = Console()
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=found.width,
        height=found.height,
        legacy_windows=False,
    )
