"""How a decoded image lies, by what its file says, and the image laid upright.

Imports no NumPy, as decoding does not.
"""

from PIL import Image, ImageFile, ImageOps
from PIL.ExifTags import Base

SIDEWAYS = frozenset({5, 6, 7, 8})
"""Orientations in which rows are stored as columns."""


def frame_count(image: Image.Image) -> int:
    """Return how many frames or pages a file has."""
    # A camera's multi-picture JPEG is its first picture, with previews behind it.
    return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))


def stated_orientation(image: Image.Image, notes: list[str]) -> int | None:
    """Return the orientation that EXIF states, if it does; note if it is damaged."""
    try:
        stated = image.getexif().get(Base.Orientation)
        return None if stated is None else int(stated)
    except Exception as error:
        # Asked again, Pillow would show an empty block.
        notes.append(f"its EXIF block is damaged and was left out ({error})")
        return None


def turned_upright(image: ImageFile.ImageFile, lay: int | None, notes: list[str]) -> Image.Image:
    """Apply the orientation that EXIF states, and state the upright one from then on."""
    upright: Image.Image = image
    if frame_count(image) > 1 and image.format != "TIFF":
        # The next frame is drawn over this one, which must stay as it is for that.
        upright = image.copy()
        upright.format = image.format
    stated = stated_orientation(upright, notes)
    if stated is not None:
        ImageOps.exif_transpose(upright, in_place=True)
        upright.getexif()[Base.Orientation] = 1
    if (lay or stated) in SIDEWAYS and "dpi" in upright.info:
        upright.info["dpi"] = upright.info["dpi"][::-1]
    return upright
