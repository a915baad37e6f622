"""One pixel of a filtered picture: every number that it is made of, up to the one written."""

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from convfilter.chain import Chain
from convfilter.engine.bands import find_extremes
from convfilter.engine.plan import make_plan
from convfilter.errors import UsageError
from convfilter.explain.exact import Exact, apply_range, limit, round_half_up
from convfilter.explain.laying import matrices_of
from convfilter.explain.links import Combined, FollowedLink
from convfilter.explain.samples import PictureSamples, PremultipliedSamples
from convfilter.filtering import Filtering, plan_filtering
from convfilter.frozen import frozen
from convfilter.options import FilterOptions, Pair
from convfilter.picture import Picture
from convfilter.recipe import Filter

MOST_PRODUCTS = 3_000_000
"""A pixel that takes more products is refused; so many take some seconds."""

FOLLOWED = frozenset(
    {
        *("border", "padding", "stride", "dilation", "operation", "range", "divisor", "offset"),
        *("normalize", "alpha", "method", "workers"),
    }
)
"""The options whose meaning is worked out here once more."""


@frozen
class StepTrace:
    """What one link makes of one pixel.

    Parameters
    ----------
    label
        Of its kernel.
    place
        Row and column of the pixel in the link's own values.
    size
        Height and width of those.
    range
        What the values go through before the next link reads them.
    ranged
        The values of all channels after that.
    """

    label: str
    place: Pair
    size: Pair
    channels: tuple[Combined, ...]
    range: str | None
    ranged: tuple[Exact, ...]


@frozen
class Finished:
    """The end of one channel: from the value to the sample that is written.

    Parameters
    ----------
    channel
        Its name.
    source
        ``value``: that of the last step; ``divided by alpha``: of which coverage is what
        it was divided by; ``alpha``: coverage itself; ``kept``: the sample of the picture
        under the origin, for alpha that is not filtered or a colour that cannot be seen.
    value
        Before the range.
    coverage
        Filtered alpha in levels, divided by the gain of the kernels; None without alpha.
    range, ranged
        The range, and the value after it.
    rounded
        The nearest level; None for floats, which are not rounded.
    clipped
        Whether it lay outside the scale.
    written
        The sample.
    """

    channel: str
    source: str
    value: Exact
    range: str | None
    ranged: Exact
    rounded: int | None
    clipped: bool
    written: int | float
    coverage: Exact | None = None


@frozen
class PixelTrace:
    """Everything about one pixel.

    Parameters
    ----------
    place
        Row and column in the result.
    size
        Height and width of the result.
    mode
        Of the result.
    alpha
        ``straight``, ``keep`` or ``premultiply``.
    gain
        Of all kernels together, where alpha is divided by it.
    full
        The value of white.
    is_exact
        Whether the engine's result is bound to be the same to the last bit.
    steps
        The last is what is finished.
    """

    place: Pair
    size: Pair
    mode: str
    alpha: str
    gain: Fraction | None
    full: int
    is_exact: bool
    extremes: tuple[Exact, Exact] | None
    steps: tuple[StepTrace, ...]
    finished: tuple[Finished, ...]


def explain_pixel(
    picture: Picture, kernels: Sequence[Filter], options: FilterOptions, place: Pair
) -> PixelTrace:
    """Follow one pixel of the result through all kernels, in exact arithmetic.

    Parameters
    ----------
    place
        Row and column in the result.

    Raises
    ------
    UsageError
        If the result has no such pixel, an option is not followed, or it would take
        too long.
    """
    default = FilterOptions()
    for option in fields(options):
        stated = getattr(options, option.name) != getattr(default, option.name)
        if stated and option.name not in FOLLOWED:
            raise UsageError(
                f"--{option.name} is not followed pixel by pixel", None, "leave it out"
            )
    filtering = plan_filtering(picture, kernels, options)
    height, width = filtering.size
    if not (0 <= place[0] < height and 0 <= place[1] < width):
        raise UsageError(
            f"point {place[1]},{place[0]} lies outside the result",
            f"the result has {width}×{height} pixels",
            f"X is 0 to {width - 1}, Y is 0 to {height - 1}",
        )
    return _Following(filtering).trace(place)


class _Following:
    """A planned filtering, its links laid on one another."""

    def __init__(self, filtering: Filtering) -> None:
        self.filtering = filtering
        self.picture = filtering.picture
        self.alpha = filtering.working.alpha
        premultiplied = self.alpha == "premultiply"
        source = PremultipliedSamples if premultiplied else PictureSamples
        samples: Any = source(self.picture)
        names = self.picture.channels[: filtering.working.samples.channels]
        self.original = PictureSamples(self.picture)
        self.links: list[FollowedLink] = []
        for number, stage in enumerate(filtering.plan.stages):
            extremes = self._extremes_between(number) if stage.link.range == "stretch" else None
            samples = FollowedLink(stage, samples, names, self.picture.full, extremes)
            names = samples.channels
            self.links.append(samples)

    def trace(self, place: Pair) -> PixelTrace:
        """Follow one pixel."""
        self._refuse_long_work()
        plan = self.filtering.plan
        steps, centre = self._steps(place)
        return PixelTrace(
            place,
            self.filtering.size,
            self.filtering.mode,
            self.alpha,
            self.filtering.working.chain.gain if self.alpha == "premultiply" else None,
            self.picture.full,
            plan.finish.sum_limits is not None,
            self._extremes,
            tuple(steps),
            tuple(self._finished(steps[-1], centre)),
        )

    def _steps(self, place: Pair) -> tuple[list[StepTrace], Pair]:
        """Return the steps, the first one first, and the pixel of the picture under the origin."""
        steps: list[StepTrace] = []
        for link in reversed(self.links):
            channels = tuple(link.combined(n, place) for n in range(len(link.channels)))
            ranged = tuple(link.ranged(channel.value) for channel in channels)
            label = link.stage.link.kernel.label
            steps.insert(0, StepTrace(label, place, link.size, channels, link.range, ranged))
            place = _nearest(link.laying.under(place), link.samples.size)
        return steps, place

    def _finished(self, last: StepTrace, centre: Pair) -> list[Finished]:
        values = [channel.value for channel in last.channels]
        if self.alpha == "premultiply":
            return self._unpremultiplied(last, values, centre)
        finished = [
            self._finish(combined.channel, value)
            for combined, value in zip(last.channels, values, strict=True)
        ]
        if self.alpha == "keep":
            finished.append(self._kept(len(self.picture.channels) - 1, centre, None))
        return finished

    def _unpremultiplied(
        self, last: StepTrace, values: list[Exact], centre: Pair
    ) -> list[Finished]:
        """Divide filtered colours by filtered alpha; what cannot be seen keeps its colour."""
        gain = self.filtering.working.chain.gain or Fraction(1)
        offset = Fraction(self.filtering.plan.stages[-1].link.kernel.offset) * self.picture.full
        unlimited = (values[-1] - offset) / gain
        coverage = limit(unlimited, self.picture.full)
        opacity = self._rounded(coverage)
        seen = float(coverage if opacity is None else opacity) != 0
        finished = []
        for channel, value in enumerate(values[:-1]):
            name = last.channels[channel].channel
            if seen:
                colour = (value - offset) * self.picture.full / unlimited + offset
                finished.append(self._finish(name, colour, coverage, "divided by alpha"))
            else:
                finished.append(self._kept(channel, centre, coverage))
        written = self._written(coverage if opacity is None else opacity)
        name = last.channels[-1].channel
        alpha = Finished(
            name, "alpha", unlimited, None, coverage, opacity, False, written, coverage
        )
        return [*finished, alpha]

    def _finish(
        self, name: str, value: Exact, coverage: Exact | None = None, source: str = "value"
    ) -> Finished:
        wanted, full = self.filtering.plan.finish.range, self.picture.full
        ranged = apply_range(wanted, value, full, self._extremes)
        rounded = self._rounded(ranged, self._near)
        level: Exact = ranged if rounded is None else rounded
        limited = limit(level, full) if rounded is not None or wanted == "clip" else level
        written = self._written(limited)
        clipped = level != limited and not math.isnan(level)
        return Finished(name, source, value, wanted, ranged, rounded, clipped, written, coverage)

    def _kept(self, channel: int, centre: Pair, coverage: Exact | None) -> Finished:
        sample = self.original.at(channel, centre)
        name, written = self.picture.channels[channel], self._written(sample)
        return Finished(name, "kept", sample, None, sample, None, False, written, coverage)

    @property
    def _near(self) -> Fraction | int:
        """How little below a tie the engine, which works in floats here, takes it for the tie."""
        finish = self.filtering.plan.finish
        if finish.sum_limits is not None or self.alpha == "premultiply":
            return 0
        return Fraction(finish.near_tie) * self.picture.full

    def _rounded(self, value: Exact, near: Fraction | int = 0) -> int | None:
        return None if self.picture.dtype.kind == "f" else round_half_up(value, near)

    def _written(self, value: Exact) -> int | float:
        written: int | float = self.picture.dtype.type(value).item()
        return written

    @cached_property
    def _extremes(self) -> tuple[Exact, Exact] | None:
        """Lowest and highest value of the whole picture, from the engine, where it stretches."""
        plan, working = self.filtering.plan, self.filtering.working
        if plan.finish.range != "stretch":
            return None
        found = find_extremes(plan, working.rows, self.filtering.finish)
        if self.alpha == "premultiply":
            shift = plan.finish.offset / self.picture.full
            low, high = (_rational(extreme) + shift for extreme in found)
            return low, high
        return _values(found, plan.finish.divisor, plan.finish.offset)

    def _extremes_between(self, number: int) -> tuple[Exact, Exact]:
        """Return lowest and highest value of a link that is stretched before the next one."""
        chain = self.filtering.working.chain
        options = replace(chain.options, range="stretch")
        plan = make_plan(self.filtering.working.samples, Chain(chain.links[: number + 1], options))
        found = find_extremes(plan, self.filtering.working.rows)
        return _values(found, plan.finish.divisor, plan.finish.offset)

    def _refuse_long_work(self) -> None:
        """Refuse what would take minutes: windows of windows of large kernels.

        Raises
        ------
        UsageError
            In that case.
        """
        products, region = 0, (1, 1)
        for link in reversed(self.links):
            kernels = matrices_of(link.stage.link.kernel)
            cells = sum(int(np.count_nonzero(kernel.weights)) for kernel in kernels)
            products += region[0] * region[1] * cells * len(self.picture.channels)
            stride, reach = link.laying.stride, link.laying.reach
            region = (
                min((region[0] - 1) * stride[0] + 1 + reach[0], link.samples.size[0]),
                min((region[1] - 1) * stride[1] + 1 + reach[1], link.samples.size[1]),
            )
        if products > MOST_PRODUCTS:
            raise UsageError(
                f"following one pixel takes {products / 1e6:.0f} million products",
                "each step needs a whole window of the step before",
                "explain fewer or smaller kernels at a time",
            )


def _nearest(place: Pair, size: Pair) -> Pair:
    """Return the nearest pixel that lies inside."""
    y, x = (min(max(position, 0), length - 1) for position, length in zip(place, size, strict=True))
    return y, x


def _values(found: tuple[Any, Any], divisor: int | float, offset: Fraction) -> tuple[Exact, Exact]:
    """Return sums as values, in levels."""
    low, high = (_rational(extreme) / Fraction(divisor) + offset for extreme in found)
    return low, high


def _rational(extreme: Any) -> Fraction:
    return Fraction(extreme.item() if hasattr(extreme, "item") else extreme)
