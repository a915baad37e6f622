"""How kernels are told: as JSON, as a matrix with facts, as rows of a table."""

import dataclasses
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from convfilter.cli.messages import printable, tell
from convfilter.number import Number, counted, format_number

if TYPE_CHECKING:
    from convfilter.composite import Composite
    from convfilter.kernel import Kernel
    from convfilter.mixing import MixingKernel
    from convfilter.options import FilterOptions
    from convfilter.recipe import Filter, Recipe


MOST_SHOWN = 15
"""Rows and columns up to which a matrix is shown whole."""

SHOWN_OUTSIDE, SHOWN_INSIDE = 3, 5
"""Rows and columns of a larger matrix shown at either end, and in the middle."""

MOST_MATRICES_SHOWN = 16
"""The matrices of a kernel that mixes channels are left out if there are more."""


def size_of(given: "Filter") -> str:
    """Say in a few characters how large a kernel is, or of how many parts."""
    from convfilter.composite import Composite
    from convfilter.mixing import MixingKernel
    from convfilter.recipe import Recipe

    if isinstance(given, Recipe):
        return counted(len(given.steps), "step")
    if isinstance(given, Composite):
        return f"{given.combine} of {len(given.kernels)}"
    if isinstance(given, MixingKernel):
        return f"{given.first.rows}×{given.first.columns}×{given.inputs}×{given.outputs}"
    return f"{given.rows}×{given.columns}"


def kernel_to_json(given: "Filter", with_weights: bool = False) -> dict[str, Any]:
    """Return what ``--json`` tells of a kernel, composite or recipe."""
    from convfilter.composite import Composite
    from convfilter.mixing import MixingKernel
    from convfilter.recipe import Recipe

    if isinstance(given, Recipe):
        facts = _recipe_facts(given, with_weights)
    elif isinstance(given, Composite):
        facts = _composite_facts(given, with_weights)
    elif isinstance(given, MixingKernel):
        facts = _mixing_facts(given)
    else:
        facts = _kernel_facts(given)
    if with_weights and hasattr(given, "weights"):
        facts["weights"] = given.weights.tolist()
    return {
        "name": given.name,
        "title": given.title,
        # Fields that only a kernel has are null for the others.
        **dict.fromkeys(("kind", "rows", "columns", "sum", "divisor")),
        **facts,
        "tags": list(given.tags),
        "source": given.source,
        "description": given.description,
        "file": str(given.file) if given.file else None,
    }


def _kernel_facts(kernel: "Kernel") -> dict[str, Any]:
    return {
        "kind": "kernel",
        "rows": kernel.rows,
        "columns": kernel.columns,
        "sum": json_number(kernel.sum),
        **_laid_facts(kernel),
        "symmetric": kernel.is_symmetric,
    }


def _laid_facts(kernel: "Kernel") -> dict[str, Any]:
    return {
        "divisor": json_number(kernel.divisor),
        "offset": json_number(kernel.offset),
        "origin": list(kernel.origin),
        "operation": kernel.operation,
        "border": str(kernel.border) if kernel.border else None,
        "range": kernel.range,
    }


def _mixing_facts(kernel: "MixingKernel") -> dict[str, Any]:
    return {
        "kind": "mixing",
        "rows": kernel.first.rows,
        "columns": kernel.first.columns,
        "inputs": kernel.inputs,
        "outputs": kernel.outputs,
        "sums": [json_number(total) for total in kernel.sums],
        **_laid_facts(kernel.first),
    }


def _composite_facts(composite: "Composite", with_weights: bool) -> dict[str, Any]:
    return {
        "kind": "composite",
        "combine": composite.combine,
        "kernels": [
            kernel_to_json(kernel, with_weights) if with_weights else kernel.label
            for kernel in composite.kernels
        ],
        "divisor": json_number(composite.divisor),
        "offset": json_number(composite.offset),
        "range": composite.range,
    }


def _recipe_facts(recipe: "Recipe", with_weights: bool) -> dict[str, Any]:
    return {
        "kind": "recipe",
        "steps": [
            {
                "kernel": kernel_to_json(step.kernel, with_weights)
                if with_weights
                else step.kernel.label,
                "options": {name: _told(value) for name, value in stated(step.options).items()},
            }
            for step in recipe.steps
        ],
    }


def stated(options: "FilterOptions") -> dict[str, Any]:
    """Return the options that are not at their defaults."""
    return {
        field.name: getattr(options, field.name)
        for field in dataclasses.fields(options)
        if getattr(options, field.name) != field.default
    }


def _told(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | float | str) else str(value)


def describe_kernel(given: "Filter") -> str:
    """Return a kernel, composite or recipe as people read it: the matrix or the steps first."""
    parts = heading_lines(given), body_lines(given), fact_lines(given)
    return "\n\n".join("\n".join(lines) for lines in parts)


def heading_lines(given: "Filter") -> list[str]:
    """Say what a kernel is called, and what it does."""
    heading = " — ".join(part for part in (given.label, given.title) if part)
    return [printable(text) for text in (heading, given.description) if text]


def body_lines(given: "Filter") -> list[str]:
    """Write what a kernel is made of: its matrix, its parts, or its steps."""
    from convfilter.composite import Composite
    from convfilter.mixing import MixingKernel
    from convfilter.recipe import Recipe

    if isinstance(given, Recipe):
        return step_lines(given)
    if isinstance(given, Composite):
        return _members(given)
    if isinstance(given, MixingKernel):
        return _mixed(given)
    return matrix_lines(given)


def fact_lines(given: "Filter") -> list[str]:
    """Say what else there is to know of a kernel, a line each."""
    told = facts_of(given) | {
        "tags": ", ".join(given.tags),
        "source": given.source,
        "file": str(given.file or ""),
    }
    return [f"{name:<10} {printable(fact)}" for name, fact in told.items() if fact]


def facts_of(given: "Filter") -> dict[str, str]:
    """Return what decides a result beside the weights; empty where nothing is stated."""
    from convfilter.kernel import Kernel
    from convfilter.mixing import MixingKernel
    from convfilter.recipe import Recipe

    if isinstance(given, Recipe):
        return {}
    facts = {"sum": format_number(given.sum)} if isinstance(given, Kernel) else {}
    facts |= {
        "divisor": format_number(given.divisor),
        "offset": format_number(given.offset) if given.offset else "",
    }
    laid = given.first if isinstance(given, MixingKernel) else given
    if isinstance(laid, Kernel):
        facts |= {
            "origin": "row {}, column {}".format(*laid.origin),
            "operation": laid.operation,
            "border": str(laid.border or ""),
            "factors": _told_factors(laid),
        }
    return facts | {"range": given.range or ""}


def _told_factors(kernel: "Kernel") -> str:
    products = len(kernel.factors.products) if kernel.factors else 0
    return f"{products} outer product{'s' * (products > 1)}" if products else ""


def matrix_lines(kernel: "Kernel") -> list[str]:
    """Write the weights of a kernel in columns, without some of them where it is large."""
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


def _members(composite: "Composite") -> list[str]:
    from convfilter.named import COMBINATIONS

    lines = [f"{composite.combine}: {COMBINATIONS[composite.combine]}, of"]
    for kernel in composite.kernels:
        lines += ["", f"{kernel.label}{_part_facts(kernel)}", *_indented(matrix_lines(kernel))]
    return lines


def _mixed(kernel: "MixingKernel") -> list[str]:
    lines = [f"mixes {kernel.inputs} channels into {kernel.outputs}"]
    if kernel.inputs * kernel.outputs > MOST_MATRICES_SHOWN:
        return lines
    for taken, matrices in enumerate(kernel.matrices):
        for given, matrix in enumerate(matrices):
            heading = f"from channel {taken} to channel {given}"
            lines += ["", heading, *_indented(matrix_lines(matrix))]
    return lines


def step_lines(recipe: "Recipe") -> list[str]:
    """Return a line for each step of a recipe."""
    lines = []
    for number, step in enumerate(recipe.steps, start=1):
        said = "".join(f", {name} {_told(value)}" for name, value in stated(step.options).items())
        title = f" ({step.kernel.title})" if step.kernel.title else ""
        lines.append(f"{number}. {printable(step.kernel.label + title + said)}")
    return lines


def _part_facts(kernel: "Kernel") -> str:
    divisor = f", divisor {format_number(kernel.divisor)}" if kernel.divisor != 1 else ""
    offset = f", offset {format_number(kernel.offset)}" if kernel.offset else ""
    turned = ", convolve" if kernel.operation == "convolve" else ""
    return divisor + offset + turned


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def note_of_operation(given: "Filter") -> str | None:
    """Say how an asymmetric kernel is laid, which libraries disagree about."""
    from convfilter.kernel import Kernel

    if not isinstance(given, Kernel) or given.is_symmetric:
        return None
    laid = "as it is written" if given.operation == "correlate" else "turned by 180 degrees"
    return f"not symmetric: it is laid on the picture {laid} ({given.operation})"


def json_number(value: Number) -> int | float:
    """Return a number as JSON holds it: fractions become floats."""
    return float(value) if isinstance(value, Fraction) else value


def print_columns(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table: drawn on a terminal, else plain columns for other programs."""
    if not sys.stdout.isatty():
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
