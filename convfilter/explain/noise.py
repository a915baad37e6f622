"""How much of a picture of white noise would be clipped: exactly, or by trying."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from convfilter.chain import Chain
from convfilter.filtering import plan_filtering
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.recipe import Filter

LEVELS = 256
"""Values of an 8-bit sample, all equally likely in the noise."""

MOST_STEPS = 50_000_000
"""The exact share is found if it takes no more additions than this: a second or less."""

DIGITS = 9
"""Decimals of an exact share; the rounding errors of the chances are far smaller."""

NOISE_SIZE = (512, 512)
NOISE_SEED = 1

EXACT_RANGES = ("clip", "abs", "center", "relu")


@frozen
class Clipping:
    """The share of clipped samples.

    Parameters
    ----------
    method
        ``exact``: from the distribution of the sums; ``sampled``: counted by the engine
        in seeded noise of 512×512 pixels.
    """

    share: float
    method: str


def clipping_of(chain: Chain, filters: Sequence[Filter], options: FilterOptions) -> Clipping | None:
    """Return what of 8-bit white noise a chain clips; None if it mixes channels."""
    if chain.mixes:
        return None
    kernel = chain.links[0].kernel
    wanted = chain.range or "clip"
    if len(chain.links) == 1 and isinstance(kernel, Kernel) and wanted in EXACT_RANGES:
        chances = _distribution(kernel)
        if chances is not None:
            share = round(_share_outside(kernel, chances, wanted), DIGITS)
            return Clipping(share, "exact")
    noise = np.random.default_rng(NOISE_SEED).integers(0, LEVELS, NOISE_SIZE, dtype=np.uint8)
    filtered = plan_filtering(Picture.of_array(noise), filters, options).run()
    return Clipping(filtered.clipped_share, "sampled")


def _distribution(kernel: Kernel) -> NDArray[np.float64] | None:
    """Return the chance of every sum from the lowest on; None if that takes too long."""
    if kernel.numerators is None:
        return None
    sizes = [abs(weight) for weight in kernel.numerators.ravel().tolist() if weight]
    if len(sizes) * (LEVELS - 1) * sum(sizes) > MOST_STEPS:
        return None
    chances = np.ones(1)
    for size in sizes:
        chances = _spread(chances, size)
    return chances


def _spread(chances: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Add a weight times an even sample: the mean of 256 copies, each ``size`` further on."""
    length = len(chances) + (LEVELS - 1) * size
    lines = -(-length // size)
    padded = np.zeros((lines + LEVELS, size))
    padded[LEVELS:].reshape(-1)[: len(chances)] = chances
    sums = np.cumsum(padded, axis=0)
    return ((sums[LEVELS:] - sums[:-LEVELS]) / LEVELS).reshape(-1)[:length]


def _share_outside(kernel: Kernel, chances: NDArray[np.float64], wanted: str) -> float:
    """Add up the chances of levels outside the scale, rounded as the engine does."""
    numerators = kernel.numerators
    assert numerators is not None  # noqa: S101 - there would be no distribution
    lowest = (LEVELS - 1) * int(numerators[numerators < 0].sum())
    divisor = Fraction(kernel.divisor) * kernel.denominator
    white = LEVELS - 1
    shift = Fraction(kernel.offset) * white
    if wanted == "center":
        shift += Fraction(white, 2)
    half = Fraction(1, 2)

    def from_value(value: Fraction) -> Fraction:
        """Return how far above the lowest sum a value lies."""
        return (value - shift) * divisor - lowest

    # Outside is what rounds to white + 1 or more, and what rounds to -1 or less.
    above = _beyond(chances, from_value(white + half), divisor > 0, inclusive=True)
    if wanted == "relu":
        return above
    below_from = -(white + half) if wanted == "abs" else -half
    below = _beyond(chances, from_value(below_from), divisor < 0, inclusive=wanted == "abs")
    return above + below


def _beyond(
    chances: NDArray[np.float64], place: Fraction, upward: bool, *, inclusive: bool
) -> float:
    """Add up the chances beyond a place on one side, that of the place itself if it is included."""
    whole = place.denominator == 1
    if upward:
        first = int(place) if whole and inclusive else place.__floor__() + 1
        part = chances[max(first, 0) :]
    else:
        last = int(place) if whole and inclusive else place.__ceil__() - 1
        part = chances[: max(last + 1, 0)]
    return min(1.0, max(0.0, float(part.sum())))
