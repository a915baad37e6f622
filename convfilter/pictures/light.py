"""Light: stored values taken through the sRGB curve and back (IEC 61966-2-1).

Black is 0 and white is 1 in light. Values outside are mirrored at 0, and beyond 1 the curve
goes on, so that it has an inverse everywhere. Alpha is no light: it is only scaled.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.border import Border, luma
from convfilter.chain import Chain
from convfilter.composite import Composite
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.mixing import MixingKernel
from convfilter.picture import Picture
from convfilter.recipe import AnyKernel
from convfilter.rows import Band

SLOPE = 12.92
"""Slope of the sRGB curve's straight part near black."""

STRAIGHT_UP_TO = 0.04045
"""Largest stored value of the straight part, as a fraction of full scale."""

GAMMA, SHIFT = 2.4, 0.055


def to_light(stored: NDArray[Any]) -> NDArray[Any]:
    """Return the light of stored values, both as fractions of full scale."""
    size = np.abs(stored)
    curved = ((size + SHIFT) / (1 + SHIFT)) ** GAMMA
    light: NDArray[Any] = np.where(size <= STRAIGHT_UP_TO, size / SLOPE, curved)
    np.copysign(light, stored, out=light)
    return light


def from_light(light: NDArray[Any]) -> NDArray[Any]:
    """Return the stored values of light, the inverse of `to_light`."""
    size = np.abs(light)
    curved = (1 + SHIFT) * size ** (1 / GAMMA) - SHIFT
    stored: NDArray[Any] = np.where(size <= STRAIGHT_UP_TO / SLOPE, size * SLOPE, curved)
    np.copysign(stored, light, out=stored)
    return stored


def light_dtype(stored: np.dtype[Any]) -> np.dtype[Any]:
    """Return the floats in which light is worked with.

    The shorter ones tell 8-bit levels apart a thousand times over, 16-bit ones hardly.
    """
    return np.dtype(np.float32 if stored == np.uint8 else np.float64)


def in_light(picture: Picture) -> Picture:
    """Return a picture in light: its rows are converted as they are read.

    Raises
    ------
    UsageError
        If its colours are inks.
    """
    if picture.layout == "CMYK":
        raise UsageError(
            "--linear with a CMYK picture",
            "its values are amounts of ink, which the sRGB curve does not turn into light",
            "leave --linear out, or convert the picture to RGB first",
        )
    dtype = light_dtype(picture.dtype)
    return replace(picture, rows=LightRows(picture, dtype), dtype=dtype)


class LightRows:
    """The rows of a picture, colours as light and alpha from 0 to 1."""

    step = 1

    def __init__(self, picture: Picture, dtype: np.dtype[Any]) -> None:
        self.planes = picture.rows.planes
        self._picture = picture
        self._colours = self.planes - picture.has_alpha
        self._table = None
        if picture.dtype.kind != "f":
            levels = np.arange(picture.full + 1) / picture.full
            self._table = to_light(levels).astype(dtype)

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with light."""
        stored = np.empty(out.shape, self._picture.dtype)
        self._picture.rows.read(top, bottom, stored)
        colours = stored[: self._colours]
        if self._table is None:
            out[: self._colours] = to_light(colours.astype(np.float64))
        else:
            out[: self._colours] = self._table[colours]
        np.divide(stored[self._colours :], self._picture.full, out=out[self._colours :])


@frozen
class LightScale:
    """The scale of samples whose values are light; see `Scale`.

    Parameters
    ----------
    full
        The value of white in the samples.
    dtype
        Of the samples.
    has_alpha
        Whether the last plane is alpha.
    clips
        Whether values outside are brought into the scale.
    """

    full: int
    dtype: np.dtype[Any]
    has_alpha: bool
    clips: bool

    @property
    def values(self) -> np.dtype[Any]:
        """The floats in which light is worked with."""
        return light_dtype(self.dtype)

    def clip(self, values: Band) -> int:
        """Count what would be encoded to a level outside, and clip."""
        if not self.clips:
            return 0
        half = 0.5 / self.full if self.dtype.kind != "f" else 0.0
        low, high = to_light(np.array([-half, 1 + half]))
        colours, alpha = self._parts(values)
        outside = np.count_nonzero((colours < low) | (colours > high))
        outside += np.count_nonzero((alpha < -half) | (alpha > 1 + half))
        np.clip(values, 0, 1, out=values)
        return int(outside)

    def put(self, values: Band, out: Band) -> None:
        """Encode light, each value to the level that is nearest to its code."""
        light, alpha = self._parts(values)
        codes, opacity = self._parts(out)
        if self.dtype.kind == "f":
            codes[...] = from_light(light.astype(np.float64))
            opacity[...] = alpha
            return
        _Codes.of(self.full).put(light, codes)
        np.copyto(opacity, alpha * self.full + 0.5, casting="unsafe")

    def _parts(self, planes: Band) -> tuple[Band, Band]:
        colours = len(planes) - self.has_alpha
        return planes[:colours], planes[colours:]


@frozen(eq=False)
class _Codes:
    """Which level a light from 0 to 1 is encoded as, by a table and one comparison.

    Parameters
    ----------
    borders
        For each level the least light of the next one; infinite for the last.
    levels
        Of the light at the lower end of each bin. A bin is so narrow that at most one
        border lies in it.
    """

    borders: NDArray[np.float64]
    levels: NDArray[Any]

    @classmethod
    @cache
    def of(cls, full: int) -> "_Codes":
        borders = to_light((np.arange(full) + 0.5) / full)
        # Borders are closest near black, where the curve is straight.
        bins = int(SLOPE * full) + 2
        levels = np.searchsorted(borders, np.arange(bins + 1) / bins, side="right")
        return cls(np.append(borders, np.inf), levels.astype(np.min_scalar_type(full)))

    def put(self, light: NDArray[Any], out: NDArray[Any]) -> None:
        """Fill ``out`` with the levels of light from 0 to 1."""
        out[...] = self.levels[(light * (len(self.levels) - 1)).astype(np.intp)]
        out += light >= self.borders[out]


def chain_in_light(chain: Chain, picture: Picture) -> Chain:
    """Return a chain whose constant borders are light: they are stated as they are stored."""
    links = tuple(
        replace(link, kernel=_with_border(link.kernel, picture.layout in ("L", "LA")))
        for link in chain.links
    )
    return replace(chain, links=links)


def _with_border(kernel: AnyKernel, gray: bool) -> AnyKernel:
    if isinstance(kernel, Composite):
        members = tuple(one.replace(border=_lit(one.border, gray)) for one in kernel.kernels)
        return kernel.replace(kernels=members)
    if isinstance(kernel, MixingKernel):
        return kernel.replace(border=_lit(kernel.first.border, gray))
    return kernel.replace(border=_lit(kernel.border, gray))


def _lit(border: Border | None, gray: bool) -> Border | None:
    """Return a border in light; a colour around gray is as bright as its gray."""
    if border is None or border.name != "constant":
        return border
    stored = [Fraction(value) for value in border.value]
    if gray and len(stored) == 3:
        stored = [luma((stored[0], stored[1], stored[2]))]
    light = to_light(np.array(stored, np.float64))
    return Border("constant", tuple(light.tolist()))
