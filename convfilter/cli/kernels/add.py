"""``convfilter kernels add``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from convfilter.cli.messages import say, tell
from convfilter.cli.options import JSON_OPTION, KERNEL_PATH_OPTION, debug_option

if TYPE_CHECKING:
    from convfilter.registry.search_path import KernelFile


@click.command("add")
@click.argument("file", metavar="FILE", type=click.Path())
@click.option("--name", metavar="NAME", help="What to call it.  [default: the file's stem]")
@click.option("--force", is_flag=True, help="Replace a kernel of your own with that name.")
@KERNEL_PATH_OPTION
@JSON_OPTION
@debug_option
def add_command(
    *, file: str, name: str | None, force: bool, kernel_path: tuple[str, ...], as_json: bool
) -> None:
    """Copy the kernel in FILE, YAML or NPY, into your own folder, so that it can be named.

    \b
    convfilter kernels add mine.yaml
    convfilter kernels add weights.npy --name soft

    An NPY file that a YAML file names as its weights comes along.
    """
    from convfilter.registry.generators.table import GENERATORS
    from convfilter.registry.own import add_kernel
    from convfilter.registry.search_path import namesakes, search_folders

    list(search_folders(kernel_path))  # a folder that is missing is told before anything is done
    written = add_kernel(Path(file), name, overwrite=force)
    called = written[0].stem
    hidden_by, hidden = _around(written[0], namesakes(called, kernel_path))
    if as_json:
        told = {
            "name": called,
            "files": [str(path) for path in written],
            "hides": [str(path) for path in hidden],
            "hidden_by": [str(path) for path in hidden_by],
        }
        click.echo(json.dumps(told, indent=2))
    else:
        tell(f"added {called}: {', '.join(map(str, written))}")
    for path in hidden:
        say("warning", f"{called} now hides {path}, which has the same name", "yellow")
    if called in GENERATORS:
        say("warning", f"{called} now hides the generator of that name", "yellow")
    for path in hidden_by[:1]:
        say("warning", f"{called} is hidden by {path}, which is looked up first", "yellow")


def _around(own: Path, found: Sequence["KernelFile"]) -> tuple[list[Path], list[Path]]:
    """Return the files of one name that are looked up before the user's own, and after it."""
    paths = [file.path.resolve() for file in found]
    place = paths.index(own.resolve())
    return paths[:place], [path for path in paths[place:] if path != own.resolve()]
