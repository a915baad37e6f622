"""``convfilter kernels``: what kernels there are, what is in them, where they are looked up."""

import click

from convfilter.cli.lazy import LazyGroup

COMMANDS = {
    "list": "convfilter.cli.kernels.listing",
    "show": "convfilter.cli.kernels.show",
    "import": "convfilter.cli.kernels.importing",
    "export": "convfilter.cli.kernels.export",
    "path": "convfilter.cli.kernels.path",
}
"""The commands of the group, and the module of each."""


@click.group("kernels", cls=LazyGroup, modules=COMMANDS)
def kernels_command() -> None:
    """List and show the kernels that can be named, and exchange them with other tools.

    \b
    convfilter kernels list
    convfilter kernels show sobel-x
    convfilter kernels export sobel-x --format imagemagick
    """  # noqa: D301 - Click asks for \b
