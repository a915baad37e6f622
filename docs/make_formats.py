"""Makes ``docs/formats.md`` from the table of formats: ``python -m docs.make_formats``.

Run it after any change to what formats hold; the test suite says when that was forgotten, and
tries every cell.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from convfilter.errors import OutputError
from convfilter.named import METADATA
from convfilter.picture import COLOUR_METADATA, DEPTHS, LAYOUTS, mode_of
from convfilter.pictures.formats import FORMATS, Format
from convfilter.pictures.frame_writing import MOST_PLAYS
from convfilter.pictures.metadata import KINDS
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import check_holds

PAGE = Path(__file__).resolve().parent / "formats.md"
COMMAND = "python -m docs.make_formats"
NOTICE = f"<!-- Made by {COMMAND} from the tables of convfilter/pictures; edit those. -->"

DEPTH_NAMES = {
    "uint8": "8 bits",
    "uint16": "16 bits",
    "uint32": "32 bits",
    "float32": "32-bit float",
    "float64": "64-bit float",
}

HOLDS = {None: "a picture", "animation": "a picture or an animation", "pages": "pages"}

SIDES = (1, 1)
"""Of a picture that is too large for no format."""

INTRODUCTION = """\
A file is known by its first bytes when it is read, and by its suffix or `--format` when it is
written. Whatever a format cannot hold is refused with a remedy, or named in a warning; nothing
is lost without a word."""

MODES_TEXT = """\
**kept**: every value comes back, as far as the format is without loss. **as RGB** and the like:
written in that mode with no value changed, because the format has no other. **no**: refused,
exit code 1, and the message names the formats that can. **with `--depth`** and the like: refused
without that option. **by `deep`**: with the extra of that name, `pip install 'convfilter[deep]'`.

What is read becomes one of these modes: a 1-bit picture 8-bit gray, a palette RGB, and a
transparent colour an alpha channel. Colours deeper than 8 bits that a decoder would cut are
refused unless `--allow-depth-loss` is given. A GIF gets the best 256 colours for each frame,
and says so where there were more."""

METADATA_TEXT = """\
What both the format of the input and that of the output hold survives. EXIF is written anew:
its orientation is applied to the picture and reset, its thumbnail, which would show the
picture as it was, is dropped, and into a TIFF go only the tags that describe the picture. A
JPEG that is written as JPEG keeps its quantisation tables and its subsampling. What is left out
is named in a warning, but for gamma, chromaticities and intent of sRGB: a picture that says
nothing is taken for sRGB."""

FRAMES_TEXT = """\
All frames and pages are filtered, each by itself (so `--range stretch` stretches each by its
own extremes); `--frames first` takes the first, `--frames N` number N, counted from 0. They
are read, filtered and handed on one at a time.

- A frame is filtered as a viewer shows it, with what earlier frames left of it. It is written
  as the part that has changed where that is safe, and whole otherwise, and what becomes of it
  before the next is set so that the animation plays the same.
- A loop is how often the animation plays, in every format. A GIF counts repeats instead, one
  less, and is read and written accordingly. AVIF neither tells nor takes the number.
- GIF rounds durations to hundredths of a second, and says so. WebP shows a frame longer instead
  of repeating it, and says how many frames that saved.
- A transparent GIF pixel is wholly transparent, from half opacity down.
- Frames are copied several times on their way: a GIF, or an animation, may have an eighth of the
  pixels that `--max-pixels` allows a still picture.
- The picture that an animated PNG keeps for viewers without animations stays in PNG.
- Pages have sizes, modes, depths and metadata of their own. As frames of an animation they
  are shown for 100 ms each, and must be of one size and mode."""

SIZE_TEXT = """\
| option | size | DPI |
| --- | --- | --- |
| `--padding valid` | smaller by the kernel's reach | stays |
| `--padding full` | larger by the kernel's reach | stays |
| `--dilation N` | as the padding says, for the wider kernel | stays |
| `--stride N` | every n-th row and column | divided by N |

So a picture that a stride has thinned out is printed as large as before, and one that was cut
or extended keeps its scale. The tags of EXIF for width, height and resolution, where it has
them, state those of the result."""


def make_page() -> str:
    """Return the page."""
    parts = [
        NOTICE,
        "# Formats, and what survives where",
        INTRODUCTION,
        _formats(),
        "## Modes and depths",
        _modes(),
        MODES_TEXT,
        "## Metadata",
        _metadata(),
        METADATA_TEXT,
        _extents(),
        "## Frames and pages",
        _frames(),
        FRAMES_TEXT,
        "## Sizes and resolution",
        SIZE_TEXT,
    ]
    return "\n\n".join(parts) + "\n"


def _formats() -> str:
    rows = [
        (
            f"`{entry.name}`",
            " ".join(f"`{suffix}`" for suffix in entry.suffixes),
            f"{entry.largest_side:,}" if entry.largest_side < 2**31 - 1 else "",
            HOLDS[entry.several],
            "`--quality`" if entry.has_quality else "",
        )
        for entry in FORMATS.values()
    ]
    return _table(("format", "suffixes", "longest side", "holds", "with loss"), rows)


def _modes() -> str:
    rows = []
    for dtype in DEPTHS:
        for layout, channels in LAYOUTS.items():
            if dtype == "uint32" and "alpha" in channels:
                continue  # no such picture is filtered
            mode = mode_of(layout, len(channels), np.dtype(dtype))
            cells = [mode_cell(mode, entry) for entry in FORMATS.values()]
            rows.append((f"{layout}, {DEPTH_NAMES[dtype]}", *cells))
    return _table(("mode", *FORMATS), rows)


def mode_cell(mode: str, entry: Format) -> str:
    """Return what becomes of a picture of a mode in a format."""
    try:
        written = check_holds(mode, SIDES, entry, WriteOptions())
    except OutputError as error:
        options = re.findall(r"--[a-z-]+", error.hint or "")
        return f"with `{options[0]}`" if options else "no"
    if entry.is_deep(written):
        return "kept by `deep`"
    return "kept" if written == mode else f"as {written}"


def _metadata() -> str:
    rows = [
        (name, *("kept" if kind in entry.metadata else "" for entry in FORMATS.values()))
        for kind, name in KINDS.items()
    ]
    return _table(("", *FORMATS), rows)


def _extents() -> str:
    colours = ", ".join(KINDS[kind] for kind in COLOUR_METADATA)
    told = {**METADATA, "icc": f"{METADATA['icc']}: {colours}"}
    return "\n".join(f"- `--metadata {extent}`: {text}" for extent, text in told.items())


def _frames() -> str:
    able = [entry for entry in FORMATS.values() if entry.several]
    animated = [entry.several == "animation" for entry in able]
    rows = [
        ("holds", *(str(entry.several) for entry in able)),
        ("durations", *("kept" if moves else "" for moves in animated)),
        ("loop", *("kept" if entry.name in MOST_PLAYS else "" for entry in able)),
        ("each its own size and mode", *("" if moves else "kept" for moves in animated)),
    ]
    return _table(("", *(entry.name for entry in able)), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
