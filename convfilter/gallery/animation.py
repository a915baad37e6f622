"""One kernel on a small picture, step by step, as a moving picture."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import numpy as np

from convfilter.drawing.animated import ANIMATED, write_animation
from convfilter.drawing.sliding_window import Scene
from convfilter.errors import OutputError, PictureError, UsageError
from convfilter.gallery.part import Part
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.pictures.formats import FORMATS, format_by_suffix
from convfilter.sliding import BRIGHTNESS, Walk, to_brightness

LONGEST_SIDE = 12
"""Pixels along a side of the largest picture whose numbers can be followed."""

LONGEST_KERNEL = 7
"""Cells along a side of the largest kernel whose products can be followed."""


def make_scene(
    picture: Picture,
    kernel: Kernel,
    options: FilterOptions | None = None,
    *,
    title: str = "",
    part: Part | None = None,
) -> Scene:
    """Lay a kernel on a picture, or on a part that is cut out of it first.

    Raises
    ------
    ConvfilterError
        If picture or kernel are too large to follow, or the picture is not gray or RGB.
    """
    if part:
        part.check_within((picture.width, picture.height))
        picture = part.cut_out(picture)
    if max(picture.width, picture.height) > LONGEST_SIDE:
        raise UsageError(
            f"{picture.width} × {picture.height} pixels are too many to follow",
            f"--animate shows every number of at most {LONGEST_SIDE} × {LONGEST_SIDE}",
            f"choose a part: --crop X,Y,{LONGEST_SIDE},{LONGEST_SIDE}",
        )
    if max(kernel.rows, kernel.columns) > LONGEST_KERNEL:
        raise UsageError(
            f"{kernel.label} has {kernel.columns} × {kernel.rows} cells, too many to follow",
            f"--animate shows every product of at most {LONGEST_KERNEL} × {LONGEST_KERNEL}",
            "take a smaller kernel",
        )
    if not np.isfinite(picture.planes).all():
        raise PictureError(
            "a picture with NaN or infinite samples cannot be stepped through",
            "they have no shade, and no sum",
            "choose a part without them: --crop X,Y,WIDTH,HEIGHT",
        )
    walk = Walk.of(to_brightness(picture), kernel, options)
    if max(len(walk.around), len(walk.around[0])) > 3 * LONGEST_SIDE:
        raise UsageError(
            "the kernel reaches too far to follow",
            "so much of the border would not fit beside the picture",
            "use a smaller --dilation, or --padding valid",
        )
    note = "" if picture.layout == "L" else f"brightness: {BRIGHTNESS}"
    return Scene(walk, title, note)


def animation_format(path: str) -> str:
    """Return the name of the format that the suffix of an animation stands for.

    Raises
    ------
    OutputError
        If it stands for none that moves.
    """
    hint = f"use one of {' '.join(FORMATS[name].suffixes[0] for name in ANIMATED)}"
    try:
        entry = format_by_suffix(path)
    except OutputError as error:
        raise OutputError(error.what, error.cause, hint) from None
    if entry.name in ANIMATED:
        return entry.name
    raise OutputError(f"{entry.name.upper()} cannot hold an animation", None, hint)


def animation_writer(scene: Scene, format_name: str) -> Callable[[BinaryIO], None]:
    """Return what writes a scene into a stream."""
    return partial(write_animation, scene.frames(), scene.last, format_name)
