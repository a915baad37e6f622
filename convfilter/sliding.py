"""The window that slides over a small gray picture, place by place, with every number."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convfilter.chain import Chain
from convfilter.engine.problem import Problem, border_levels, pose
from convfilter.engine.samples import Samples
from convfilter.errors import PictureError
from convfilter.filtering import apply
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import Number, simplify
from convfilter.options import FilterOptions
from convfilter.picture import Picture

BRIGHTNESS = "0.299 R + 0.587 G + 0.114 B"
"""What of a colour is looked at: its luma by ITU-R BT.601."""


@frozen
class Placement:
    """The window over one place.

    Parameters
    ----------
    row, column
        Of the result.
    top, left
        Where in the picture its first cell lies; below 0 is the border.
    pixels, products
        Beneath each cell, and times its weight.
    """

    row: int
    column: int
    top: int
    left: int
    pixels: list[list[Number]]
    products: list[list[Number]]

    def sum_of(self, count: int) -> Number:
        """Return the sum of the first products, exact where they are."""
        first = [product for row in self.products for product in row][:count]
        if any(isinstance(product, float) for product in first):
            return math.fsum(first)
        return simplify(sum((Fraction(product) for product in first), Fraction(0)))


@frozen
class Walk:
    """One kernel and every place that it is laid on.

    Parameters
    ----------
    kernel
        As it lies on the picture: turned already for ``convolve``.
    pixels, result
        Of the gray picture, and what the kernel makes of it.
    around
        The picture with its border.
    range
        The name of the range that the result was brought into.
    turned
        Whether the kernel was turned by 180°.
    """

    kernel: Kernel
    problem: Problem
    pixels: NDArray[Any]
    result: NDArray[Any]
    around: list[list[Number]]
    range: str
    turned: bool

    @classmethod
    def of(cls, picture: Picture, kernel: Kernel, options: FilterOptions | None = None) -> Self:
        """Lay a kernel on a gray picture.

        Raises
        ------
        UsageError
            If nothing would be left of the picture.
        """
        options = options or FilterOptions()
        chain = Chain.of([kernel], options)
        laid, stated = chain.links[0].kernel, chain.links[0].options
        assert isinstance(laid, Kernel)  # noqa: S101 - the only link is of the kernel
        samples = Samples.of_dtype(picture.height, picture.width, ("gray",), picture.dtype)
        problem = pose(samples, laid, stated)
        result = apply(picture, kernel, **vars(options))
        around = _with_border(picture.array, problem, samples)
        lying = laid.laid_for("correlate")
        kept = chain.range or "clip"
        turned = lying is not laid
        return cls(lying, problem, picture.array, result.array, around, kept, turned)

    def __len__(self) -> int:
        return int(self.result.size)

    def __iter__(self) -> Iterator[Placement]:
        for row, column in np.ndindex(*self.result.shape):
            yield self.at(row, column)

    def at(self, row: int, column: int) -> Placement:
        """Return the window over the place of one pixel of the result."""
        down, across = self.problem.stride[0] * row, self.problem.stride[1] * column
        (above, _), (left, _) = self.problem.padding
        rows, columns = self.problem.dilation
        weights = self.kernel.exact_weights
        pixels = [
            [self.around[down + rows * y][across + columns * x] for x in range(len(line))]
            for y, line in enumerate(weights)
        ]
        products = [
            [pixel * weight for pixel, weight in zip(*lines, strict=True)]
            for lines in zip(pixels, weights, strict=True)
        ]
        return Placement(row, column, down - above, across - left, pixels, products)

    @property
    def offset(self) -> int | Fraction:
        """What is added after the division, in levels of the picture."""
        full = 1 if self.pixels.dtype.kind == "f" else int(np.iinfo(self.pixels.dtype).max)
        return simplify(Fraction(self.kernel.offset) * full)

    def value(self, total: Number) -> Number:
        """Return a sum divided and with the offset, not rounded and not ranged."""
        if isinstance(total, float):
            return total / float(self.kernel.divisor) + float(self.offset)
        return simplify(Fraction(total) / Fraction(self.kernel.divisor) + self.offset)


def to_brightness(picture: Picture) -> Picture:
    """Return a gray picture as it is, and the brightness of one in RGB.

    Raises
    ------
    PictureError
        If it is neither.
    """
    if picture.layout == "L":
        return picture
    if picture.layout != "RGB":
        raise PictureError(
            f"a picture of {picture.mode} cannot be stepped through",
            "only gray and RGB without transparency can",
            "lay it over a colour first: apply IN OUT.bmp -k identity --background white",
        )
    red, green, blue = picture.planes.astype(np.float64 if picture.dtype.kind == "f" else np.int64)
    luma = 299 * red + 587 * green + 114 * blue
    gray = luma / 1000 if picture.dtype.kind == "f" else (luma + 500) // 1000
    return Picture.of_array(gray.astype(picture.dtype))


def _with_border(pixels: NDArray[Any], problem: Problem, samples: Samples) -> list[list[Number]]:
    """Return the pixels with the border around them, each as an exact number."""
    height, width = pixels.shape
    (above, below), (left, right) = problem.padding
    rows, columns = np.arange(-above, height + below), np.arange(-left, width + right)
    if problem.border.index_map is not None:
        picked = problem.border.index_map(rows, height), problem.border.index_map(columns, width)
        repeated: list[list[Number]] = pixels[np.ix_(*picked)].tolist()
        return repeated
    level = simplify(border_levels(problem.border, samples)[0])
    lines: list[list[Number]] = [[level] * len(columns) for _ in rows]
    for line, inside in zip(lines[above : above + height], pixels.tolist(), strict=True):
        line[left : left + width] = inside
    return lines
