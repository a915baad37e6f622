"""``convfilter kernels path``."""

import json

import click

from convfilter.cli.kernels.telling import print_columns
from convfilter.cli.options import JSON_OPTION, KERNEL_PATH_OPTION, debug_option


@click.command("path")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def path_command(*, kernel_path: tuple[str, ...], as_json: bool) -> None:
    """Print the folders that kernels are looked up in, the first one first.

    \b
    convfilter kernels path
    """
    from convfilter.registry.search_path import search_folders

    folders = list(search_folders(kernel_path))
    if as_json:
        told = [
            {"folder": str(f.path), "origin": f.origin, "exists": f.path.is_dir()} for f in folders
        ]
        click.echo(json.dumps(told, indent=2))
        return
    state = {True: "", False: "not there yet"}
    rows = [(str(f.path), f.origin, state[f.path.is_dir()]) for f in folders]
    print_columns(("folder", "from", ""), rows)
