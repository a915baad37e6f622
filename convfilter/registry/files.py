"""The one place where bytes of kernel files are read."""

import stat
from pathlib import Path

from convfilter.registry.fault import Fault
from convfilter.registry.search_path import KERNEL_SUFFIXES
from convfilter.registry.yaml_tree import LARGEST_FILE


def check_suffix(path: Path) -> None:
    """Refuse a file that is not called what kernel files are called, in whatever case.

    Raises
    ------
    Fault
        If it has another suffix.
    """
    if path.suffix.lower() not in KERNEL_SUFFIXES:
        hint = f"a kernel file ends in {', '.join(KERNEL_SUFFIXES)}"
        raise Fault(None, "", "its suffix is not that of a kernel file", hint)


def read_bytes(path: Path) -> bytes:
    """Read a regular file of at most `LARGEST_FILE` bytes.

    Raises
    ------
    Fault
        If it is missing, unreadable, not a regular file, or larger.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Fault(None, "", "it is not a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise Fault(None, "", f"it cannot be read: {cause}") from None
    if len(data) > LARGEST_FILE:
        raise Fault(None, "", "it is larger than 1 MiB")
    return data
