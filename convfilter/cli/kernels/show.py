"""``convfilter kernels show``."""

import json

import click

from convfilter.cli.completing import complete_kernel
from convfilter.cli.kernels.options import JSON_OPTION, KERNEL_PATH_OPTION
from convfilter.cli.kernels.telling import describe_kernel, kernel_to_json, note_of_operation
from convfilter.cli.messages import say, tell
from convfilter.cli.options import debug_option


@click.command("show")
@click.argument("kernel_text", metavar="KERNEL", shell_complete=complete_kernel)
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def show_command(*, kernel_text: str, kernel_path: tuple[str, ...], as_json: bool) -> None:
    """Show a kernel: its matrix, its sum, its steps, and the file that it came from.

    \b
    convfilter kernels show sobel-x
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.catalogue import get_kernel

    kernel = get_kernel(kernel_text, kernel_path)
    if as_json:
        click.echo(json.dumps(kernel_to_json(kernel, with_weights=True), indent=2))
        return
    tell(describe_kernel(kernel))
    say("note", note_of_operation(kernel))
