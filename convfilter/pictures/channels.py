"""Some channels filtered, the others left alone; and brightness filtered without the colours.

Brightness is the Y of JPEG's YCbCr, of red, green and blue as they are stored: a picture of
which only Y is filtered keeps its Cb and Cr when each colour changes by as much as Y does.
In light it is the luminance of the sRGB primaries.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from convfilter.engine.samples import Samples
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.named import CHANNELS
from convfilter.picture import Picture
from convfilter.pictures.centre import CentreRows
from convfilter.pictures.finishing import WrappingFinish
from convfilter.rows import Band, ChosenPlanes, Rows

LUMA_WEIGHTS = (299, 587, 114)
"""Thousandths of red, green and blue in luma, by ITU-R BT.601."""

LUMINANCE_WEIGHTS = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue light in the luminance of sRGB, by IEC 61966-2-1."""

RGB = 3


@frozen
class Selection:
    """The channels of a picture that are filtered.

    Parameters
    ----------
    picture
        As it is filtered: in light, where light is filtered.
    colours
        Positions of those that are not alpha; for luma of red, green and blue.
    alpha
        Whether alpha is among them.
    luma
        Whether brightness is filtered in place of the colours.
    named
        Whether channels were chosen at all.
    light
        Whether the picture is in light.
    """

    picture: Picture
    colours: tuple[int, ...]
    alpha: bool
    luma: bool = False
    named: bool = True
    light: bool = False

    @classmethod
    def of(cls, picture: Picture, names: tuple[str, ...] | None, light: bool) -> Self:
        """Choose channels by their names, as `FilterOptions` has them; None means all.

        Raises
        ------
        UsageError
            If the picture lacks one of them.
        """
        count = len(picture.channels) - picture.has_alpha
        if names is None:
            return cls(picture, tuple(range(count)), picture.has_alpha, named=False)
        luma = "luma" in names and picture.layout not in ("L", "LA")
        if luma and picture.layout not in ("RGB", "RGBA"):
            raise _no_luma(picture)
        wanted = set(names)
        if "luma" in names:
            wanted = wanted - {"luma"} | set(picture.channels[:count])
        missing = [name for name in names if name in wanted - set(picture.channels)]
        if missing:
            raise _missing(picture, missing[0])
        colours = tuple(n for n in range(count) if picture.channels[n] in wanted)
        return cls(picture, colours, "alpha" in wanted, luma, light=light)

    @property
    def is_whole(self) -> bool:
        """Whether every channel is filtered, as it is."""
        return not self.luma and len(self.places) == len(self.picture.channels)

    @property
    def places(self) -> tuple[int, ...]:
        """Positions of the channels that change, alpha included."""
        last = len(self.picture.channels) - 1
        return (*self.colours, last) if self.alpha else self.colours

    def rows(self, with_alpha: bool) -> Rows:
        """Return what is filtered of the picture, and behind it alpha if that is asked for."""
        picture = self.picture
        if self.luma:
            dtype = np.dtype(np.int64) if picture.dtype.kind != "f" else picture.dtype
            return LumaRows(picture.rows, self._weights, dtype, with_alpha)
        return self.unchanged(with_alpha)

    def unchanged(self, with_alpha: bool) -> Rows:
        """Return the channels that change, as the picture has them."""
        rows, last = self.picture.rows, len(self.picture.channels) - 1
        places = (*self.colours, last) if with_alpha else self.colours
        if places == tuple(range(len(places))):
            return rows if len(places) == rows.planes else ChosenPlanes(rows, slice(len(places)))
        return ChosenPlanes(rows, places)

    def samples(self, with_alpha: bool) -> Samples:
        """Describe those rows; white is the same in all of them."""
        picture = self.picture
        names = tuple(picture.channels[n] for n in self.colours)
        if self.luma:
            names = ("gray",)
        if with_alpha:
            names = (*names, "alpha")
        samples = Samples.of_dtype(picture.height, picture.width, names, picture.dtype)
        if not self.luma or samples.limits is None:
            return samples
        white = samples.full * sum(LUMA_WEIGHTS)
        limits = 0, int(white)
        return replace(samples, dtype=np.dtype(np.int64), limits=limits, full=white)

    def originals(self) -> Rows:
        """Return the same with alpha, as values between 0 and the picture's own white."""
        if self.luma:
            return LumaRows(self.picture.rows, self.fractions, np.dtype(np.float64), True)
        return self.rows(with_alpha=True)

    @property
    def fractions(self) -> tuple[float, ...]:
        """What red, green and blue contribute to brightness."""
        if self.light:
            return LUMINANCE_WEIGHTS
        return tuple(weight / sum(LUMA_WEIGHTS) for weight in LUMA_WEIGHTS)

    @property
    def _weights(self) -> tuple[float, ...]:
        return LUMA_WEIGHTS if self.picture.dtype.kind != "f" else self.fractions


def _no_luma(picture: Picture) -> UsageError:
    if picture.layout == "CMYK":
        cause = "brightness is made of red, green and blue, and its values are amounts of ink"
        return UsageError("--channels luma with a CMYK picture", cause, "name some of c,m,y,k")
    return UsageError("--channels luma with unknown channels", "nothing says which are colours")


def _missing(picture: Picture, name: str) -> UsageError:
    short = {channel: written for written, channel in CHANNELS.items()}
    has = [short[channel] for channel in picture.channels if channel]
    return UsageError(
        f"the picture has no channel {name}",
        f"it is {picture.mode}",
        f"name some of {','.join(has)}" if has else "leave --channels out",
    )


def brightness(planes: Band, weights: Sequence[float]) -> Band:
    """Return the sum of red, green and blue, which come first, by their weights."""
    total: Band = planes[0] * weights[0]
    for plane, weight in zip(planes[1:RGB], weights[1:], strict=True):
        total += plane * weight
    return total


class LumaRows:
    """The brightness of a picture's rows, and behind it alpha with the same white.

    Parameters
    ----------
    rows
        Red, green, blue and perhaps alpha.
    weights
        Of the three.
    dtype
        In which there is room for the sums.
    """

    step = 1

    def __init__(
        self, rows: Rows, weights: Sequence[float], dtype: np.dtype[Any], with_alpha: bool
    ) -> None:
        self.planes = 1 + with_alpha
        self._rows = rows
        self._weights = weights
        self._dtype = dtype

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums."""
        planes = np.empty((self._rows.planes, *out.shape[1:]), self._dtype)
        self._rows.read(top, bottom, planes)
        out[0] = brightness(planes, self._weights)
        if self.planes > 1:
            out[1] = planes[RGB] * round(sum(self._weights))


@frozen
class LumaFinish(WrappingFinish):
    """Changes red, green and blue by as much as their brightness changed.

    Parameters
    ----------
    finish
        Makes values of brightness, and perhaps alpha, which is kept.
    made
        How many planes that are.
    weights
        Of red, green and blue.
    originals
        All channels of the picture.
    """

    made: int
    weights: Sequence[float]
    originals: CentreRows

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band with values of red, green, blue and, if it was made, alpha."""
        made = np.empty((self.made, *out.shape[1:]), out.dtype)
        self.finish(top, sums, made)
        originals = np.empty((self.originals.planes, *out.shape[1:]), out.dtype)
        self.originals.read(top, top + out.shape[1], originals)
        change = made[0] - brightness(originals, self.weights)
        np.add(originals[:RGB], change, out=out[:RGB])
        out[RGB:] = made[1:]
        return 0


@frozen
class KeptFinish(WrappingFinish):
    """Puts the channels that are filtered where they belong among those that are kept.

    Parameters
    ----------
    made
        How many planes the other finisher makes; those behind the last place are dropped.
    places
        Where in the result each of them goes.
    originals
        All channels of the picture.
    """

    made: int
    places: tuple[int, ...]
    originals: CentreRows

    def __call__(self, top: int, sums: Band, out: Band) -> int:
        """Fill a band; return how many samples had to be clipped."""
        self.originals.read(top, top + out.shape[1], out)
        made = np.empty((self.made, *out.shape[1:]), out.dtype)
        clipped = self.finish(top, sums, made)
        out[list(self.places)] = made[: len(self.places)]
        return clipped
