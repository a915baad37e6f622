"""``convfilter kernels show``."""

import json

import click

from convfilter.cli.kernels.options import JSON_OPTION, KERNEL_PATH_OPTION
from convfilter.cli.kernels.telling import (
    describe_generator,
    describe_kernel,
    generator_to_json,
    json_number,
    kernel_to_json,
)
from convfilter.cli.messages import say, tell
from convfilter.cli.options import debug_option


@click.command("show")
@click.argument("kernel_text", metavar="KERNEL")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def show_command(*, kernel_text: str, kernel_path: tuple[str, ...], as_json: bool) -> None:
    """Show a kernel: its matrix, its sum, and the file that it came from.

    A generator without parameters is explained.

    \b
    convfilter kernels show sobel-x
    convfilter kernels show gaussian
    convfilter kernels show gaussian:sigma=2.5
    """  # noqa: D301 - Click asks for \b
    from convfilter.registry.catalogue import bare_generator, get_kernel

    if generator := bare_generator(kernel_text, kernel_path):
        if as_json:
            click.echo(json.dumps(generator_to_json(generator), indent=2))
        else:
            tell(describe_generator(generator))
        return
    kernel = get_kernel(kernel_text, kernel_path)
    if as_json:
        weights = {"weights": [[json_number(w) for w in row] for row in kernel.weights.tolist()]}
        click.echo(json.dumps(kernel_to_json(kernel) | weights, indent=2))
        return
    tell(describe_kernel(kernel))
    if not kernel.is_symmetric:
        laid = "as it is written" if kernel.operation == "correlate" else "turned by 180 degrees"
        say("note", f"not symmetric: it is laid on the picture {laid} ({kernel.operation})")
