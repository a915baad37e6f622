"""Makes the reference of kernels from the kernel files: ``python -m docs.make_kernels``.

Run it after any change to ``kernels/``; the test suite says when that was forgotten. It
writes ``docs/kernels.md``, a page for each family (the folders of ``kernels/``) in
``docs/kernels/``, and the pictures of ``docs/images/kernels/``.
"""

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import convfilter
from convfilter.cli.kernels.telling import body_lines, facts_of
from convfilter.composite import Composite
from convfilter.drawing.matrix import draw_cells
from convfilter.kernel import Kernel
from convfilter.named import OPERATIONS
from convfilter.number import format_number
from convfilter.recipe import Filter, Recipe
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.search_path import Folder, kernel_files

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "kernels"
INDEX = ROOT / "docs" / "kernels.md"
PAGES = ROOT / "docs" / "kernels"
PICTURES = ROOT / "docs" / "images" / "kernels"

SCENE = ROOT / "samples" / "scene.jpg"
SAMPLE = PICTURES / "sample.webp"
SAMPLE_BOX = (36, 88, 156, 208)
"""Left, top, right and bottom in the scene at half its size: edges in every direction, thin
lines, a smooth sky and a rough hill."""

SIDE = 120
"""Of the pictures, in pixels."""

GAP = 4
"""Pixels between the parts of a composite."""

THUMBNAILS = 6
"""In a row of the overview."""

HEADINGS = {"frei-chen": "Frei and Chen", "laws": "Laws's textures"}
"""Of folders whose names do not make a heading by themselves."""

COMMAND = "python -m docs.make_kernels"
NOTICE = f"<!-- Made by {COMMAND} from the files of kernels/; edit those. -->"


@dataclass(frozen=True)
class Entry:
    """A kernel of the reference: what was read, its file, and the folders that it is in."""

    kernel: Any
    file: Path
    folder: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        return self.file.stem

    @property
    def family(self) -> str:
        """The top folder, or ``general`` where there is none."""
        return self.folder[0] if self.folder else "general"

    @property
    def anchor(self) -> str:
        """The part of a link that leads to its heading."""
        return re.sub(r"[^a-z0-9_-]", "", self.name)

    @property
    def matrix_picture(self) -> Path:
        """The file with its heat map."""
        return PICTURES / "matrix" / f"{self.name}.png"

    @property
    def effect_picture(self) -> Path:
        """The file with the filtered sample."""
        return PICTURES / "effect" / f"{self.name}.webp"


@dataclass(frozen=True)
class Kind:
    """How kernels of one class are told.

    Parameters
    ----------
    draw
        Draws what the kernel is made of.
    define
        Says it in lines of Markdown.
    facts
        Names what else decides the result, such as the divisor, by what it is called.
    """

    draw: Callable[[Any], Image.Image]
    define: Callable[[Any], list[str]]
    facts: Callable[[Any], dict[str, str]]


def _matrix_facts(kernel: Kernel) -> dict[str, str]:
    centre = (kernel.rows - 1) // 2, (kernel.columns - 1) // 2
    laid = f"{kernel.operation} (not symmetric: {OPERATIONS[kernel.operation]})"
    return {
        "size": f"{kernel.rows} × {kernel.columns}",
        "sum": format_number(kernel.sum),
        "divisor": format_number(kernel.divisor),
        "offset": format_number(kernel.offset) if kernel.offset else "",
        "origin": "row {}, column {}".format(*kernel.origin) if kernel.origin != centre else "",
        "range": kernel.range or "",
        "border": str(kernel.border or ""),
        "operation": "" if kernel.is_symmetric else laid,
    }


def _draw_kernel(kernel: Kernel) -> Image.Image:
    return draw_cells(kernel, SIDE, numbers=False)


def _draw_composite(composite: Composite) -> Image.Image:
    return _tiles([_draw_kernel(kernel) for kernel in composite.kernels])


def _draw_recipe(recipe: Recipe) -> Image.Image:
    return _tiles([KINDS[type(step.kernel)].draw(step.kernel) for step in recipe.steps])


def _tiles(pictures: list[Image.Image]) -> Image.Image:
    """Lay pictures out as a square of tiles, row by row."""
    across = math.ceil(math.sqrt(len(pictures)))
    pitch = SIDE // across
    down = -(-len(pictures) // across)
    sheet = Image.new("RGB", (SIDE, pitch * down), "white")
    for number, picture in enumerate(pictures):
        tile = picture.convert("RGB").resize((pitch - GAP, pitch - GAP), Image.Resampling.BOX)
        sheet.paste(tile, (number % across * pitch, number // across * pitch))
    return sheet


def _define(given: Filter) -> list[str]:
    return ["```", *body_lines(given), "```"]


KINDS: dict[type, Kind] = {
    Kernel: Kind(_draw_kernel, _define, _matrix_facts),
    Composite: Kind(_draw_composite, _define, facts_of),
    Recipe: Kind(_draw_recipe, _define, facts_of),
}
"""Every class of kernel that a file may give has a row here."""


def read_entries(root: Path = KERNELS) -> list[Entry]:
    """Read every kernel of a folder and the folders below it, by folder and name."""
    files = kernel_files(Folder(root, "built-in")).values()
    entries = [
        Entry(read_kernel(file), file.path, file.path.relative_to(root.resolve()).parts[:-1])
        for file in files
    ]
    return sorted(entries, key=lambda entry: (entry.folder, _natural(entry.name)))


def make_pages(entries: Sequence[Entry]) -> dict[Path, str]:
    """Return the text of every page by its file."""
    families = {
        family: list(members) for family, members in groupby(entries, lambda entry: entry.family)
    }
    pages = {PAGES / f"{family}.md": _page(family, members) for family, members in families.items()}
    return {INDEX: _index(families)} | pages


def make_pictures(entries: Sequence[Entry]) -> dict[Path, Callable[[], Image.Image]]:
    """Return what draws every picture by its file."""
    sample = read_gray(SAMPLE)
    pictures: dict[Path, Callable[[], Image.Image]] = {}
    for entry in entries:
        kernel, kind = entry.kernel, KINDS[type(entry.kernel)]
        pictures[entry.matrix_picture] = partial(kind.draw, kernel)
        pictures[entry.effect_picture] = partial(_filter, sample, kernel)
    return pictures


def _filter(sample: NDArray[np.uint8], kernel: Any) -> Image.Image:
    return Image.fromarray(convfilter.apply(sample, kernel).array)


def draw_sample() -> Image.Image:
    """Cut the sample out of the scene, in gray since every channel is filtered alike."""
    with Image.open(SCENE) as scene:
        half = scene.convert("L").resize((480, 320), Image.Resampling.BOX)
    return half.crop(SAMPLE_BOX)


def read_gray(path: Path) -> NDArray[np.uint8]:
    """Read the samples of a gray picture, which WebP keeps as RGB."""
    with Image.open(path, formats=["WEBP"]) as image:
        return np.asarray(image.getchannel(0))


def main() -> None:
    """Write the pages and pictures, and remove those of kernels that are gone."""
    for folder in (PAGES, PICTURES / "matrix", PICTURES / "effect"):
        folder.mkdir(parents=True, exist_ok=True)
    _save(draw_sample(), SAMPLE)
    entries = read_entries()
    pages, pictures = make_pages(entries), make_pictures(entries)
    for path in written_files() - {SAMPLE, *pages, *pictures}:
        path.unlink()
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    for path, draw in pictures.items():
        _save(draw(), path)


def written_files() -> set[Path]:
    """Return the pages and pictures that are there."""
    return {INDEX, *PAGES.glob("*.md"), *(path for path in PICTURES.rglob("*") if path.is_file())}


def _save(image: Image.Image, path: Path) -> None:
    if path.suffix == ".webp":
        image.save(path, lossless=True, quality=100, method=6)
    else:
        image.save(path, optimize=True)


def _index(families: dict[str, list[Entry]]) -> str:
    count = sum(map(len, families.values()))
    lines = [
        NOTICE,
        "# Kernels",
        "",
        f"The {count} kernels that come with convfilter, by family: what each makes of the sample.",
        "A click leads to its weights, its description and its source.",
        "",
        f"![The sample]({_link(SAMPLE, INDEX)})",
    ]
    for family, entries in families.items():
        page = f"kernels/{family}.md"
        lines += ["", f"## [{_heading(family)}]({page})", ""]
        for start in range(0, len(entries), THUMBNAILS):
            row = entries[start : start + THUMBNAILS]
            blanks = [""] * (min(len(entries), THUMBNAILS) - len(row))
            thumbnails = [
                f"[![{e.name}]({_link(e.effect_picture, INDEX)})<br>{e.name}]({page}#{e.anchor})"
                for e in row
            ]
            lines.append(_row([*thumbnails, *blanks]))
            if start == 0:
                lines.append(_row([":---:"] * len(row)))
    return "\n".join(lines) + "\n"


def _page(family: str, entries: Sequence[Entry]) -> str:
    lines = [NOTICE, f"# {_heading(family)}", "", "[All kernels](../kernels.md)"]
    for folder, members in groupby(entries, lambda entry: entry.folder[1:]):
        if folder:
            lines += ["", f"## {' / '.join(map(_heading, folder))}"]
        level = "###" if folder else "##"
        for entry in members:
            lines += ["", f"{level} `{entry.name}`"]
            lines += ["", *_section(entry, PAGES / f"{family}.md")]
    return "\n".join(lines) + "\n"


def _section(entry: Entry, page: Path) -> list[str]:
    """Return what the reference says of one kernel."""
    kernel, kind = entry.kernel, KINDS[type(entry.kernel)]
    pictures = {
        "kernel": entry.matrix_picture,
        "sample": SAMPLE,
        "filtered": entry.effect_picture,
    }
    shown = [f"![{name}]({_link(path, page)})" for name, path in pictures.items()]
    facts = " · ".join(f"{what} {fact}" for what, fact in kind.facts(kernel).items() if fact)
    file = _link(entry.file, page)
    return [
        _plain(
            " ".join(f"{text.rstrip('.')}." for text in (kernel.title, kernel.description) if text)
        ),
        "",
        _row(list(pictures)),
        _row([":---:"] * len(pictures)),
        _row(shown),
        "",
        *kind.define(kernel),
        "",
        _plain(facts),
        "",
        f"{_plain(f'Source: {kernel.source}')} File: [{entry.file.name}]({file})",
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _heading(folder: str) -> str:
    words = folder.replace("-", " ")
    return HEADINGS.get(folder, words[:1].upper() + words[1:])


def _plain(text: str) -> str:
    """Keep Markdown from reading signs of a text as its own."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", text)


def _link(path: Path, page: Path) -> str:
    return Path(os.path.relpath(path, page.parent)).as_posix()


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort ``gaussian11`` after ``gaussian9``."""
    return [(int(digits or 0), letters) for digits, letters in re.findall(r"(\d*)(\D*)", name)]


if __name__ == "__main__":
    main()
