"""How kernels are told: as JSON, as a matrix with facts, as rows of a table."""

import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from convfilter.cli.messages import printable, tell
from convfilter.number import Number, format_number
from convfilter.registry.generators.parameter import format_value

if TYPE_CHECKING:
    from convfilter.kernel import Kernel
    from convfilter.registry.generators.generator import Generator

MOST_SHOWN = 15
"""Rows and columns up to which a matrix is shown whole."""

SHOWN_OUTSIDE, SHOWN_INSIDE = 3, 5
"""Of a larger one: so many at either end, and so many in the middle."""


def kernel_to_json(kernel: "Kernel") -> dict[str, Any]:
    """Return what ``--json`` tells of a kernel, without its weights."""
    return {
        "name": kernel.name,
        "kind": "kernel",
        "title": kernel.title,
        "rows": kernel.rows,
        "columns": kernel.columns,
        "sum": json_number(kernel.sum),
        "divisor": json_number(kernel.divisor),
        "offset": json_number(kernel.offset),
        "origin": list(kernel.origin),
        "operation": kernel.operation,
        "border": str(kernel.border) if kernel.border else None,
        "range": kernel.range,
        "symmetric": kernel.is_symmetric,
        "tags": list(kernel.tags),
        "source": kernel.source,
        "description": kernel.description,
        "file": str(kernel.file) if kernel.file else None,
    }


def describe_kernel(kernel: "Kernel") -> str:
    """Return a kernel as people read it: the matrix first."""
    factors = kernel.factors
    products = len(factors.products) if factors else 0
    facts = {
        "sum": format_number(kernel.sum),
        "divisor": format_number(kernel.divisor),
        "offset": format_number(kernel.offset) if kernel.offset else "",
        "origin": "row {}, column {}".format(*kernel.origin),
        "operation": kernel.operation,
        "border": str(kernel.border or ""),
        "range": kernel.range or "",
        "factors": f"{products} outer product{'s' * (products > 1)}" if products else "",
        "tags": ", ".join(kernel.tags),
        "source": kernel.source,
        "file": str(kernel.file or ""),
    }
    heading = " — ".join(part for part in (kernel.label, kernel.title) if part)
    told = [f"{name:<10} {printable(fact)}" for name, fact in facts.items() if fact]
    matrix = _shown_matrix(kernel)
    parts = [printable(heading), printable(kernel.description), "", *matrix, "", *told]
    return "\n".join(part for n, part in enumerate(parts) if part or n > 1)


def _shown_matrix(kernel: "Kernel") -> list[str]:
    """Return the lines of a matrix, without some rows and columns where it is large."""
    rows, columns = _shown_places(kernel.rows), _shown_places(kernel.columns)
    is_exact = kernel.numerators is not None
    weights = kernel.exact_weights

    def cell(row: int | None, column: int | None) -> str:
        if row is None or column is None:
            return "…"
        weight = weights[row][column]
        return format_number(weight) if is_exact else f"{weight:.4g}"

    cells = [[cell(row, column) for column in columns] for row in rows]
    width = max(len(text) for row in cells for text in row)
    lines = ["  ".join(text.rjust(width) for text in row) for row in cells]
    notes = []
    if None in rows or None in columns:
        notes.append(f"{kernel.columns} × {kernel.rows} cells, not all are shown")
    if not is_exact:
        notes.append("rounded to 4 digits")
    return [*lines, *([f"({'; '.join(notes)}; --json has everything)"] if notes else [])]


def _shown_places(count: int) -> list[int | None]:
    """Return which rows or columns are shown; None stands for those left out in between."""
    if count <= MOST_SHOWN:
        return list(range(count))
    first = (count - SHOWN_INSIDE) // 2
    middle = range(first, first + SHOWN_INSIDE)
    return [
        *range(SHOWN_OUTSIDE), None, *middle, None, *range(count - SHOWN_OUTSIDE, count)
    ]  # fmt: skip


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


def json_number(value: Number) -> int | float:
    """Return a number as JSON holds it: fractions become floats."""
    return float(value) if isinstance(value, Fraction) else value


def print_columns(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table: drawn on a terminal, else plain columns for other programs."""
    if sys.stdout is None or not sys.stdout.isatty():
        widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            tell("  ".join(cells).rstrip())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*heading, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(printable, row))
    Console().print(table, highlight=False, markup=False)
