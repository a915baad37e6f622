"""To working values and from them: what of a picture is convolved, and how it becomes one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from convfilter.engine.bands import Finisher
from convfilter.engine.plan import Plan
from convfilter.engine.problem import Samples
from convfilter.errors import UsageError
from convfilter.kernel import Kernel
from convfilter.picture import Picture
from convfilter.pictures.alpha import (
    CentreRows,
    KeptAlphaFinish,
    PremultipliedRows,
    UnpremultipliedFinish,
)
from convfilter.rows import ChosenPlanes, Rows

OPAQUE_ROWS = 256
"""Rows that are looked at together when asking whether a picture is opaque."""


@dataclass(frozen=True)
class Working:
    """What the engine gets of a picture.

    Parameters
    ----------
    samples, rows
        The planes to convolve.
    alpha
        ``straight``, ``keep`` or ``premultiply``: what happens to transparency.
    """

    picture: Picture
    alpha: str
    samples: Samples
    rows: Rows

    def finish(self, plan: Plan) -> Finisher:
        """Return what turns the engine's sums into the picture's samples."""
        if self.alpha == "straight":
            return plan.finish
        if self.alpha == "keep":
            alpha = ChosenPlanes(self.picture.rows, slice(-1, None))
            return KeptAlphaFinish(plan.finish, CentreRows(alpha, plan))
        if any(step.bias for step in plan.steps[:-1]):
            raise UsageError(
                "a kernel with an offset is followed by another",
                "between them, colours are multiplied by alpha, and an offset cannot be",
                "use --alpha straight or --alpha keep",
            )
        gains = (Fraction(s.kernel.sum) / Fraction(s.kernel.divisor) for s in plan.steps)
        originals = CentreRows(self.picture.rows, plan)
        return UnpremultipliedFinish(plan.finish, prod(gains), self.picture.full, originals)


def to_working(picture: Picture, kernels: Sequence[Kernel], alpha: str) -> Working:
    """Prepare a picture for convolution.

    Parameters
    ----------
    kernels
        All that will be run, one after another.
    alpha
        A name from `ALPHAS`.
    """
    way = _alpha_way(picture, kernels, alpha)
    size = picture.height, picture.width
    if way == "straight":
        names = tuple("" if name == "alpha" else name for name in picture.channels)
        samples = Samples.of_dtype(*size, names, picture.dtype)
        return Working(picture, way, samples, picture.rows)
    if way == "keep":
        colours = picture.channels[:-1]
        rows = ChosenPlanes(picture.rows, slice(-1))
        return Working(picture, way, Samples.of_dtype(*size, colours, picture.dtype), rows)
    premultiplied = PremultipliedRows(picture.rows, picture.full, picture.dtype)
    white = picture.full**2
    limits = None if picture.dtype.kind == "f" else (0, white)
    samples = Samples(*size, picture.channels, premultiplied.dtype, limits, white)
    return Working(picture, way, samples, premultiplied)


def _alpha_way(picture: Picture, kernels: Sequence[Kernel], alpha: str) -> str:
    if not picture.has_alpha:
        return "straight"
    cancels = any(kernel.is_zero_sum for kernel in kernels)
    if alpha == "auto":
        alpha = "keep" if cancels else "premultiply"
    if alpha == "premultiply" and cancels:
        raise UsageError(
            "--alpha premultiply with a kernel whose weights sum to 0",
            "the filtered alpha would be 0 everywhere",
            "use --alpha keep",
        )
    # For an opaque picture both give the same; this one is four times quicker.
    return "keep" if alpha == "premultiply" and _is_opaque(picture) else alpha


def _is_opaque(picture: Picture) -> bool:
    alpha = ChosenPlanes(picture.rows, slice(-1, None))
    band = np.empty((1, OPAQUE_ROWS, picture.width), picture.dtype)
    for top in range(0, picture.height, OPAQUE_ROWS):
        bottom = min(top + OPAQUE_ROWS, picture.height)
        alpha.read(top, bottom, band[:, : bottom - top])
        if band[:, : bottom - top].min() < picture.full:
            return False
    return True
