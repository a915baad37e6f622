"""To working values and from them: what of a picture is convolved, and how it becomes one again."""

from dataclasses import replace

import numpy as np

from convfilter.chain import Chain
from convfilter.engine.bands import Finisher
from convfilter.engine.finish import Finish
from convfilter.engine.plan import Plan
from convfilter.engine.samples import NEAR_TIE, Samples
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.picture import LAYOUTS, PLANES, Picture, layout_of
from convfilter.pictures.alpha import KeptAlphaFinish, PremultipliedRows, UnpremultipliedFinish
from convfilter.pictures.centre import CentreRows
from convfilter.pictures.channels import RGB, KeptFinish, LumaFinish, Selection
from convfilter.pictures.finishing import NEAR_EXACT_TIE, nearness, valued
from convfilter.pictures.light import LightScale, chain_in_light, in_light
from convfilter.pictures.mix import Mix
from convfilter.pictures.scale import LevelsFinish, Scale, StoredScale
from convfilter.rows import ChosenPlanes, Rows

OPAQUE_ROWS = 256
"""Rows that are looked at together when asking whether a picture is opaque."""


@frozen
class Working:
    """What the engine gets of a picture.

    Parameters
    ----------
    picture
        As it is stored.
    chain
        As it runs: in light, if the picture is filtered there.
    alpha
        ``straight``, ``keep`` or ``premultiply``: what happens to transparency.
    selection
        The channels that are filtered, of the picture in light if it is filtered there.
    samples, rows
        The planes to convolve.
    """

    picture: Picture
    chain: Chain
    alpha: str
    selection: Selection
    samples: Samples
    rows: Rows

    def layout(self, plan: Plan) -> str:
        """Return the layout of the result: the picture's own, unless channels are mixed."""
        if not self.chain.mixes or self.planes(plan) == len(self.picture.channels):
            return self.picture.layout
        if self.alpha == "keep":
            return {1: "LA", 3: "RGBA"}.get(plan.channels, PLANES)
        return layout_of(plan.channels)

    def planes(self, plan: Plan) -> int:
        """Return how many channels the result has."""
        if not self.chain.mixes or not self.selection.is_whole:
            return len(self.picture.channels)
        return plan.channels + (self.alpha == "keep")

    def finish(self, plan: Plan) -> Finisher:
        """Return what turns the engine's sums into the picture's samples.

        Raises
        ------
        UsageError
            If alpha cannot be divided out again, or channels are mixed into others where
            they have to be what they were.
        """
        self._check_channels(plan)
        changed = self._changed(plan)
        selection, stored = self.selection, self.picture.rows
        if selection.is_whole and self.alpha == "keep":
            return KeptAlphaFinish(changed, CentreRows(ChosenPlanes(stored, slice(-1, None)), plan))
        places = selection.places if self.alpha != "keep" else selection.colours
        if selection.is_whole or len(places) == len(self.picture.channels):
            return changed
        planes = plan.channels + (RGB - 1 if selection.luma else 0)
        return KeptFinish(changed, planes, places, CentreRows(stored, plan))

    def _check_channels(self, plan: Plan) -> None:
        if not self.chain.mixes:
            return
        whole = self.selection.is_whole
        if not whole and plan.channels != self.samples.channels:
            raise UsageError(
                f"the kernel makes {plan.channels} channels of {self.samples.channels}",
                "those that --channels names have to stay what they are",
                "leave --channels out",
            )
        if self.chain.options.mix != 1 and self.planes(plan) != len(self.picture.channels):
            raise UsageError(
                "--mix with a kernel that changes the number of channels",
                f"the picture has {len(self.picture.channels)}, the result {self.planes(plan)}",
                "leave --mix out",
            )

    def _changed(self, plan: Plan) -> Finisher:
        """Return what makes the channels that are filtered, and alpha if it was looked at."""
        options = self.chain.options
        if not (options.linear or self.selection.luma or options.mix != 1):
            return self._made(plan, plan.finish)
        scale = self._scale(plan)
        white = None if self.alpha == "premultiply" else self.selection.picture.full
        made = self._made(plan, valued(plan.finish, scale.values, white))
        mix = None
        if options.mix != 1:
            originals = CentreRows(self.selection.unchanged(self._with_alpha), plan)
            by_alpha = self.alpha == "premultiply" and self.selection.alpha
            mix = Mix(float(options.mix), originals, by_alpha, self._alpha_step)
        return LevelsFinish(made, scale, mix)

    def _made(self, plan: Plan, finish: Finish) -> Finisher:
        """Return the same, with levels or values as the finish makes them."""
        selection = self.selection
        made = finish if self.alpha != "premultiply" else self._unpremultiplied(plan, finish)
        if not selection.luma:
            return made
        originals = CentreRows(selection.picture.rows, plan)
        return LumaFinish(made, plan.channels, selection.fractions, originals)

    @property
    def _with_alpha(self) -> bool:
        """Whether alpha is the last of the planes to convolve."""
        return _convolves_alpha(self.alpha, self.selection)

    @property
    def _alpha_step(self) -> float:
        """How far apart the levels of alpha are in the picture as it is filtered."""
        whole = self.picture.dtype.kind != "f"
        return self.selection.picture.full / self.picture.full if whole else 0.0

    def _unpremultiplied(self, plan: Plan, finish: Finish) -> UnpremultipliedFinish:
        if any(link.kernel.offset for link in self.chain.links[:-1]):
            raise UsageError(
                "a kernel with an offset is followed by another",
                "between them, colours are multiplied by alpha, and an offset cannot be",
                "use --alpha straight or --alpha keep",
            )
        gain = self.chain.gain
        assert gain is not None  # noqa: S101 - what is not linear is not premultiplied
        full = self.selection.picture.full
        originals = CentreRows(self.selection.originals(), plan)
        return UnpremultipliedFinish(finish, gain, full, originals, self._alpha_step)

    def _scale(self, plan: Plan) -> Scale:
        """Return the scale on which values become samples."""
        dtype, full = self.picture.dtype, self.picture.full
        clips = dtype.kind != "f" or plan.finish.range == "clip"
        if self.chain.options.linear:
            layout = LAYOUTS.get(self.layout(plan), ("",))
            has_alpha = self._with_alpha and layout[-1] == "alpha"
            return LightScale(full, dtype, has_alpha, clips)
        near = NEAR_EXACT_TIE if self.alpha == "premultiply" else nearness(plan.finish)
        return StoredScale(full, dtype.kind != "f", clips, near)


def to_working(picture: Picture, chain: Chain) -> Working:
    """Prepare a picture for convolution with a chain of kernels.

    Raises
    ------
    UsageError
        If light, channels or alpha cannot be treated as the options of the chain say.
    """
    options = chain.options
    source = in_light(picture) if options.linear else picture
    selection = Selection.of(source, options.channels, options.linear)
    way = _alpha_way(picture, chain, selection)
    if options.linear:
        chain = chain_in_light(chain, picture)
    with_alpha = _convolves_alpha(way, selection)
    samples, rows = selection.samples(with_alpha), selection.rows(with_alpha)
    if way == "straight":
        names = tuple("" if name == "alpha" else name for name in samples.names)
        samples = replace(samples, names=names)
    if way == "premultiply":
        premultiplied = PremultipliedRows(rows, int(samples.full), samples.dtype)
        white = int(samples.full) ** 2
        limits = None if samples.limits is None else (0, white)
        # Products of floats are rounded.
        near = max(samples.near_tie, NEAR_TIE.get(premultiplied.dtype, 0.0))
        samples = replace(
            samples, dtype=premultiplied.dtype, limits=limits, full=white, near_tie=near
        )
        rows = premultiplied
    return Working(picture, chain, way, selection, samples, rows)


def _convolves_alpha(way: str, selection: Selection) -> bool:
    return way == "premultiply" or (way == "straight" and selection.alpha)


def _alpha_way(picture: Picture, chain: Chain, selection: Selection) -> str:
    if not picture.has_alpha:
        return "straight"
    alpha = chain.options.alpha
    named = selection.named and selection.alpha
    if named and alpha == "keep":
        raise UsageError(
            "--channels alpha with --alpha keep",
            "one filters alpha, the other leaves it alone",
            "give one of them",
        )
    if not selection.colours:
        return "straight"
    why_not = _why_not_premultiply(chain)
    if alpha == "auto":
        if selection.alpha and chain.mixed_inputs == len(selection.places):
            return "straight"
        alpha = "premultiply" if not why_not else "straight" if named else "keep"
    elif alpha == "premultiply" and why_not:
        raise UsageError(f"--alpha premultiply with {why_not[0]}", why_not[1], "use --alpha keep")
    # For an opaque picture both give the same; this one is four times quicker.
    return "keep" if alpha == "premultiply" and _is_opaque(picture) else alpha


def _why_not_premultiply(chain: Chain) -> tuple[str, str] | None:
    """Say what about a chain forbids to filter colour times alpha, and why."""
    if chain.is_zero_sum or chain.gain == 0:
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
