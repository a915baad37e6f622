"""What shells offer when a name is completed; costs neither NumPy nor YAML.

Commands import this whether or not something is completed, so the rest is imported when it is.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from convfilter.registry.search_path import KernelFile


def complete_kernel(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - as Click calls it
    incomplete: str,
) -> "list[CompletionItem]":
    """Offer the names of all kernels, or files where the beginning of a path stands."""
    from click.shell_completion import CompletionItem

    from convfilter.registry.search_path import find_kernels

    stated = ctx.params.get("kernel_path") or ()
    # Running the command will tell of a folder that is missing; completing passes over it.
    known = find_kernels(folder for folder in stated if os.path.isdir(folder))
    offered = [*_beginning_with(incomplete, known), *_generators(incomplete)]
    return offered or [CompletionItem(incomplete, type="file")]


def complete_file(
    ctx: click.Context,  # noqa: ARG001 - as Click calls it
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """Leave it to the shell to offer files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_folder(
    ctx: click.Context,  # noqa: ARG001 - as Click calls it
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """Leave it to the shell to offer folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def complete_from(names: Iterable[str]) -> "Callable[..., list[CompletionItem]]":
    """Return what offers some names, behind a comma too."""

    def complete(
        ctx: click.Context,  # noqa: ARG001 - as Click calls it
        param: click.Parameter,  # noqa: ARG001
        incomplete: str,
    ) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(last)]

    return complete


def complete_own_kernel(
    ctx: click.Context,  # noqa: ARG001 - as Click calls it
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """Offer the names of the kernels in the user's folder."""
    from convfilter.registry.search_path import Folder, kernel_files, user_folder

    return _beginning_with(incomplete, kernel_files(Folder(user_folder(), "user")))


def _generators(incomplete: str) -> "list[CompletionItem]":
    """Offer generators up to their colon, and behind it the parameters not stated yet."""
    from click.shell_completion import CompletionItem

    from convfilter.registry.generators.table import GENERATORS

    name, colon, stated = incomplete.partition(":")
    if not colon:
        return [
            CompletionItem(f"{generator.name}:", help=generator.signature)
            for generator in GENERATORS.values()
            if generator.name.startswith(incomplete)
        ]
    before, comma, last = stated.rpartition(",")
    there = {part.partition("=")[0] for part in before.split(",")}
    return [
        CompletionItem(f"{name}:{before}{comma}{parameter.name}=", help=parameter.summary)
        for parameter in (GENERATORS[name].parameters if name in GENERATORS else ())
        if parameter.name.startswith(last) and parameter.name not in there
    ]


def _beginning_with(incomplete: str, known: "Mapping[str, KernelFile]") -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(name, help=file.origin)
        for name, file in sorted(known.items())
        if name.startswith(incomplete)
    ]
