"""``convfilter kernels show``."""

import json

import click

from convfilter.cli.kernels.export import print_written, say_what_to_know
from convfilter.cli.kernels.options import JSON_OPTION, KERNEL_PATH_OPTION
from convfilter.cli.kernels.telling import describe_kernel, json_number, kernel_to_json
from convfilter.cli.messages import say, tell
from convfilter.cli.options import debug_option
from convfilter.errors import UsageError
from convfilter.registry.interchange.table import WRITABLE


@click.command("show")
@click.argument("kernel_text", metavar="KERNEL")
@KERNEL_PATH_OPTION
@JSON_OPTION
@click.option(
    "--format",
    "format_name",
    type=click.Choice(WRITABLE),
    help="Print it for another tool instead; see convfilter kernels export.",
)
@debug_option
def show_command(
    *, kernel_text: str, kernel_path: tuple[str, ...], as_json: bool, format_name: str | None
) -> None:
    """Show a kernel: its matrix, its sum, and the file that it came from.

    \b
    convfilter kernels show sobel-x
    convfilter kernels show sobel-x --format yaml
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.catalogue import get_kernel
    from convfilter.registry.interchange.exporting import write_kernel

    if as_json and format_name:
        raise UsageError("--json and --format exclude each other", None, "give one of them")
    kernel = get_kernel(kernel_text, kernel_path)
    if format_name:
        written = write_kernel(kernel, format_name)
        print_written(written, format_name)
        say_what_to_know(written)
        return
    if as_json:
        weights = {"weights": [[json_number(w) for w in row] for row in kernel.weights.tolist()]}
        click.echo(json.dumps(kernel_to_json(kernel) | weights, indent=2))
        return
    tell(describe_kernel(kernel))
    if not kernel.is_symmetric:
        laid = "as it is written" if kernel.operation == "correlate" else "turned by 180 degrees"
        say("note", f"not symmetric: it is laid on the picture {laid} ({kernel.operation})")
