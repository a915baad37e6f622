"""Explanations as JSON: plain numbers, lists and names."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from convfilter.explain.exact import Exact
from convfilter.explain.kernels import Explanation, LinkFacts, PartFacts
from convfilter.explain.links import Combined, Response
from convfilter.explain.window import Finished, PixelTrace, StepTrace
from convfilter.factors import Factors


def number(value: Exact | None) -> int | float | None:
    """Return a number as JSON has it: fractions as floats, None for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value) if isinstance(value, Fraction) else value


def explanation_to_json(explanation: Explanation) -> dict[str, Any]:
    """Return what ``explain --json`` prints of kernels.

    A single kernel has its facts at the top; anything else has ``steps`` of ``kernels``.
    """
    plan = explanation.plan
    single = explanation.single
    told: dict[str, Any] = {
        "kernel": " → ".join(given.label for given in explanation.filters),
        "kind": "kernel" if single else "steps",
    }
    if single:
        told |= _part(single) | _laid(explanation.links[0])
    else:
        told["steps"] = [_link(link) for link in explanation.links]
    clipping = explanation.clipping
    return told | {
        "gain": number(explanation.gain),
        "range": explanation.range,
        "noise_clipped": {"share": clipping.share, "method": clipping.method} if clipping else None,
        "picture": {
            "width": plan.samples.width,
            "height": plan.samples.height,
            "mode": explanation.mode,
        },
        "result": {"width": plan.size[1], "height": plan.size[0]},
        "algorithm": plan.algorithm,
        "reason": plan.reason,
    }


def _link(link: LinkFacts) -> dict[str, Any]:
    kernel = link.kernel
    return {
        "kernel": kernel.label,
        "combine": getattr(kernel, "combine", None),
        "divisor": number(kernel.divisor),
        "offset": number(kernel.offset),
        "range": link.link.range,
        **_laid(link),
        "kernels": [_part(part) for part in link.parts],
    }


def _laid(link: LinkFacts) -> dict[str, Any]:
    laying = link.laying
    return {
        "dilation": list(laying.dilation),
        "stride": list(laying.stride),
        "border_share": laying.border_share,
    }


def _part(part: PartFacts) -> dict[str, Any]:
    kernel, facts = part.kernel, part.facts
    return {
        "name": kernel.name,
        **({"role": part.role} if part.role else {}),
        "title": kernel.title,
        "rows": kernel.rows,
        "columns": kernel.columns,
        "weights": kernel.weights.tolist(),
        "sum": number(kernel.sum),
        "divisor": number(kernel.divisor),
        "offset": number(kernel.offset),
        "gain": number(facts.gain),
        "symmetric": kernel.is_symmetric,
        "symmetries": list(facts.symmetries),
        "antisymmetries": list(facts.antisymmetries),
        "rank": facts.rank,
        "rank_is_exact": facts.rank_is_exact,
        "factors": _factors(facts.factors),
        "origin": list(kernel.origin),
        "operation": kernel.operation,
        "border": str(part.step.problem.border),
        "values_at_8_bits": [number(facts.lowest), number(facts.highest)],
        "algorithm": part.step.algorithm.name,
        "reason": part.step.reason,
        "rejected": [
            {"algorithm": other.algorithm, "reason": other.reason} for other in part.step.rejected
        ],
        "equivalents": [
            {
                "tool": other.tool,
                "language": other.language,
                "code": other.code,
                "notes": list(other.notes),
            }
            for other in part.equivalents
        ],
    }


def _factors(factors: Factors | None) -> dict[str, Any] | None:
    if factors is None:
        return None
    return {
        "products": [
            {"column": list(product.column), "row": list(product.row)}
            for product in factors.products
        ],
        "cells": [{"row": y, "column": x, "weight": w} for y, x, w in factors.cells],
        "error": factors.error,
    }


def trace_to_json(trace: PixelTrace, with_steps: bool) -> dict[str, Any]:
    """Return what ``explain --at --json`` prints.

    ``window``, ``weights``, ``products`` and ``sum`` at the top are those of a single kernel,
    shaped as arrays are: numbers for a picture with one channel, lists of its channels else.

    Parameters
    ----------
    with_steps
        Whether all steps are told, or only the last.
    """
    last = trace.steps[-1]
    told: dict[str, Any] = {
        "at": [trace.place[1], trace.place[0]],
        "width": trace.size[1],
        "height": trace.size[0],
        "mode": trace.mode,
        "alpha": trace.alpha,
        "exact": trace.is_exact,
    }
    if all(len(channel.responses) == 1 for channel in last.channels):
        told |= _single(last)
    told |= {
        "value": _for_channels([number(finished.written) for finished in trace.finished]),
        "channels": [_finished(finished) for finished in trace.finished],
        "steps": [_step(step) for step in (trace.steps if with_steps else trace.steps[-1:])],
    }
    return told


def _single(last: StepTrace) -> dict[str, Any]:
    responses = [channel.responses[0] for channel in last.channels]
    return {
        "window": _matrices([response.window for response in responses]),
        "weights": [[number(weight) for weight in row] for row in responses[0].weights],
        "products": _matrices([response.products for response in responses]),
        "sum": _for_channels([number(response.sum) for response in responses]),
        "divisor": number(responses[0].divisor),
        "offset": number(responses[0].offset),
    }


def _for_channels(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _matrices(matrices: Sequence[Sequence[Sequence[Exact]]]) -> list[list[Any]]:
    return [
        [_for_channels([number(cell) for cell in cells]) for cells in zip(*rows, strict=True)]
        for rows in zip(*matrices, strict=True)
    ]


def _finished(finished: Finished) -> dict[str, Any]:
    return {
        "channel": finished.channel,
        "source": finished.source,
        "coverage": number(finished.coverage),
        "unranged": number(finished.value),
        "range": finished.range,
        "ranged": number(finished.ranged),
        "rounded": finished.rounded,
        "clipped": finished.clipped,
        "value": number(finished.written),
    }


def _step(step: StepTrace) -> dict[str, Any]:
    return {
        "kernel": step.label,
        "at": [step.place[1], step.place[0]],
        "width": step.size[1],
        "height": step.size[0],
        "range": step.range,
        "channels": [
            _combined(combined, ranged)
            for combined, ranged in zip(step.channels, step.ranged, strict=True)
        ],
    }


def _combined(combined: Combined, ranged: Exact) -> dict[str, Any]:
    return {
        "channel": combined.channel,
        "combination": combined.combination,
        "responses": [_response(response) for response in combined.responses],
        "combined": number(combined.combined),
        "divisor": number(combined.divisor),
        "offset": number(combined.offset),
        "unranged": number(combined.value),
        "value": number(ranged),
    }


def _response(response: Response) -> dict[str, Any]:
    return {
        "kernel": response.kernel,
        "channel": response.channel,
        "rows": list(response.rows),
        "columns": list(response.columns),
        "inside": [list(row) for row in response.inside],
        "window": _rows(response.window),
        "weights": _rows(response.weights),
        "products": _rows(response.products),
        "sum": number(response.sum),
        "divisor": number(response.divisor),
        "offset": number(response.offset),
        "value": number(response.value),
    }


def _rows(matrix: Iterable[Iterable[Exact]]) -> list[list[Any]]:
    return [[number(cell) for cell in row] for row in matrix]
