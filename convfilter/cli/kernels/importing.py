"""``convfilter kernels import``."""

import os
import sys
from pathlib import Path

import click

from convfilter.cli.completing import complete_file
from convfilter.cli.kernels.writing import write_files
from convfilter.cli.options import debug_option
from convfilter.errors import UsageError
from convfilter.registry.interchange.table import INTERCHANGE, READABLE, Source, summaries

YAML = INTERCHANGE["yaml"]


@click.command("import", no_args_is_help=True)
@click.argument("source_text", metavar="SOURCE", shell_complete=complete_file)
@click.option(
    "--from",
    "format_name",
    type=click.Choice(READABLE),
    help=f"{summaries(READABLE)}.  [default: by the suffix, or what it looks like]",
)
@click.option(
    "--scale", metavar="A[!^%][,B]", help="ImageMagick's convolve:scale, such as ! or 50%."
)
@click.option("--name", metavar="NAME", help="What to call the kernels; several are numbered.")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    shell_complete=complete_file,
    help="A file, or an existing folder for one file a kernel.",
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@debug_option
def import_command(
    *,
    source_text: str,
    format_name: str | None,
    scale: str | None,
    name: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Read kernels of another tool, and print or write them as kernel files.

    \b
    convfilter kernels import filter.mat
    convfilter kernels import "3x3: 0,-1,0 -1,5,-1 0,-1,0" -o mine.yaml
    convfilter kernels import "Sobel:>" -o my-kernels

    SOURCE is a file, a dash for standard input, or the text itself.
    """
    from convfilter.registry.interchange.exporting import write_kernel
    from convfilter.registry.interchange.importing import named, read_kernels

    _check_output(output)
    kernels = named(read_kernels(_source(source_text, scale), format_name), name)
    texts = {kernel.name: write_kernel(kernel, "yaml").data for kernel in kernels}
    if output and os.path.isdir(output):
        write_files({os.path.join(output, f"{name}.yaml"): texts[name] for name in texts}, force)
        return
    if len(texts) > 1:
        raise UsageError(
            f"there are {len(texts)} kernels in it, and a kernel file holds one",
            "they are " + ", ".join(texts),
            "name an existing folder with -o FOLDER",
        )
    (text,) = texts.values()
    if output and output != "-":
        write_files({output: text}, force)
    else:
        click.echo(text, nl=False)


def _check_output(output: str | None) -> None:
    """Refuse a file that would not be read as what it is."""
    if not output or output == "-" or os.path.isdir(output):
        return
    stem, suffix = os.path.splitext(output)
    if suffix.lower() not in YAML.suffixes:
        raise UsageError(
            f"{output} is not named like a kernel file",
            "kernels are imported as YAML",
            f"call it {stem}.yaml, and convfilter kernels export writes other formats of it",
        )


def _source(text: str, scale: str | None) -> Source:
    """Return the bytes of a file, of standard input, or of the text itself."""
    from convfilter.registry.fault import Fault, KernelFileError
    from convfilter.registry.files import read_bytes
    from convfilter.registry.yaml_tree import LARGEST_FILE

    if text == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("standard input is a terminal", None, "name a file, or pipe one")
        data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        if not data.strip():
            raise UsageError("standard input is empty", None, "pipe a kernel, or name a file")
        return Source(data, scale=scale)
    path = Path(text)
    if os.path.lexists(text) or _is_named_like_a_file(path):
        try:
            return Source(read_bytes(path), path, scale)
        except Fault as fault:
            raise KernelFileError(text, [fault]) from None
    return Source(text.encode("utf-8", "surrogateescape"), scale=scale)


def _is_named_like_a_file(path: Path) -> bool:
    """Whether a path that does not exist is meant as one, and not as the text of a kernel."""
    suffixes = {suffix for row in INTERCHANGE.values() for suffix in row.suffixes}
    return path.suffix.lower() in suffixes
