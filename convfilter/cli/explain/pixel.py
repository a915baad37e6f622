"""One pixel as text: windows, weights, products, and what becomes of their sum."""

from typing import TYPE_CHECKING

from convfilter.cli.explain.grid import DIGITS, MOST_SHOWN, Grid, side_by_side, told
from convfilter.cli.messages import printable

if TYPE_CHECKING:
    from convfilter.explain.exact import Exact
    from convfilter.explain.links import Combined, Response
    from convfilter.explain.window import Finished, PixelTrace, StepTrace

MOST_ADDENDS = 9
"""Up to this many products are written out as a sum."""

LEGEND = "[ ] lies on the pixel, ( ) lies outside the picture"


def pixel_lines(trace: "PixelTrace", image: str, with_steps: bool) -> list[str]:
    """Write everything about one pixel."""
    y, x = trace.place
    height, width = trace.size
    lines = [f"pixel {x},{y} of the result, {width}×{height} {trace.mode}, from {printable(image)}"]
    lines += _alpha_lines(trace)
    lines.append(LEGEND)
    shown = trace.steps if with_steps else trace.steps[-1:]
    if any(_is_shortened(step) for step in shown):
        lines.append("… stands for cells that are left out; --json has all of them")
    for step in shown:
        number = trace.steps.index(step) + 1
        lines += ["", *_heading(step, number, len(trace.steps))]
        for n, combined in enumerate(step.channels):
            lines += ["", combined.channel or f"channel {n}", *_combined_lines(combined)]
            if step is not trace.steps[-1]:
                lines += _between_lines(step, n)
            else:
                lines += _finish_lines(trace.finished[n], trace)
    extra = trace.finished[len(trace.steps[-1].channels) :]
    for finished in extra:
        lines += ["", finished.channel, *_finish_lines(finished, trace)]
    return lines


def _is_shortened(step: "StepTrace") -> bool:
    shapes = [
        (len(response.weights), len(response.weights[0]))
        for combined in step.channels
        for response in combined.responses
    ]
    return max(map(max, shapes)) > MOST_SHOWN


def _heading(step: "StepTrace", number: int, count: int) -> list[str]:
    if count == 1:
        return [printable(step.label)]
    y, x = step.place
    told_step = f"step {number} of {count}: {printable(step.label)}"
    lines = [f"{told_step}, at {x},{y} of {step.size[1]}×{step.size[0]}"]
    if number > 1:
        lines.append(f"the window lies on the values of step {number - 1}, not rounded")
    return lines


def _alpha_lines(trace: "PixelTrace") -> list[str]:
    if trace.alpha == "keep":
        return ["alpha is kept as it is"]
    if trace.alpha != "premultiply":
        return []
    return [
        f"colours are filtered times alpha ÷ {trace.full}, and so is alpha; then divided again",
    ]


def _combined_lines(combined: "Combined") -> list[str]:
    lines = []
    for response in combined.responses:
        many = len(combined.responses) > 1
        if many:
            of = f" of {response.channel}" if combined.combination == "mix" else ""
            lines.append(f"  {printable(response.kernel)}{of}")
        lines += [f"  {line}" for line in _response_lines(response, combined)]
    if combined.combination is None:
        return lines
    mixes = combined.combination == "mix"
    parts = [told(r.sum if mixes else r.value) for r in combined.responses]
    name = "sum of the channels" if mixes else f"{combined.combination} of the responses"
    lines.append(_fact("combined", f"{name} {', '.join(parts)} = {told(combined.combined)}"))
    return [*lines, *_divided(combined.combined, combined)]


def _response_lines(response: "Response", combined: "Combined") -> list[str]:
    marks = [
        [_mark(cell, response.origin, inside) for cell, inside in row] for row in _places(response)
    ]
    blanks = [[(" ", " ")] * len(row) for row in response.weights]
    grids = [
        Grid.of("window", response.window, marks, response.origin, coloured=False),
        Grid.of("weights", response.weights, blanks, response.origin, coloured=True),
        Grid.of("products", response.products, blanks, response.origin, coloured=True),
    ]
    lines = side_by_side(grids, ("×", "="))
    products = [product for row in response.products for product in row]
    if len(products) <= MOST_ADDENDS:
        added = " + ".join(_addend(product) for product in products)
    else:
        added = f"of {len(products)} products"
    lines.append(_fact("sum", f"{added} = {told(response.sum)}", indent=0))
    if combined.combination == "mix":
        return lines
    return [*lines, *(line[2:] for line in _divided(response.sum, response))]


def _divided(total: "Exact", response: "Response | Combined") -> list[str]:
    """Write divisor and offset."""
    lines = []
    value = response.value - response.offset
    lines.append(_fact("divisor", f"{told(total)} ÷ {told(response.divisor)} = {told(value)}"))
    if response.offset:
        lines.append(
            _fact("offset", f"{told(value)} + {told(response.offset)} = {told(response.value)}")
        )
    return lines


def _between_lines(step: "StepTrace", n: int) -> list[str]:
    ranged = told(step.ranged[n])
    name = f"{step.range}: " if step.range else ""
    return [_fact("value", f"{name}{ranged}, as the next step reads it")]


def _finish_lines(finished: "Finished", trace: "PixelTrace") -> list[str]:
    """Write what makes a sample of a value, the sample last."""
    if finished.source == "kept":
        why = "" if finished.coverage is None else ", since nothing can be seen of the result"
        kept = _fact("kept", f"the sample under the origin{why}")
        return [kept, _fact("value", told(finished.written))]
    lines = []
    if finished.source == "alpha":
        gain = f" ÷ gain {told(trace.gain)}" if trace.gain not in (None, 1) else ""
        lines.append(_fact("coverage", f"{told(finished.value)}{gain and ', after'}{gain}"))
    if finished.source == "divided by alpha" and finished.coverage is not None:
        cover = f"{told(finished.coverage)} ÷ {trace.full}"
        lines.append(_fact("unweighted", f"÷ ({cover}) of alpha = {told(finished.value)}"))
    if finished.range and (finished.ranged != finished.value or finished.range != "clip"):
        lines.append(
            _fact("range", f"{finished.range}: {told(finished.value)} → {told(finished.ranged)}")
        )
    if finished.range == "stretch" and trace.extremes:
        low, high = map(told, trace.extremes)
        lines.append(_fact("", f"the whole picture has values from {low} to {high}"))
    level = finished.ranged if finished.rounded is None else finished.rounded
    if finished.rounded is not None and finished.rounded != finished.ranged:
        lines.append(_fact("rounded", f"{told(finished.ranged)} → {finished.rounded}, half up"))
    if finished.clipped:
        scale = f"the scale is 0 to {trace.full}"
        lines.append(_fact("clipped", f"{told(level)} → {told(finished.written)}, {scale}"))
    return [*lines, _fact("value", told(finished.written))]


def _addend(product: "Exact") -> str:
    text = told(product, DIGITS)
    return f"({text})" if text.startswith("-") else text


def _places(response: "Response") -> list[list[tuple[tuple[int, int], bool]]]:
    return [
        [((y, x), inside) for x, inside in enumerate(row)] for y, row in enumerate(response.inside)
    ]


def _mark(cell: tuple[int, int], origin: tuple[int, int], inside: bool) -> tuple[str, str]:
    if cell == origin:
        return ("[", "]") if inside else ("[(", ")]")
    return (" ", " ") if inside else ("(", ")")


def _fact(name: str, text: str, indent: int = 2) -> str:
    return f"{' ' * indent}{name:<10} {text}"
