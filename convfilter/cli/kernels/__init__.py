"""``convfilter kernels``: what kernels there are, what is in them, and the user's own."""

import click

from convfilter.cli.lazy import LazyGroup

COMMANDS = {
    "list": "convfilter.cli.kernels.listing",
    "show": "convfilter.cli.kernels.show",
    "check": "convfilter.cli.kernels.check",
    "add": "convfilter.cli.kernels.add",
    "remove": "convfilter.cli.kernels.remove",
    "path": "convfilter.cli.kernels.path",
}
"""The commands of the group, and the module of each."""


@click.group("kernels", cls=LazyGroup, modules=COMMANDS)
def kernels_command() -> None:
    """List, show and check kernels, and keep your own.

    \b
    convfilter kernels list
    convfilter kernels show sobel-x
    """  # noqa: D301 - Click asks for \b
