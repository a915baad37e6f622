"""How kernels are told: as JSON, as a matrix with facts, as rows of a table."""

import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from convfilter.cli.messages import printable, tell
from convfilter.number import Number, format_number

if TYPE_CHECKING:
    from convfilter.kernel import Kernel


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
    parts = heading_lines(kernel), matrix_lines(kernel), fact_lines(kernel)
    return "\n\n".join("\n".join(lines) for lines in parts)


def heading_lines(kernel: "Kernel") -> list[str]:
    """Say what a kernel is called, and what it does."""
    heading = " — ".join(part for part in (kernel.label, kernel.title) if part)
    return [printable(text) for text in (heading, kernel.description) if text]


def matrix_lines(kernel: "Kernel") -> list[str]:
    """Write the weights of a kernel in columns."""
    cells = [[format_number(weight) for weight in row] for row in kernel.exact_weights]
    width = max(len(cell) for row in cells for cell in row)
    return ["  ".join(cell.rjust(width) for cell in row) for row in cells]


def fact_lines(kernel: "Kernel") -> list[str]:
    """Say what else there is to know of a kernel, a line each."""
    facts = {
        "sum": format_number(kernel.sum),
        "divisor": format_number(kernel.divisor),
        "offset": format_number(kernel.offset) if kernel.offset else "",
        "origin": "row {}, column {}".format(*kernel.origin),
        "operation": kernel.operation,
        "border": str(kernel.border or ""),
        "range": kernel.range or "",
        "tags": ", ".join(kernel.tags),
        "source": kernel.source,
        "file": str(kernel.file or ""),
    }
    return [f"{name:<10} {printable(fact)}" for name, fact in facts.items() if fact]


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
