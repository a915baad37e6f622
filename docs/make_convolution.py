"""Draws the pictures of ``docs/convolution.md``: ``python -m docs.make_convolution``.

Each shows the numbers of a picture or a kernel, and they are what the program computes.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import convfilter
from convfilter.drawing.matrix import draw_cells

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images" / "convolution"
SQUARE = ROOT / "samples" / "square-10x10.png"
COMMAND = "python -m docs.make_convolution"

KERNEL = "[[0,0,1],[0,1,0],[1,0,0]]"
CELL = 32
"""Pixels across, of every cell, so that the pictures can be laid side by side."""


def numbers() -> dict[str, NDArray[Any]]:
    """Return the numbers of each picture by its name."""
    square = convfilter.open_picture(SQUARE)
    return {
        "picture": square.array,
        "kernel": np.array(convfilter.get_kernel(KERNEL).weights, dtype=np.int64),  # type: ignore[union-attr]
        "same": convfilter.apply(square, KERNEL, border="constant:0").array,
        "valid": convfilter.apply(square, KERNEL, padding="valid").array,
    }


def draw(cells: NDArray[Any]) -> Image.Image:
    """Draw numbers as coloured cells."""
    return draw_cells(convfilter.Kernel(cells.tolist()), CELL * len(cells))


def path_of(name: str) -> Path:
    """Return the file of a picture."""
    return IMAGES / f"{name}.png"


def main() -> None:
    """Write the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, cells in numbers().items():
        draw(cells).save(path_of(name), optimize=True)


if __name__ == "__main__":
    main()
