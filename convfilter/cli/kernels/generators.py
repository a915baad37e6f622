"""How generators are told: their parameters, units and limits."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from convfilter.cli.kernels.telling import json_number
from convfilter.number import Number
from convfilter.registry.generators.parameter import format_value

if TYPE_CHECKING:
    from convfilter.registry.generators.generator import Generator


def generator_to_json(generator: "Generator") -> dict[str, Any]:
    """Return what ``--json`` tells of a generator."""
    parameters = [
        {
            "name": parameter.name,
            "kind": parameter.kind,
            "unit": parameter.unit or None,
            "required": parameter.is_required,
            "default": _json_value(parameter.default),
            "otherwise": parameter.otherwise or None,
            "lowest": _json_value(parameter.lowest),
            "highest": _json_value(parameter.highest),
            "odd": parameter.odd,
            "choices": list(parameter.choices),
            "summary": parameter.summary,
        }
        for parameter in generator.parameters
    ]
    return {
        "name": generator.name,
        "kind": "generator",
        "title": generator.title,
        "parameters": parameters,
        "example": generator.example,
        "description": generator.description,
        "tags": list(generator.tags),
        "range": generator.range,
        "source": generator.source,
    }


def describe_generator(generator: "Generator") -> str:
    """Return a generator as people read it: what each parameter is, and an example."""
    lines = [f"{generator.name} — {generator.title}", generator.description, ""]
    width = max(len(parameter.name) for parameter in generator.parameters)
    for parameter in generator.parameters:
        if parameter.default is not None:
            without = f"; {format_value(parameter.default)} unless stated"
        else:
            without = f"; without it: {parameter.otherwise}" if parameter.otherwise else "; needed"
        lines.append(f"{parameter.name.ljust(width)}  {parameter.summary}")
        lines.append(f"{' ' * width}  {parameter.allowed}{without}")
    facts = {
        "example": generator.example,
        "range": generator.range,
        "tags": ", ".join(generator.tags),
        "source": generator.source,
    }
    lines += ["", *(f"{name:<10} {fact}" for name, fact in facts.items() if fact)]
    return "\n".join(lines)


def _json_value(value: "Number | str | None") -> int | float | str | None:
    return json_number(value) if isinstance(value, int | float | Fraction) else value
