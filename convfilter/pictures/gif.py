"""GIFs: the colours of each frame, and animations, a frame at a time.

Pillow's own writer would hold all frames at once, join equal ones, and compare them only
after each has been brought to its own 256 colours.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convfilter.frames import FOREVER
from convfilter.pictures.animation import Playing, Shown, changed_box

OPAQUE_FROM = 128
"""Pixels of at least this alpha become opaque, all others transparent."""

COLOURS = 256
"""Colours of a palette."""

KEEP, CLEAR = 1, 2
"""Disposals: what becomes of a frame before the next is drawn."""

LONGEST = 655_350
"""Longest time that a frame can be shown, in milliseconds."""

MOST_REPEATS = 65_535


def gif_duration(duration: float) -> int:
    """Return the milliseconds nearest to a duration that a GIF can hold."""
    return min(10 * round(duration / 10), LONGEST)


def write_gif(shown: Iterator[Shown], playing: Playing, stream: BinaryIO) -> None:
    """Write frames, each with the best 256 colours for it.

    Opaque frames hold what has changed; those with transparent parts are whole and clear
    what was there before.
    """
    from PIL import GifImagePlugin  # slow to import, and few pictures are GIFs

    before: Image.Image | None = None
    for frame in shown:
        image, transparent = frame.image, frame.image.mode == "RGBA"
        box = (0, 0, *image.size)
        if before is not None and not transparent:
            box = changed_box(before, image)
        indices, hidden = with_palette(image.crop(box))
        if before is None:
            for part in GifImagePlugin.getheader(indices, info=_header(playing) | _comment(frame))[
                0
            ]:
                stream.write(part)
        how = {
            "duration": gif_duration(frame.duration),
            "disposal": CLEAR if transparent else KEEP,
            "include_color_table": before is not None,
        }
        if transparent:
            how["transparency"] = hidden
        for part in GifImagePlugin.getdata(indices, box[:2], **how):
            stream.write(part)
        before = image
    stream.write(b";")


def _header(playing: Playing) -> dict[str, Any]:
    # What is counted is how often the animation begins again.
    if playing.plays == FOREVER:
        return {"loop": 0}
    repeats = min(playing.plays - 1, MOST_REPEATS)
    return {"loop": repeats} if repeats else {"duration": 1}  # which asks for version 89a


def _comment(frame: Shown) -> dict[str, Any]:
    return {"comment": frame.settings["comment"]} if "comment" in frame.settings else {}


def exceeds_palette(image: Image.Image) -> bool:
    """Return whether an image has more colours that can be seen than `with_palette` keeps."""
    if image.mode != "RGBA":
        return image.getcolors(COLOURS) is None
    return _shown_colours(image)[0].getcolors(COLOURS - 1) is None


def with_palette(image: Image.Image) -> tuple[Image.Image, int]:
    """Return an image in the 256 colours that suit it best, and the index after the last.

    Of an image with alpha they are 255, and that index is the transparent one.
    """
    if image.mode != "RGBA":
        return image.convert("RGB").quantize(COLOURS), COLOURS
    colours, is_hidden = _shown_colours(image)
    indices = colours.quantize(COLOURS - 1)
    palette = indices.getpalette() or []
    hidden = len(palette) // 3
    indices.paste(hidden, mask=Image.fromarray(is_hidden))
    indices.putpalette([*palette, 0, 0, 0])
    return indices, hidden


def _shown_colours(image: Image.Image) -> tuple[Image.Image, NDArray[np.bool_]]:
    """Return the colours, those of hidden pixels one of the others, and which are hidden."""
    pixels = np.array(image)
    is_hidden = pixels[:, :, 3] < OPAQUE_FROM
    visible = pixels[~is_hidden]
    pixels[is_hidden] = visible[0] if len(visible) else 0
    return Image.fromarray(pixels).convert("RGB"), is_hidden
