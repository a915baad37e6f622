"""Samples one by one, without error: of a picture, or times its alpha."""

from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from convfilter.explain.exact import Exact, exact
from convfilter.number import simplify
from convfilter.options import Pair
from convfilter.picture import Picture


class Samples(Protocol):
    """Whatever a window can lie on."""

    @property
    def size(self) -> Pair:
        """Height and width in pixels."""

    def at(self, channel: int, place: Pair) -> Exact:
        """Return a sample, in levels of the picture; the place lies inside."""


class PictureSamples:
    """The samples of a picture; only the rows that are asked for are read."""

    def __init__(self, picture: Picture) -> None:
        self.size = picture.height, picture.width
        self._picture = picture
        self._rows: dict[int, list[list[Any]]] = {}

    def at(self, channel: int, place: Pair) -> Exact:
        """Return a sample as the file has it."""
        return exact(self._row(place[0])[channel][place[1]])

    def _row(self, y: int) -> list[list[Any]]:
        if y not in self._rows:
            row = np.empty((self._picture.rows.planes, 1, self.size[1]), self._picture.dtype)
            self._picture.rows.read(y, y + 1, row)
            self._rows[y] = row[:, 0].tolist()
        return self._rows[y]


class PremultipliedSamples:
    """Colours times alpha, where full alpha is 1; and alpha, the last channel."""

    def __init__(self, picture: Picture) -> None:
        self._samples = PictureSamples(picture)
        self._alpha = len(picture.channels) - 1
        self._full = picture.full
        self.size = self._samples.size

    def at(self, channel: int, place: Pair) -> Exact:
        """Return a product, or alpha."""
        sample = self._samples.at(channel, place)
        if channel == self._alpha:
            return sample
        product = sample * self._samples.at(self._alpha, place)
        return product if isinstance(product, float) else simplify(Fraction(product) / self._full)
