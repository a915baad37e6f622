"""To working values and from them: what of a picture is convolved, and how it becomes one again."""

from dataclasses import dataclass

import numpy as np

from convfilter.chain import Chain
from convfilter.engine.bands import Finisher
from convfilter.engine.plan import Plan
from convfilter.engine.problem import Samples
from convfilter.errors import UsageError
from convfilter.picture import PLANES, Picture, layout_of
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
    chain: Chain
    alpha: str
    samples: Samples
    rows: Rows

    def layout(self, plan: Plan) -> str:
        """Return the layout of the result: the picture's own, unless channels are mixed."""
        if not self.chain.mixes:
            return self.picture.layout
        kept = self.alpha == "keep"
        if plan.channels + kept == len(self.picture.channels):
            return self.picture.layout
        return {1: "LA", 3: "RGBA"}.get(plan.channels, PLANES) if kept else layout_of(plan.channels)

    def finish(self, plan: Plan) -> Finisher:
        """Return what turns the engine's sums into the picture's samples."""
        if self.alpha == "straight":
            return plan.finish
        if self.alpha == "keep":
            alpha = ChosenPlanes(self.picture.rows, slice(-1, None))
            return KeptAlphaFinish(plan.finish, CentreRows(alpha, plan))
        if any(link.kernel.offset for link in self.chain.links[:-1]):
            raise UsageError(
                "a kernel with an offset is followed by another",
                "between them, colours are multiplied by alpha, and an offset cannot be",
                "use --alpha straight or --alpha keep",
            )
        gain = self.chain.gain
        assert gain is not None  # noqa: S101 - what is not linear is not premultiplied
        originals = CentreRows(self.picture.rows, plan)
        return UnpremultipliedFinish(plan.finish, gain, self.picture.full, originals)


def to_working(picture: Picture, chain: Chain) -> Working:
    """Prepare a picture for convolution with a chain of kernels.

    Raises
    ------
    UsageError
        If alpha cannot be treated as the options of the chain say.
    """
    way = _alpha_way(picture, chain)
    size = picture.height, picture.width
    if way == "straight":
        names = tuple("" if name == "alpha" else name for name in picture.channels)
        samples = Samples.of_dtype(*size, names, picture.dtype)
        return Working(picture, chain, way, samples, picture.rows)
    if way == "keep":
        colours = picture.channels[:-1]
        rows = ChosenPlanes(picture.rows, slice(-1))
        samples = Samples.of_dtype(*size, colours, picture.dtype)
        return Working(picture, chain, way, samples, rows)
    premultiplied = PremultipliedRows(picture.rows, picture.full, picture.dtype)
    white = picture.full**2
    limits = None if picture.dtype.kind == "f" else (0, white)
    samples = Samples(*size, picture.channels, premultiplied.dtype, limits, white)
    return Working(picture, chain, way, samples, premultiplied)


def _alpha_way(picture: Picture, chain: Chain) -> str:
    if not picture.has_alpha:
        return "straight"
    alpha = chain.options.alpha
    why_not = _why_not_premultiply(chain)
    if alpha == "auto":
        alpha = "keep" if why_not else "premultiply"
        mixes_all = chain.mixed_inputs == len(picture.channels)
        return "straight" if mixes_all else alpha
    if alpha == "premultiply" and why_not:
        raise UsageError(f"--alpha premultiply with {why_not[0]}", why_not[1], "use --alpha keep")
    # For an opaque picture both give the same; this one is four times quicker.
    return "keep" if alpha == "premultiply" and _is_opaque(picture) else alpha


def _why_not_premultiply(chain: Chain) -> tuple[str, str] | None:
    """Say what about a chain forbids to filter colour times alpha, and why."""
    if chain.is_zero_sum:
        cause = "the filtered alpha would be 0 everywhere"
        return "a kernel whose weights sum to 0", cause
    if chain.gain is None:
        return "a chain that is not linear", "its alpha could not be divided out again"
    return None


def _is_opaque(picture: Picture) -> bool:
    alpha = ChosenPlanes(picture.rows, slice(-1, None))
    band = np.empty((1, OPAQUE_ROWS, picture.width), picture.dtype)
    for top in range(0, picture.height, OPAQUE_ROWS):
        bottom = min(top + OPAQUE_ROWS, picture.height)
        alpha.read(top, bottom, band[:, : bottom - top])
        if band[:, : bottom - top].min() < picture.full:
            return False
    return True
