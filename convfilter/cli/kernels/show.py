"""``convfilter kernels show``."""

import json

import click

from convfilter.cli.completing import complete_file, complete_kernel
from convfilter.cli.kernels.forms import FORMS, check_form, put_form
from convfilter.cli.kernels.generators import describe_generator, generator_to_json
from convfilter.cli.kernels.telling import describe_kernel, kernel_to_json, note_of_operation
from convfilter.cli.messages import say, tell
from convfilter.cli.options import JSON_OPTION, KERNEL_PATH_OPTION, debug_option


@click.command("show")
@click.argument("kernel_text", metavar="KERNEL", shell_complete=complete_kernel)
@KERNEL_PATH_OPTION
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    help="; ".join(f"{name}: {form.summary}" for name, form in FORMS.items()),
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=complete_file,
    help="Write what --format says into a file.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@JSON_OPTION
@debug_option
def show_command(
    *,
    kernel_text: str,
    kernel_path: tuple[str, ...],
    form: str | None,
    output: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show a kernel: its matrix, its sum, its steps, and the file that it came from.

    A generator without parameters is explained.

    \b
    convfilter kernels show sobel-x
    convfilter kernels show gaussian
    convfilter kernels show gaussian:sigma=2.5
    convfilter kernels show sobel-x --format png -o sobel-x.png
    """
    from convfilter.registry.catalogue import bare_generator, get_kernel

    check_form(form, output, as_json)
    # Only a kernel has a form; generators that need parameters say so when they are to make one.
    generator = None if form else bare_generator(kernel_text, kernel_path)
    if generator:
        if as_json:
            click.echo(json.dumps(generator_to_json(generator), indent=2))
        else:
            tell(describe_generator(generator))
        return
    kernel = get_kernel(kernel_text, kernel_path)
    if as_json:
        click.echo(json.dumps(kernel_to_json(kernel, with_weights=True), indent=2))
        return
    if form:
        put_form(kernel, form, output, force)
    else:
        tell(describe_kernel(kernel))
    say("note", note_of_operation(kernel))
