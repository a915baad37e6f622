"""A picture plus what a blur takes from it."""

from fractions import Fraction

import numpy as np

from convfilter.factors import Factors, OuterProduct
from convfilter.kernel import Kernel
from convfilter.registry.generators import sampled
from convfilter.registry.generators.sampled import tell_cut, tell_size


def unsharp(sigma: Fraction, amount: Fraction, size: int | None) -> Kernel:
    """Return the picture plus ``amount`` times its difference from a Gaussian blur."""
    profiles = (sampled.gaussian_profile(float(sigma)),) * 2
    radius = sampled.radius_for(profiles, size)
    row = sampled.gaussian(float(sigma), radius)
    product = OuterProduct(tuple((-float(amount) * row).tolist()), tuple(row.tolist()))
    weights = product.matrix()
    weights[radius, radius] += 1 + float(amount)
    factors = Factors((product,), ((radius, radius, 1 + float(amount)),))
    told = tell_cut(radius, sampled.share_left_out(profiles, radius), "the blur")
    return Kernel(sampled.with_sum_1(weights), factors=factors, description=told)


def high_boost(a: Fraction, size: int) -> Kernel:
    """Return ``a`` times the picture less its mean over a square."""
    cells = size * size
    numerator, denominator = Fraction(a).as_integer_ratio()
    product = OuterProduct((-denominator,) * size, (1,) * size)
    weights = product.matrix()
    weights[size // 2, size // 2] += numerator * cells
    return Kernel(
        np.asarray(weights, dtype=np.int64),
        divisor=denominator * cells,
        factors=Factors((product,), ((size // 2, size // 2, numerator * cells),)),
        range="abs" if a == 1 else None,
        description=f"{tell_size(size, size)}; the weights sum to A - 1.",
    )
