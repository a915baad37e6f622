"""What encoders of animations get: images with what goes with them, and where they changed."""

from typing import Any

from PIL import Image, ImageChops

from convfilter.frozen import frozen

DEFAULT_DURATION = 100.0
"""Milliseconds that a page is shown, or a frame that does not say."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""


@frozen
class Playing:
    """How an animation is to be played.

    Parameters
    ----------
    plays
        How often; 0 is forever.
    has_cover
        Whether the first image is shown only by viewers that know no animations.
    """

    plays: int
    has_cover: bool = False


@frozen
class Shown:
    """An image as a format can hold it, what its encoder is to be told, and its duration."""

    image: Image.Image
    settings: dict[str, Any]
    duration: float


def changed_box(before: Image.Image, after: Image.Image) -> Box:
    """Return the smallest box that holds every pixel that changed; one pixel where none did."""
    if before.mode != after.mode or after.mode == "I;16":
        return (0, 0, *after.size)
    return ImageChops.difference(before, after).getbbox(alpha_only=False) or (0, 0, 1, 1)
