"""``convfilter kernels export``."""

import sys

import click

from convfilter.cli.completing import complete_file, complete_kernel
from convfilter.cli.kernels.writing import write_files
from convfilter.cli.messages import say
from convfilter.cli.options import KERNEL_PATH_OPTION, debug_option
from convfilter.errors import UsageError
from convfilter.registry.interchange.table import INTERCHANGE, WRITABLE, Written, summaries


@click.command("export", no_args_is_help=True)
@click.argument("kernel_text", metavar="KERNEL", shell_complete=complete_kernel)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(WRITABLE),
    help=f"{summaries(WRITABLE)}.  [default: by the suffix of -o]",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=complete_file,
    help="Write here instead of standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@KERNEL_PATH_OPTION
@debug_option
def export_command(
    *,
    kernel_text: str,
    format_name: str | None,
    output: str | None,
    force: bool,
    kernel_path: tuple[str, ...],
) -> None:
    """Write a kernel for another tool.

    \b
    convfilter kernels export sharpen --format imagemagick
    convfilter kernels export gaussian5 -o gaussian5.mat

    The command that runs it there, and what the format cannot say, are told on
    standard error.
    """
    from convfilter.registry.catalogue import get_kernel
    from convfilter.registry.interchange.exporting import format_of_file, write_kernel

    to_file = output if output != "-" else None
    if format_name is None:
        if to_file is None:
            raise UsageError("no format given", None, "give --format, or a file with -o")
        format_name = format_of_file(to_file)
    kernel = get_kernel(kernel_text, kernel_path)
    written = write_kernel(kernel, format_name, to_file)
    if to_file:
        write_files({to_file: written.data}, force)
    else:
        print_written(written, format_name)
    say_what_to_know(written)


def print_written(written: Written, format_name: str) -> None:
    """Print a kernel to standard output.

    Raises
    ------
    UsageError
        If it is binary, and standard output is a terminal.
    """
    if not INTERCHANGE[format_name].is_text and sys.stdout.isatty():
        raise UsageError(
            "standard output is a terminal",
            f"{format_name} would garble it",
            "name a file with -o, or redirect with >",
        )
    click.echo(written.data, nl=False)


def say_what_to_know(written: Written) -> None:
    """Say on standard error what the format cannot, and which command runs it."""
    for note in written.notes:
        say("note", note)
    say("run", written.command)
