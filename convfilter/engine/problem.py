"""One convolution made canonical: what to add up over which pixels, with nothing left to decide."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.border import Border
from convfilter.engine.program import narrowest
from convfilter.engine.samples import LARGEST_SUM, Samples, Sums
from convfilter.errors import UsageError
from convfilter.factors import Factors
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions, Pair
from convfilter.weights import total


@frozen
class Problem:
    """A correlation of samples with weights: ``sums ÷ divisor`` is the response.

    Parameters
    ----------
    samples
        What the window slides over.
    weights
        As they lie on the picture (turned already for ``convolve``): int64 where
        the response is a quotient of integers, else float64.
    divisor
        Positive; an ``int`` where the weights are integers.
    dilation, stride
        In pixels, rows first.
    padding
        Pixels of border above, below, left and right.
    border
        The rule for them.
    scale
        What integer samples are multiplied by as they are read, so that a constant
        border of half a level is a whole number too; ``samples`` tells of the products.
    in_order
        Whether bands of the sums are asked for from top to bottom, and no row twice.
    """

    samples: Samples
    weights: NDArray[Any]
    divisor: int | float
    dilation: Pair
    stride: Pair
    padding: tuple[Pair, Pair]
    border: Border
    scale: int = 1
    factors: Factors | None = None
    in_order: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether the response is a quotient of integers."""
        return self.samples.limits is not None and self.weights.dtype.kind == "i"

    @property
    def window(self) -> Pair:
        """Height and width of the dilated kernel in pixels."""
        rows, columns = self.weights.shape
        return (rows - 1) * self.dilation[0] + 1, (columns - 1) * self.dilation[1] + 1

    @property
    def dense_size(self) -> Pair:
        """Height and width of the result before the stride."""
        (top, bottom), (left, right) = self.padding
        height = self.samples.height + top + bottom - self.window[0] + 1
        width = self.samples.width + left + right - self.window[1] + 1
        return height, width

    @property
    def padded_width(self) -> int:
        """Pixels of a row of a padded band."""
        return self.dense_size[1] + self.window[1] - 1

    @property
    def size(self) -> Pair:
        """Height and width of the result."""
        height, width = self.dense_size
        return -(-height // self.stride[0]), -(-width // self.stride[1])

    @property
    def padded_dtype(self) -> np.dtype[Any]:
        """The samples' own where it holds the border too, else a wider one."""
        limits = self.samples.limits
        if limits is None:
            return self.samples.dtype
        narrow = narrowest(*limits)
        is_whole_scale = self.scale == 1 and limits == (0, self.samples.full)
        # What comes of a step before may lie in wider integers than it needs.
        is_short = self.samples.dtype.itemsize <= narrow.itemsize
        return self.samples.dtype if is_whole_scale and is_short else narrow

    @cached_property
    def sum_limits(self) -> Pair:
        """Lowest and highest sum of an exact problem."""
        low, high = self.samples.limits or (0, 0)
        positive = int(self.weights[self.weights > 0].sum())
        negative = int(self.weights[self.weights < 0].sum())
        return positive * low + negative * high, positive * high + negative * low

    @cached_property
    def sums(self) -> "Sums":
        """What is known of the sums before any is made."""
        bounds = None
        if self.samples.limits is not None:
            low, high = self.samples.limits
            positive = float(self.weights[self.weights > 0].sum())
            negative = float(self.weights[self.weights < 0].sum())
            bounds = positive * low + negative * high, positive * high + negative * low
        return Sums(
            self.size,
            self.samples.names,
            self.divisor,
            self.samples.full,
            self.sum_limits if self.is_exact else None,
            bounds,
        )

    @cached_property
    def largest_sum(self) -> int:
        """Bound of the absolute value of every partial sum of an exact problem."""
        largest = max(map(abs, self.samples.limits or (0, 0)))
        return largest * max(1, int(np.abs(self.weights).sum()))


def pose(
    samples: Samples, kernel: Kernel, options: FilterOptions, *, in_order: bool = True
) -> Problem:
    """Make the problem that a kernel poses on samples.

    Parameters
    ----------
    in_order
        See `Problem`.

    Raises
    ------
    UsageError
        If the result would have no pixel.
    """
    border = kernel.border or Border()
    samples, scale = _with_border(samples, border)
    weights, divisor, factor = _quotient(kernel, samples)
    factors = kernel.factors.scaled(factor) if kernel.factors else None
    origin = kernel.origin
    if kernel.operation == "convolve":
        weights = weights[::-1, ::-1]
        factors = factors.turned((kernel.rows, kernel.columns)) if factors else None
        origin = kernel.turned_origin
    problem = Problem(
        samples,
        weights,
        divisor,
        options.dilation,
        options.stride,
        _padding(options, origin, (kernel.rows, kernel.columns)),
        border,
        scale,
        factors,
        in_order,
    )
    if min(problem.dense_size) < 1:
        rows, columns = problem.window
        raise UsageError(
            f"padding {options.padding!r} leaves no pixel",
            f"the kernel covers {columns}×{rows} pixels, "
            f"the picture has {samples.width}×{samples.height}",
            "use --padding same, or a smaller kernel or dilation",
        )
    return problem


def border_levels(border: Border, samples: Samples) -> list[Fraction]:
    """Return the constant outside for each channel, in the samples' own units.

    Of integer samples to a thousandth of a level; 0 where the border is not constant.
    """
    if border.index_map is not None:
        return [Fraction(0)] * samples.channels
    fractions = border.constant_levels(samples.names)
    levels = [part * Fraction(samples.full) for part in fractions]
    return levels if samples.limits is None else [v.limit_denominator(1000) for v in levels]


def _with_border(samples: Samples, border: Border) -> tuple[Samples, int]:
    """Return samples whose limits hold the border too, and the scale that makes it whole."""
    if samples.limits is None or border.index_map is not None:
        return samples, 1
    levels = border_levels(border, samples)
    scale = math.lcm(*(level.denominator for level in levels))
    values = [int(level * scale) for level in levels]
    limits = min(samples.limits[0] * scale, *values), max(samples.limits[1] * scale, *values)
    return replace(samples, limits=limits, full=samples.full * scale), scale


def _quotient(kernel: Kernel, samples: Samples) -> tuple[NDArray[Any], int | float, float]:
    """Return weights, a positive divisor, and how many times the kernel's own the weights are.

    Integers where weights and divisor can be held exactly.
    """
    if kernel.numerators is not None and samples.limits is not None:
        divisor = Fraction(kernel.divisor) * kernel.denominator
        factor = divisor.denominator if divisor > 0 else -divisor.denominator
        largest = total(np.abs(kernel.numerators)) * max(map(abs, samples.limits))
        if largest * abs(factor) < LARGEST_SUM and abs(divisor.numerator) < LARGEST_SUM:
            weights = kernel.numerators * factor
            return weights, abs(divisor.numerator), factor * kernel.denominator
    if kernel.is_integer:
        sign = 1 if kernel.divisor > 0 else -1
        return kernel.weights.astype(np.float64) * sign, abs(float(kernel.divisor)), sign
    return kernel.weights / float(kernel.divisor), 1.0, 1 / float(kernel.divisor)


def _padding(options: FilterOptions, origin: Pair, shape: Pair) -> tuple[Pair, Pair]:
    if not isinstance(options.padding, str):
        return options.padding

    def along(axis: int) -> Pair:
        before, reach = origin[axis], shape[axis] - 1
        pixels = {"same": (before, reach - before), "valid": (0, 0), "full": (reach, reach)}
        first, last = pixels[str(options.padding)]
        return first * options.dilation[axis], last * options.dilation[axis]

    return along(0), along(1)
