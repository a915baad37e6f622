"""A picture: rows of samples, what the channels mean, and what came with them in the file."""

from dataclasses import field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convfilter.errors import PictureError
from convfilter.frozen import frozen
from convfilter.rows import Band, PlanarRows, Rows

LAYOUTS: dict[str, tuple[str, ...]] = {
    "L": ("gray",),
    "LA": ("gray", "alpha"),
    "RGB": ("red", "green", "blue"),
    "RGBA": ("red", "green", "blue", "alpha"),
    "CMYK": ("cyan", "magenta", "yellow", "black"),
}
"""What the channels of each layout are."""

PLANES = "planes"
"""The layout of any number of channels of which nothing is known."""

DEPTHS = {"uint8": "", "uint16": ";16", "uint32": ";32", "float32": ";F", "float64": ";D"}
"""The dtypes of samples, and what they add to the name of a mode."""

_SHORT_MODES = {"L;16": "I;16", "L;F": "F"}
"""Modes that have an older name in Pillow."""


COLOUR_METADATA = ("icc", "gamma", "chromaticity", "srgb")
"""The fields of `Metadata` that say what colours the samples stand for."""


def layout_of(channels: int) -> str:
    """Return the layout that so many channels are taken for."""
    return {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}.get(channels, PLANES)


@cache
def _name_of(dtype: np.dtype[Any]) -> str:
    return str(dtype)  # NumPy makes it anew each time


@cache
def mode_of(layout: str, planes: int, dtype: np.dtype[Any]) -> str:
    """Return layout and depth in one word, as Pillow would if it had all of them."""
    mode = (f"{planes} planes" if layout == PLANES else layout) + DEPTHS[_name_of(dtype)]
    return _SHORT_MODES.get(mode, mode)


@cache
def split_mode(mode: str) -> tuple[str, str]:
    """Return the channels of a mode, and the dtype of its samples."""
    long_modes = {short: long for long, short in _SHORT_MODES.items()}
    channels, _, depth = long_modes.get(mode, mode).partition(";")
    return channels, next(dtype for dtype, suffix in DEPTHS.items() if suffix[1:] == depth)


def mode_at(mode: str, dtype: str) -> str:
    """Return the mode of the same channels with samples of another dtype."""
    long = split_mode(mode)[0] + DEPTHS[dtype]
    return _SHORT_MODES.get(long, long)


@frozen
class Metadata:
    """What a file says about its picture, as the bytes that go into the next file.

    Parameters
    ----------
    exif
        An EXIF block, orientation already applied.
    icc
        An ICC profile.
    xmp
        An XMP packet.
    dpi
        Pixels an inch, across and down.
    text
        Keyword, text, language and translated keyword of each entry, as a PNG has them.
    comment
        As a JPEG or a GIF has it.
    gamma, chromaticity, srgb
        What the samples of a PNG without ICC profile mean: the exponent, white point and
        primaries (x and y of white, red, green and blue), and a rendering intent of sRGB.
    """

    exif: bytes | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str, str, str], ...] = ()
    comment: bytes | None = None
    gamma: float | None = None
    chromaticity: tuple[float, ...] | None = None
    srgb: int | None = None

    def thinned(self, stride: tuple[int, int]) -> "Metadata":
        """Return the same for a picture of every n-th row and column, printed as large."""
        if self.dpi is None:
            return self
        return replace(self, dpi=(self.dpi[0] / stride[1], self.dpi[1] / stride[0]))

    def reduced(self, extent: str) -> "Metadata":
        """Return as much as a name from `METADATA` says: all, what colours mean, or nothing."""
        match extent:
            case "keep":
                return self
            case "icc":
                kept = {name: getattr(self, name) for name in COLOUR_METADATA}
                return Metadata(**kept)
            case _:
                return Metadata()


@frozen
class Encoding:
    """How a picture was encoded in its file, for writing it the same way again.

    Parameters
    ----------
    format
        A name from the table of formats.
    settings
        What Pillow's encoder of that format is to be told, such as quantisation tables.
    """

    format: str
    settings: dict[str, Any] = field(default_factory=dict)


@frozen(eq=False)
class Picture:
    """One picture.

    Parameters
    ----------
    rows
        The samples: one plane for each channel.
    height, width
        In pixels.
    layout
        A name from `LAYOUTS`, or `PLANES`.
    dtype
        From `DEPTHS`; full scale is the dtype's maximum or 1.0.
    metadata, encoding
        From its file.
    notes
        What reading it had to give up or to work around, each a sentence.
    duration
        For how many milliseconds it is shown, as a frame of an animation.

    Raises
    ------
    PictureError
        If the layout and the planes do not fit.
    """

    rows: Rows
    height: int
    width: int
    layout: str
    dtype: np.dtype[Any]
    metadata: Metadata = Metadata()
    encoding: Encoding | None = None
    notes: tuple[str, ...] = ()
    duration: float | None = None

    def __post_init__(self) -> None:
        known = self.layout in LAYOUTS or self.layout == PLANES
        depth = _name_of(self.dtype)
        if not known or depth not in DEPTHS:
            raise PictureError(
                f"no picture has the layout {self.layout} with {self.dtype} samples",
                f"layouts are {', '.join(LAYOUTS)} and {PLANES}, samples {', '.join(DEPTHS)}",
                "convert the array first, as in array.astype('uint8')",
            )
        if self.has_alpha and depth == "uint32":
            raise PictureError(
                "32-bit integers with alpha are not filtered",
                "colour times alpha would need more than 64 bits",
                "convert the samples to 16 bits or floats first",
            )
        if self.rows.step != 1 or self.rows.planes != len(self.channels):
            raise PictureError(f"layout {self.layout} needs {len(self.channels)} planes")

    @classmethod
    def of_array(cls, array: ArrayLike, layout: str | None = None) -> "Picture":
        """Make a picture of an array of shape ``(H, W)`` or ``(H, W, C)``.

        Parameters
        ----------
        array : array_like, shape (H, W) or (H, W, C)
            Of dtype uint8, uint16, uint32, float32 or float64, in native byte order. Not
            copied: it must not change as long as the picture is used.
        layout
            A name from `LAYOUTS`, or `PLANES`; None means L, LA, RGB or RGBA by the number of
            channels, planes for more.

        Raises
        ------
        PictureError
            For another shape or dtype, an array without samples, a layout of another number of
            channels, or uint32 with alpha.
        ValueError
            From NumPy, for nested sequences that differ in length.
        """
        array = np.asarray(array)
        cube = array[:, :, np.newaxis] if array.ndim == 2 else array
        if cube.ndim != 3 or cube.size == 0:
            raise PictureError(f"array of shape {array.shape} is not a picture")
        layout = layout or layout_of(cube.shape[2])
        return cls(PlanarRows(cube), cube.shape[0], cube.shape[1], layout, cube.dtype)

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels are; empty where nothing is known."""
        return LAYOUTS.get(self.layout, ("",) * self.rows.planes)

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.channels[-1] == "alpha"

    @property
    def full(self) -> int:
        """The value of white."""
        return 1 if self.dtype.kind == "f" else int(np.iinfo(self.dtype).max)

    @property
    def mode(self) -> str:
        """Layout and depth in one word: RGB, I;16, F, RGBA;16."""
        return mode_of(self.layout, self.rows.planes, self.dtype)

    @property
    def nbytes(self) -> int:
        """Bytes of all samples."""
        return self.height * self.width * self.rows.planes * self.rows.step * self.dtype.itemsize

    @property
    def planes(self) -> Band:
        """The samples as a new array of shape ``(channels, H, W)`` and the picture's dtype."""
        planes = np.empty((len(self.channels), self.height, self.width), self.dtype)
        self.rows.read(0, self.height, planes)
        return planes

    @property
    def array(self) -> NDArray[Any]:
        """The samples as a new array of shape ``(H, W)``, or ``(H, W, C)`` if C is not 1."""
        planes = self.planes
        return planes[0] if len(planes) == 1 else np.ascontiguousarray(planes.transpose(1, 2, 0))

    def __repr__(self) -> str:
        return f"<Picture {self.width}×{self.height} {self.mode}>"
