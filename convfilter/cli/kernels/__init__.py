"""``convfilter kernels``: what kernels there are, what is in them, and the user's own."""

import click

from convfilter.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "list": Entry(
        "convfilter.cli.kernels.listing",
        "lists the kernels that can be named",
    ),
    "show": Entry(
        "convfilter.cli.kernels.show", "shows a kernel: its matrix, its sum, the file it came from"
    ),
    "check": Entry(
        "convfilter.cli.kernels.check",
        "finds everything that is wrong in kernel files and folders of them",
    ),
    "add": Entry(
        "convfilter.cli.kernels.add",
        "copies a kernel file into your own folder, so that it can be named",
    ),
    "remove": Entry(
        "convfilter.cli.kernels.remove",
        "removes a kernel from your own folder",
    ),
    "import": Entry(
        "convfilter.cli.kernels.importing", "reads kernels of another tool as kernel files"
    ),
    "export": Entry(
        "convfilter.cli.kernels.export",
        "writes a kernel for another tool",
    ),
    "path": Entry(
        "convfilter.cli.kernels.path", "prints the folders that kernels are looked up in"
    ),
}
"""The commands of the group."""


@click.group("kernels", cls=LazyGroup, entries=COMMANDS)
def kernels_command() -> None:
    """List, show and check kernels, keep your own, and exchange them with other tools.

    \b
    convfilter kernels list
    convfilter kernels show sobel-x
    convfilter kernels export sobel-x --format imagemagick
    """
