"""The links of a chain, followed pixel by pixel without error.

Shares no arithmetic with the engine, so that each is a check of the other; only what the
plan decided (borders in whole numbers, which extremes stretch) is read from it.
"""

from collections.abc import Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property

from convfilter.border import Border, IndexMap
from convfilter.composite import Composite
from convfilter.engine.mixing import MixingStage
from convfilter.engine.problem import Problem, border_levels
from convfilter.engine.stages import Stage
from convfilter.explain.exact import Exact, apply_range, combine, exact, limit
from convfilter.explain.laying import Laying
from convfilter.explain.samples import Samples
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import simplify
from convfilter.options import Pair

Matrix = tuple[tuple[Exact, ...], ...]


@frozen
class Response:
    """One kernel laid on one channel at one place, with every number.

    Parameters
    ----------
    kernel
        The label of the kernel.
    channel
        The channel that it lies on.
    rows, columns
        Of the picture, under those of the window; outside it they are negative or too large.
    origin
        The cell that lies on the output pixel.
    inside
        For each cell whether it lies on the picture.
    window, weights, products
        Samples, weights as they lie on them, and what they multiply to.
    sum
        Of the products.
    divisor, offset
        Of the kernel; the offset in levels.
    value
        ``sum ÷ divisor + offset``.
    """

    kernel: str
    channel: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    origin: Pair
    inside: tuple[tuple[bool, ...], ...]
    window: Matrix
    weights: Matrix
    products: Matrix
    sum: Exact
    divisor: int | Fraction
    offset: Exact
    value: Exact


@frozen
class Combined:
    """What a link makes of one pixel of one channel.

    Parameters
    ----------
    responses
        One for each matrix that has a part in it.
    combination
        The name of a combination, ``mix`` for channels that are added up, or None.
    combined
        What the responses become, before divisor and offset of the link.
    """

    channel: str
    responses: tuple[Response, ...]
    combination: str | None
    combined: Exact
    divisor: int | Fraction
    offset: Exact
    value: Exact


@frozen
class Part:
    """A matrix, and what lies outside the samples that it is laid on.

    Parameters
    ----------
    constants
        For each channel what a constant border holds, in levels.
    """

    kernel: Kernel
    constants: tuple[Fraction, ...]

    @cached_property
    def laid(self) -> Kernel:
        """The kernel as it lies on the picture."""
        return self.kernel.laid_for("correlate")

    @cached_property
    def weights(self) -> Matrix:
        """Its weights without error."""
        return tuple(tuple(exact(weight) for weight in row) for row in self.laid.exact_weights)

    @property
    def index_map(self) -> IndexMap | None:
        """Which sample stands in for one outside; None for a constant."""
        return (self.kernel.border or Border()).index_map


@frozen(eq=False)
class FollowedLink:
    """One link on samples.

    Parameters
    ----------
    names
        What the channels of the samples are.
    full
        The value of white.
    extremes
        Lowest and highest value, where the range of the link is ``stretch``.
    """

    stage: Stage
    samples: Samples
    names: tuple[str, ...]
    full: int
    extremes: tuple[Exact, Exact] | None = None
    _known: dict[tuple[int, Pair], Exact] = field(default_factory=dict)

    @cached_property
    def laying(self) -> Laying:
        """Where its windows lie."""
        return Laying.of(self.stage.link, self.samples.size)

    @property
    def size(self) -> Pair:
        """Height and width of its values."""
        return self.laying.result_size

    @property
    def range(self) -> str | None:
        """What its values go through before the next link reads them."""
        return self.stage.link.range

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels of its values are."""
        mixes = isinstance(self.stage, MixingStage)
        return self.stage.sums.names if mixes else self.names

    def at(self, channel: int, place: Pair) -> Exact:
        """Return a value as the next link reads it; see `Samples`."""
        key = channel, place
        if key not in self._known:
            self._known[key] = self.ranged(self._value(channel, place))
        return self._known[key]

    def ranged(self, value: Exact) -> Exact:
        """Apply the range that stands between this link and the next."""
        if self.range is None:
            return value
        ranged = apply_range(self.range, value, self.full, self.extremes)
        return limit(ranged, self.full) if self.range == "clip" else ranged

    def combined(self, channel: int, place: Pair) -> Combined:
        """Return what becomes of one pixel, with every number on the way."""
        responses = tuple(
            self._response(part, source, place) for part, source in self._parts_for(channel)
        )
        totals = [self._contribution(r.sum, r.value) for r in responses]
        combined, value = self._join(totals)
        kernel = self.stage.link.kernel
        return Combined(
            self.channels[channel],
            responses,
            self._combination,
            combined,
            kernel.divisor,
            self._levels(kernel.offset),
            value,
        )

    def _value(self, channel: int, place: Pair) -> Exact:
        """Return the same as `combined` does, and nothing but the value."""
        totals = []
        for part, source in self._parts_for(channel):
            total = self._sum(part, source, place)
            totals.append(self._contribution(total, self._divided(part.kernel, total)))
        return self._join(totals)[1]

    @property
    def _combination(self) -> str | None:
        kernel = self.stage.link.kernel
        if isinstance(kernel, Composite):
            return kernel.combine
        return None if isinstance(kernel, Kernel) else "mix"

    def _contribution(self, total: Exact, value: Exact) -> Exact:
        """Return what is combined: undivided sums, but for composites."""
        return value if isinstance(self.stage.link.kernel, Composite) else total

    def _join(self, totals: Sequence[Exact]) -> tuple[Exact, Exact]:
        kernel = self.stage.link.kernel
        if isinstance(kernel, Composite):
            combined = combine(kernel.combine, totals, self.full)
        else:
            combined = sum(totals)
        return combined, _simple(combined / Fraction(kernel.divisor) + self._levels(kernel.offset))

    def _divided(self, kernel: Kernel, total: Exact) -> Exact:
        return _simple(total / Fraction(kernel.divisor) + self._levels(kernel.offset))

    def _levels(self, offset: int | Fraction) -> Exact:
        return simplify(Fraction(offset) * self.full)

    @cached_property
    def _parts(self) -> tuple[tuple[Part, ...], ...]:
        """For each channel of the result the parts; of a mixing kernel one for each input."""
        stage = self.stage
        if isinstance(stage, MixingStage):
            problems = {term.channel: term.step.problem for term in stage.terms}
            constants = [self._constants(problems[n])[0] for n in range(stage.kernel.inputs)]
            return tuple(
                tuple(
                    Part(matrices[output], (constants[taken],))
                    for taken, matrices in enumerate(stage.kernel.matrices)
                )
                for output in range(stage.kernel.outputs)
            )
        kernel = stage.link.kernel
        kernels = kernel.kernels if isinstance(kernel, Composite) else (kernel,)
        parts = tuple(
            Part(one, self._constants(step.problem))
            for one, step in zip(kernels, stage.steps, strict=True)
            if isinstance(one, Kernel)
        )
        return (parts,) * len(self.names)

    def _parts_for(self, channel: int) -> list[tuple[Part, int]]:
        """Return the parts of a channel of the result, each with the channel that it lies on."""
        parts = self._parts[channel]
        if isinstance(self.stage, MixingStage):
            return [(part, source) for source, part in enumerate(parts)]
        return [(part, channel) for part in parts]

    def _constants(self, problem: Problem) -> tuple[Fraction, ...]:
        """Return the constant border as the plan lays it, in levels."""
        whole = problem.samples.limits is not None
        levels = border_levels(problem.border, problem.samples)
        scale = Fraction(self.full) / Fraction(problem.samples.full)
        return tuple(Fraction(int(level) if whole else level) * scale for level in levels)

    def _sample(self, part: Part, channel: int, place: Pair) -> Exact:
        height, width = self.samples.size
        y, x = place
        if not (0 <= y < height and 0 <= x < width):
            index_map = part.index_map
            if index_map is None:
                constants = part.constants
                return simplify(constants[channel if len(constants) > 1 else 0])
            y, x = index_map(y, height), index_map(x, width)
        return self.samples.at(channel, (y, x))

    def _sum(self, part: Part, channel: int, place: Pair) -> Exact:
        rows, columns = self._lines(part, place)
        return sum(
            weight * self._sample(part, channel, (y, x))
            for y, line in zip(rows, part.weights, strict=True)
            for x, weight in zip(columns, line, strict=True)
            if weight
        )

    def _response(self, part: Part, channel: int, place: Pair) -> Response:
        rows, columns = self._lines(part, place)
        height, width = self.samples.size
        window = tuple(tuple(self._sample(part, channel, (y, x)) for x in columns) for y in rows)
        products = tuple(
            # A weight of 0 keeps even NaN out, as the engine's cells do.
            tuple(weight * sample if weight else 0 for weight, sample in zip(*lines, strict=True))
            for lines in zip(part.weights, window, strict=True)
        )
        total = _simple(sum(product for line in products for product in line))
        return Response(
            part.kernel.label,
            self.names[channel],
            rows,
            columns,
            part.laid.origin,
            tuple(tuple(0 <= y < height and 0 <= x < width for x in columns) for y in rows),
            window,
            part.weights,
            products,
            total,
            part.kernel.divisor,
            self._levels(part.kernel.offset),
            self._divided(part.kernel, total),
        )

    def _lines(self, part: Part, place: Pair) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the rows and columns of the samples under those of a part's matrix."""
        under, laid, steps = self.laying.under(place), part.laid, self.laying.dilation
        rows, columns = (
            tuple(under[n] + (cell - laid.origin[n]) * steps[n] for cell in range(count))
            for n, count in enumerate((laid.rows, laid.columns))
        )
        return rows, columns


def _simple(value: Exact) -> Exact:
    return simplify(value) if isinstance(value, Fraction) else value
