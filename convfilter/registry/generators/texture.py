"""Texture: Gabor's waves under a Gaussian, and the products of Laws' vectors."""

import math
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convfilter.factors import Factors, OuterProduct
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.registry.generators import sampled
from convfilter.registry.generators.parameter import Unfit
from convfilter.registry.generators.sampled import distances, tell_cut

ONE_OCTAVE = 0.56
"""σ ÷ wavelength of a filter that passes one octave (half the response at either end)."""

SHORTEST_WAVE = 2.0
"""Wavelength, in pixels, below which a wave looks like a longer one."""

VECTORS = {
    "l5": ((1, 4, 6, 4, 1), "level"),
    "e5": ((-1, -2, 0, 2, 1), "edge"),
    "s5": ((-1, 0, 2, 0, -1), "spot"),
    "w5": ((-1, 2, 0, -2, 1), "wave"),
    "r5": ((1, -4, 6, -4, 1), "ripple"),
}


def gabor(
    sigma: Fraction,
    theta: Fraction,
    wavelength: Fraction | None,
    gamma: Fraction,
    psi: Fraction,
    size: int | None,
) -> Kernel:
    """Return a wave under a Gaussian, less so much of the Gaussian that the sum is 0."""
    width, ratio = float(sigma), float(gamma)
    period = max(SHORTEST_WAVE, width / ONE_OCTAVE) if wavelength is None else float(wavelength)
    profiles = (sampled.gaussian_profile(max(width, width / ratio)),) * 2
    radius = max(1, sampled.radius_for(profiles, size))
    wave = Wave(width, period, ratio, _direction(theta), _direction(psi), radius)
    total = float(np.abs(wave.weights).sum()) / 2
    if total < sampled.SMALLEST_WAVE * wave.mass:
        raise Unfit(
            "at whole pixels the wave is 0, or everywhere the same",
            "raise sigma, or change wavelength or psi",
        )
    told = tell_cut(radius, sampled.share_left_out(profiles, radius), "the Gaussian")
    if wavelength is None:
        told += f" The wavelength is {period:.4g} pixels."
    weights, factors = wave.weights / total, Factors(wave.products).scaled(1 / total)
    return sampled.zero_sum(weights, factors, description=told)


def _direction(degrees: Fraction) -> tuple[float, float]:
    """Return cosine and sine; rounding makes those of right angles exact."""
    angle = math.radians(degrees)
    return round(math.cos(angle), 15), round(math.sin(angle), 15)


@frozen
class Wave:
    """A wave under a Gaussian, over the pixels of a square.

    Parameters
    ----------
    sigma, period
        In pixels.
    ratio
        Width of the Gaussian along the wave, divided by that across it.
    direction, phase
        Cosine and sine of their angles; the direction is counter-clockwise from the right.
    radius
        Of the square.
    """

    sigma: float
    period: float
    ratio: float
    direction: tuple[float, float]
    phase: tuple[float, float]
    radius: int

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """The wave, less so much of the Gaussian that the sum is 0."""
        along, envelope = self._grid
        weights: NDArray[np.float64] = (self._cosine(along) - self._level) * envelope
        return weights

    @property
    def products(self) -> tuple[OuterProduct, ...]:
        """Its factors, none where the Gaussian is long and lies askew."""
        right, up = self.direction
        t = distances(self.radius)
        wide, narrow = self._envelope(t, 1.0), self._envelope(t, self.ratio)
        if up == 0:
            return (_product(narrow, (self._cosine(t * right) - self._level) * wide),)
        if right == 0:
            return (_product((self._cosine(-t * up) - self._level) * wide, narrow),)
        if self.ratio != 1:
            return ()
        turn = 2 * math.pi / self.period
        down = -turn * up * t
        return (
            _product(np.cos(down) * wide, self._cosine(t * right) * wide),
            _product(-np.sin(down) * wide, self._sine(t * right) * wide),
            _product(-self._level * wide, wide),
        )

    @property
    def mass(self) -> float:
        """The sum of the Gaussian."""
        return float(self._grid[1].sum())

    @cached_property
    def _grid(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The distance along the wave, and the Gaussian, of every pixel."""
        right, up = self.direction
        x, y = distances(self.radius)[None, :], distances(self.radius)[:, None]
        along, across = x * right - y * up, x * up + y * right
        envelope = np.exp(-0.5 * (along**2 + (self.ratio * across) ** 2) / self.sigma**2)
        return along, envelope

    @cached_property
    def _level(self) -> float:
        along, envelope = self._grid
        wave = self._cosine(along) * envelope
        return math.fsum(wave.ravel()) / math.fsum(envelope.ravel())

    def _envelope(self, t: sampled.Vector, ratio: float) -> sampled.Vector:
        return sampled.gaussian_profile(self.sigma / ratio)(t)

    def _cosine(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        angle = 2 * math.pi * distance / self.period
        cosine: NDArray[np.float64] = self.phase[0] * np.cos(angle) - self.phase[1] * np.sin(angle)
        return cosine

    def _sine(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        angle = 2 * math.pi * distance / self.period
        sine: NDArray[np.float64] = self.phase[0] * np.sin(angle) + self.phase[1] * np.cos(angle)
        return sine


def _product(column: sampled.Vector, row: sampled.Vector) -> OuterProduct:
    return OuterProduct(tuple(column.tolist()), tuple(row.tolist()))


def laws(column: str, row: str) -> Kernel:
    """Return the product of two of Laws' vectors."""
    (down, down_name), (across, across_name) = VECTORS[column], VECTORS[row]
    absolute = sum(map(abs, down)) * sum(map(abs, across))
    is_level = column == row == "l5"
    return Kernel.outer(
        down,
        across,
        divisor=absolute if is_level else absolute // 2,
        title=f"Laws' {column}{row}: {down_name} in columns, {across_name} in rows",
        range=None if is_level else "abs",
    )
