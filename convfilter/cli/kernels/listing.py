"""``convfilter kernels list``."""

import json
import sys

import click

from convfilter.cli.kernels.generators import generator_to_json
from convfilter.cli.kernels.telling import kernel_to_json, print_columns, size_of
from convfilter.cli.messages import say_error
from convfilter.cli.options import JSON_OPTION, KERNEL_PATH_OPTION, debug_option
from convfilter.errors import KernelError


@click.command("list")
@click.option("--tag", "tags", multiple=True, help="Only kernels with this tag.")
@click.option("--generators", is_flag=True, help="List what makes kernels from parameters instead.")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def list_command(
    *, tags: tuple[str, ...], generators: bool, kernel_path: tuple[str, ...], as_json: bool
) -> None:
    """List the kernels that --kernel takes by name.

    \b
    convfilter kernels list --tag edges
    convfilter kernels list --generators
    """
    if generators:
        _list_generators(set(tags), as_json)
        return
    from convfilter.registry.catalogue import read_kernel
    from convfilter.registry.search_path import find_kernels
    from convfilter.registry.tags import find_tagged

    kernels = []
    broken = False
    for file in find_kernels(kernel_path).values():
        try:
            kernel = read_kernel(file, kernel_path)
        except KernelError as error:
            say_error(error)
            broken = True
            continue
        if set(tags) <= set(kernel.tags):
            kernels.append(kernel)
    if tags and not kernels:
        find_tagged(tags, kernel_path)  # says which tags there are
    if as_json:
        click.echo(json.dumps([kernel_to_json(kernel) for kernel in kernels], indent=2))
        sys.exit(broken)
    rows = [(k.name, size_of(k), ", ".join(k.tags), k.title) for k in kernels]
    print_columns(("name", "size", "tags", "title"), rows)
    sys.exit(broken)


def _list_generators(tags: set[str], as_json: bool) -> None:
    from convfilter.registry.generators.table import GENERATORS

    found = [generator for generator in GENERATORS.values() if tags <= set(generator.tags)]
    if as_json:
        click.echo(json.dumps([generator_to_json(generator) for generator in found], indent=2))
        return
    print_columns(
        ("generator", "parameters (defaults, units)", "title"),
        [(generator.name, generator.signature, generator.title) for generator in found],
    )
