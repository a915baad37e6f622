"""From a source to the kernels in it: which format, which reader, what each is called."""

import re
from collections import Counter

from convfilter.errors import UsageError
from convfilter.kernel import Kernel
from convfilter.registry.fault import Fault, KernelFileError
from convfilter.registry.interchange.table import INTERCHANGE, READABLE, Interchange, Source
from convfilter.registry.search_path import is_kernel_name


def read_kernels(source: Source, format_name: str | None = None) -> list[Kernel]:
    """Read all kernels of a source, in its own order.

    Parameters
    ----------
    format_name
        A key of `INTERCHANGE`; None finds out by the file's suffix or the text itself.

    Raises
    ------
    UsageError
        If the format cannot be told, is not read, or takes no scale.
    KernelFileError
        If it cannot be read as that format, with the line.
    """
    row = INTERCHANGE[format_name] if format_name else recognise(source)
    if row.read is None:
        raise UsageError(f"{row.name} is written, not read", None, f"known: {', '.join(READABLE)}")
    if source.scale is not None and not row.takes_scale:
        raise UsageError(
            f"--scale does not go with {row.name}",
            "it is ImageMagick's convolve:scale",
            "use it with --from imagemagick",
        )
    try:
        return row.read(source)
    except Fault as fault:
        raise KernelFileError(label(source), [fault]) from None


def recognise(source: Source) -> Interchange:
    """Find the format of a source: by the suffix, else by what it looks like.

    Raises
    ------
    UsageError
        If no format fits, or more than one.
    """
    rows = [row for row in INTERCHANGE.values() if row.read]
    suffix = source.path.suffix.lower() if source.path else ""
    by_suffix = [row for row in rows if suffix in row.suffixes]
    # A .txt may be anything that is text.
    if by_suffix and by_suffix[0].name != "text":
        return by_suffix[0]
    fitting = [row for row in rows if row.recognise and row.recognise(source.data)]
    if len(fitting) == 1:
        return fitting[0]
    names = " and ".join(row.name for row in fitting)
    cause = f"it could be {names}" if fitting else "it looks like none of the known ones"
    if not source.path and not fitting:
        cause = "there is no such file, and as a text it looks like none of the known ones"
    raise UsageError(
        f"the format of {label(source)} cannot be told",
        cause,
        "say --from with one of " + ", ".join(READABLE),
    )


def label(source: Source) -> str:
    """Name a source in a message: the file, or the beginning of the text."""
    if source.path:
        return str(source.path)
    text = " ".join(source.data[:200].decode("utf-8", "replace").split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def named(kernels: list[Kernel], name: str | None = None) -> list[Kernel]:
    """Give every kernel a name of its own that a kernel file can have.

    Parameters
    ----------
    name
        What they are all called, instead of their own names; several are numbered.

    Raises
    ------
    UsageError
        If it is no kernel name.
    """
    if name is not None and not is_kernel_name(name):
        cause = "a name has only a-z, 0-9, '.', '_' and '-', and begins with one of the first two"
        raise UsageError(f"{name!r} is no kernel name", cause)
    wanted = [name or _clean(kernel.name) for kernel in kernels]
    counts, taken = Counter(wanted), Counter[str]()
    result = []
    for kernel, base in zip(kernels, wanted, strict=True):
        taken[base] += 1
        own = base if counts[base] == 1 else f"{base}-{taken[base]}"
        result.append(kernel.replace(name=own))
    return result


def _clean(text: str) -> str:
    """Make a kernel name of any text."""
    clean = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")
    return clean or "kernel"
