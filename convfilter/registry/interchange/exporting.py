"""From a kernel to the file that another tool reads."""

from pathlib import Path

from convfilter.composite import Composite
from convfilter.errors import UsageError
from convfilter.recipe import Filter, Recipe
from convfilter.registry.catalogue import single
from convfilter.registry.interchange.table import INTERCHANGE, WRITABLE, Written


def write_kernel(kernel: Filter, format_name: str, file: str | None = None) -> Written:
    """Write a kernel in a format.

    Parameters
    ----------
    format_name
        A key of `INTERCHANGE`.
    file
        What the file is called in the command that is returned with it; None makes up a name.

    Raises
    ------
    UsageError
        If the format is not written.
    KernelError
        If it is not a single kernel, or the format cannot say what it needs. Composites and
        recipes that were read from a file are written as YAML.
    """
    row = INTERCHANGE[format_name]
    if row.write is None:
        raise UsageError(f"{row.name} is read, not written", None, f"known: {', '.join(WRITABLE)}")
    if isinstance(kernel, Composite | Recipe) and row.name == "yaml" and kernel.file:
        return Written(kernel.file.read_bytes())  # which names its kernels, and so is enough
    return row.write(single(kernel), file or "".join(("kernel", *row.suffixes[:1])))


def format_of_file(path: str) -> str:
    """Return the format that a file's suffix stands for.

    Raises
    ------
    UsageError
        If it stands for none.
    """
    suffix = Path(path).suffix.lower()
    for name in WRITABLE:
        if suffix in INTERCHANGE[name].suffixes:
            return name
    raise UsageError(
        f"{path} does not say its format",
        f"no format has the suffix {suffix!r}" if suffix else None,
        f"give --format: {', '.join(WRITABLE)}",
    )
