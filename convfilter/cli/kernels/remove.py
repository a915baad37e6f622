"""``convfilter kernels remove``."""

import json

import click

from convfilter.cli.completing import complete_own_kernel
from convfilter.cli.messages import say, tell
from convfilter.cli.options import JSON_OPTION, debug_option


@click.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_own_kernel)
@JSON_OPTION
@debug_option
def remove_command(*, name: str, as_json: bool) -> None:
    """Remove the kernel NAME from your own folder.

    \b
    convfilter kernels remove mine
    """
    from convfilter.registry.own import remove_kernel
    from convfilter.registry.search_path import namesakes

    removed = remove_kernel(name)
    left = namesakes(name)
    if as_json:
        told = {
            "name": name,
            "files": [str(path) for path in removed],
            "now": str(left[0].path) if left else None,
        }
        click.echo(json.dumps(told, indent=2))
    else:
        tell(f"removed {name}: {', '.join(map(str, removed))}")
    if left:
        say("note", f"{name} is now {left[0].path} ({left[0].origin})")
