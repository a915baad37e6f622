"""``convfilter kernels``: what kernels there are, what is in them, and the user's own."""

import click

from convfilter.cli.lazy import LazyGroup

COMMANDS = {
    "list": "convfilter.cli.kernels.listing",
    "show": "convfilter.cli.kernels.show",
    "check": "convfilter.cli.kernels.check",
    "add": "convfilter.cli.kernels.add",
    "remove": "convfilter.cli.kernels.remove",
    "import": "convfilter.cli.kernels.importing",
    "export": "convfilter.cli.kernels.export",
    "path": "convfilter.cli.kernels.path",
}
"""The commands of the group, and the module of each."""


@click.group("kernels", cls=LazyGroup, modules=COMMANDS)
def kernels_command() -> None:
    """List, show and check kernels, keep your own, and exchange them with other tools.

    \b
    convfilter kernels list
    convfilter kernels show sobel-x
    convfilter kernels export sobel-x --format imagemagick
    """  # noqa: D301 - Click asks for \b
