"""Frames as one moving picture in a file."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convfilter.frozen import frozen
from convfilter.pictures.formats import FORMATS

ANIMATED: dict[str, dict[str, Any]] = {
    # Without it Pillow stores what has not changed again: seven times the size.
    "gif": {"optimize": True},
    "webp": {"lossless": True, "kmin": 999, "kmax": 1000},
}
"""The formats that can move, and what their encoders are told."""

COLOURS = 200
"""Of a GIF: all fills and the commonest shades of the letters; fewer save little."""

LOOKED_AT = 8
"""Frames that the colours are taken from."""

Frame = tuple[Image.Image, int]


def write_animation(
    frames: Iterable[Frame], last: Image.Image, format_name: str, out: BinaryIO
) -> None:
    """Write frames that run once.

    Parameters
    ----------
    frames
        Each with the milliseconds that it stands.
    last
        Its colours are kept before those of others.
    format_name
        A name from `ANIMATED`.
    """
    images, durations = zip(*frames, strict=True)
    if format_name == "gif":
        step = -(-len(images) // LOOKED_AT)
        images = tuple(_Palette.of([last, *images[::step]]).reduce(images))
    images[0].save(
        out,
        format=FORMATS[format_name].pillow,
        save_all=True,
        append_images=images[1:],
        duration=list(durations),
        **ANIMATED[format_name],
    )


@frozen
class _Palette:
    """One palette for all frames, so that nothing flickers.

    Parameters
    ----------
    image
        Has it, as Pillow wants it.
    places
        For each 24-bit colour its place in the palette; `COLOURS` where it is not there.
    """

    image: Image.Image
    places: NDArray[np.uint8]

    @classmethod
    def of(cls, frames: list[Image.Image]) -> Self:
        """Take the commonest colours."""
        packed = np.concatenate([_packed(frame).ravel() for frame in frames])
        colours, counts = np.unique(packed, return_counts=True)
        chosen = colours[np.argsort(-counts, kind="stable")[:COLOURS]]
        image = Image.new("P", (1, 1))
        image.putpalette(_bytes_of(chosen))
        places = np.full(1 << 24, COLOURS, np.uint8)
        places[chosen] = np.arange(len(chosen))
        return cls(image, places)

    def reduce(self, frames: Iterable[Image.Image]) -> Iterator[Image.Image]:
        """Return frames in these colours; the others become near ones."""
        for frame in frames:
            # Pillow looks colours up in steps of four levels, which is not exact.
            near = frame.quantize(palette=self.image, dither=Image.Dither.NONE)
            exact = self.places[_packed(frame)]
            reduced = Image.fromarray(np.where(exact < COLOURS, exact, np.asarray(near)))
            reduced.putpalette(self.image.palette.tobytes() if self.image.palette else b"")
            yield reduced


def _packed(frame: Image.Image) -> NDArray[np.uint32]:
    red, green, blue = np.asarray(frame).astype(np.uint32).transpose(2, 0, 1)
    packed: NDArray[np.uint32] = red << 16 | green << 8 | blue
    return packed


def _bytes_of(packed: NDArray[np.uint32]) -> bytes:
    parts = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1)
    return parts.astype(np.uint8).tobytes()
