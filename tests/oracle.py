"""The definition of a filtered picture, pixel by pixel in exact fractions: slow and plain.

It shares nothing with the program: no array operation, no table, no formula.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Number = int | float | Fraction


def outside(position: int, size: int, border: str) -> int | None:
    """Walk from a position outside to the pixel that stands in for it; None for a constant."""
    while not 0 <= position < size:
        if border == "constant":
            return None
        if border == "edge":
            position += 1 if position < 0 else -1
        elif border == "wrap":
            position += size if position < 0 else -size
        elif border == "symmetric":
            position = -1 - position if position < 0 else 2 * size - 1 - position
        elif size == 1:
            return 0
        else:
            position = -position if position < 0 else 2 * size - 2 - position
    return position


def responses(
    plane: Sequence[Sequence[Number]],
    weights: Sequence[Sequence[Number]],
    *,
    divisor: Number = 1,
    origin: tuple[int, int] | None = None,
    operation: str = "correlate",
    border: str = "edge",
    constant: Number = 0,
    padding: str | tuple[tuple[int, int], tuple[int, int]] = "same",
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
) -> list[list[Fraction]]:
    """Return ``Σ weight·pixel ÷ divisor`` for every pixel of the result."""
    height, width = len(plane), len(plane[0])
    rows, columns = len(weights), len(weights[0])
    row, column = origin or ((rows - 1) // 2, (columns - 1) // 2)
    cells = [(r, c, Fraction(weights[r][c])) for r in range(rows) for c in range(columns)]
    if operation == "convolve":
        cells = [(rows - 1 - r, columns - 1 - c, weight) for r, c, weight in cells]
        row, column = rows - 1 - row, columns - 1 - column
    reach = (rows - 1) * dilation[0], (columns - 1) * dilation[1]
    if not isinstance(padding, str):
        (top, bottom), (left, right) = padding
        size = height + top + bottom - reach[0], width + left + right - reach[1]
    elif padding == "same":
        top, left = row * dilation[0], column * dilation[1]
        size = height, width
    elif padding == "valid":
        top, left = 0, 0
        size = height - reach[0], width - reach[1]
    else:
        assert padding == "full"
        top, left = reach
        size = height + reach[0], width + reach[1]

    def pixel(y: int, x: int) -> Fraction:
        inner_y, inner_x = outside(y, height, border), outside(x, width, border)
        if inner_y is None or inner_x is None:
            return Fraction(constant)
        return Fraction(plane[inner_y][inner_x])

    return [
        [
            sum(
                (
                    weight * pixel(y - top + r * dilation[0], x - left + c * dilation[1])
                    for r, c, weight in cells
                ),
                Fraction(0),
            )
            / Fraction(divisor)
            for x in range(0, size[1], stride[1])
        ]
        for y in range(0, size[0], stride[0])
    ]


def levels(
    values: list[list[Fraction]], full: int, offset: Number = 0, value_range: str = "clip"
) -> list[list[int]]:
    """Return values as whole levels between 0 and full: offset, range, half up, clip."""
    shifted = [[value + Fraction(offset) * full for value in row] for row in values]
    flat = [value for row in shifted for value in row]
    low, high = min(flat), max(flat)

    def level(value: Fraction) -> int:
        if value_range == "abs":
            value = abs(value)
        elif value_range == "center":
            value += Fraction(full, 2)
        elif value_range == "stretch":
            value = (value - low) * full / (high - low) if high > low else Fraction(0)
        return min(max(math.floor(value + Fraction(1, 2)), 0), full)

    return [[level(value) for value in row] for row in shifted]


def filtered(array: NDArray[Any], weights: Any, **options: Any) -> NDArray[Any]:
    """Return an integer array of shape (H, W) or (H, W, C), filtered channel by channel."""
    offset, value_range = options.pop("offset", 0), options.pop("value_range", "clip")
    full = int(np.iinfo(array.dtype).max)
    cube = array[:, :, None] if array.ndim == 2 else array
    planes = [
        responses(cube[:, :, channel].tolist(), weights, **options)
        for channel in range(cube.shape[2])
    ]
    if value_range == "stretch":
        # Over the whole picture: all channels share one lowest and one highest value.
        stacked = [row for plane in planes for row in plane]
        rows = levels(stacked, full, offset, value_range)
        height = len(planes[0])
        made = [rows[n * height : (n + 1) * height] for n in range(len(planes))]
    else:
        made = [levels(plane, full, offset, value_range) for plane in planes]
    result = np.stack([np.array(plane, array.dtype) for plane in made], axis=-1)
    return result[:, :, 0] if array.ndim == 2 else result
