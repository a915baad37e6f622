"""``convfilter kernels``: what kernels there are, what is in them, where they are looked up."""

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from convfilter.cli.messages import printable, say, say_error, tell
from convfilter.cli.options import debug_option
from convfilter.errors import KernelError
from convfilter.number import Number, format_number

if TYPE_CHECKING:
    from convfilter.kernel import Kernel

KERNEL_PATH_OPTION = click.option(
    "--kernel-path", multiple=True, metavar="FOLDER", help="Look here first."
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("kernels")
def kernels_command() -> None:
    """List and show the kernels that can be named.

    \b
    convfilter kernels list
    convfilter kernels show sobel-x
    """  # noqa: D301 - Click asks for \b


@kernels_command.command("list")
@click.option("--tag", "tags", multiple=True, help="Only kernels with this tag.")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def list_command(*, tags: tuple[str, ...], kernel_path: tuple[str, ...], as_json: bool) -> None:
    """List the kernels that --kernel takes by name.

    \b
    convfilter kernels list --tag edges
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.catalogue import read_kernel
    from convfilter.registry.search_path import find_kernels

    kernels = []
    broken = False
    for file in find_kernels(kernel_path).values():
        try:
            kernel = read_kernel(file.path)
        except KernelError as error:
            say_error(error)
            broken = True
            continue
        if set(tags) <= set(kernel.tags):
            kernels.append(kernel)
    if as_json:
        click.echo(json.dumps([kernel_to_json(kernel) for kernel in kernels], indent=2))
        sys.exit(broken)
    rows = [(k.name, f"{k.rows}×{k.columns}", ", ".join(k.tags), k.title) for k in kernels]
    _print_columns(("name", "size", "tags", "title"), rows)
    sys.exit(broken)


@kernels_command.command("show")
@click.argument("kernel_text", metavar="KERNEL")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def show_command(*, kernel_text: str, kernel_path: tuple[str, ...], as_json: bool) -> None:
    """Show a kernel: its matrix, its sum, and the file that it came from.

    \b
    convfilter kernels show sobel-x
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.catalogue import get_kernel

    kernel = get_kernel(kernel_text, kernel_path)
    if as_json:
        weights = {"weights": [[_json_number(w) for w in row] for row in kernel.weights.tolist()]}
        click.echo(json.dumps(kernel_to_json(kernel) | weights, indent=2))
        return
    tell(describe_kernel(kernel))
    if not kernel.is_symmetric:
        laid = "as it is written" if kernel.operation == "correlate" else "turned by 180 degrees"
        say("note", f"not symmetric: it is laid on the picture {laid} ({kernel.operation})")


@kernels_command.command("path")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def path_command(*, kernel_path: tuple[str, ...], as_json: bool) -> None:
    """Print the folders that kernels are looked up in, the first one first.

    \b
    convfilter kernels path
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.search_path import search_folders

    folders = list(search_folders(kernel_path))
    if as_json:
        told = [
            {"folder": str(f.path), "origin": f.origin, "exists": f.path.is_dir()} for f in folders
        ]
        click.echo(json.dumps(told, indent=2))
        return
    state = {True: "", False: "not there yet"}
    rows = [(str(f.path), f.origin, state[f.path.is_dir()]) for f in folders]
    _print_columns(("folder", "from", ""), rows)


def kernel_to_json(kernel: "Kernel") -> dict[str, Any]:
    """Return what ``--json`` tells of a kernel, without its weights."""
    return {
        "name": kernel.name,
        "kind": "kernel",
        "title": kernel.title,
        "rows": kernel.rows,
        "columns": kernel.columns,
        "sum": _json_number(kernel.sum),
        "divisor": _json_number(kernel.divisor),
        "offset": _json_number(kernel.offset),
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
    cells = [[format_number(weight) for weight in row] for row in kernel.exact_weights]
    width = max(len(cell) for row in cells for cell in row)
    matrix = ["  ".join(cell.rjust(width) for cell in row) for row in cells]
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
    heading = " — ".join(part for part in (kernel.label, kernel.title) if part)
    told = [f"{name:<10} {printable(fact)}" for name, fact in facts.items() if fact]
    parts = [printable(heading), printable(kernel.description), "", *matrix, "", *told]
    return "\n".join(part for n, part in enumerate(parts) if part or n > 1)


def _json_number(value: Number) -> int | float:
    return float(value) if isinstance(value, Fraction) else value


def _print_columns(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
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
