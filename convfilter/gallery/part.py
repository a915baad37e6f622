"""A part of a picture, as ``--crop`` names it."""

from typing import Self

import numpy as np

from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.picture import Picture


@frozen
class Part:
    """A rectangle of pixels: its left and top, counted from 0, its width and height.

    Raises
    ------
    UsageError
        If it has no pixel, or begins outside of every picture.
    """

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 1 or min(self.left, self.top) < 0:
            raise UsageError(
                f"--crop {self} is no part of a picture",
                "X and Y count from 0, width and height from 1",
                "write X,Y,WIDTH,HEIGHT",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``X,Y,WIDTH,HEIGHT``.

        Raises
        ------
        UsageError
            If it is anything else.
        """
        try:
            left, top, width, height = (int(number) for number in text.split(","))
        except ValueError:
            raise UsageError(
                f"--crop {text!r} is not X,Y,WIDTH,HEIGHT",
                "four whole numbers of pixels are expected",
                "such as --crop 40,30,64,48",
            ) from None
        return cls(left, top, width, height)

    def check_within(self, size: Pair) -> None:
        """Refuse a picture, of a width and height, that does not have all of it.

        Raises
        ------
        UsageError
            With the size of the picture.
        """
        if self.left + self.width > size[0] or self.top + self.height > size[1]:
            raise UsageError(
                f"--crop {self} reaches beyond the picture",
                f"the picture has {size[0]} × {size[1]} pixels",
            )

    def scaled(self, size: Pair, to: Pair) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in the same picture of another width and height."""
        left, right = (_moved(x, size[0], to[0]) for x in (self.left, self.left + self.width))
        top, bottom = (_moved(y, size[1], to[1]) for y in (self.top, self.top + self.height))
        left, top = min(left, to[0] - 1), min(top, to[1] - 1)
        return left, top, max(right, left + 1), max(bottom, top + 1)

    def cut_out(self, picture: Picture) -> Picture:
        """Return this part of a picture as a picture of its own."""
        planes = np.empty((picture.rows.planes, self.height, picture.width), picture.dtype)
        picture.rows.read(self.top, self.top + self.height, planes)
        cut = planes[:, :, self.left : self.left + self.width].transpose(1, 2, 0)
        return Picture.of_array(np.ascontiguousarray(cut), picture.layout)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"


def _moved(position: int, size: int, to: int) -> int:
    return round(position * to / size)
