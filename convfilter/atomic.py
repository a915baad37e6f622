"""Files that appear whole or not at all: written beside their place, flushed, then renamed."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from convfilter.errors import OutputError

TEMPORARY_PREFIX = ".convfilter-"
TEMPORARY_SUFFIX = ".tmp"


def check_target(path: str, overwrite: bool) -> None:
    """Refuse a target that could not or must not be written, before any work is done.

    Raises
    ------
    OutputError
        If the folder is missing or cannot be written to, or the target exists and
        ``overwrite`` is off, or is not a regular file.
    """
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"{path} cannot be written", f"the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path} cannot be written", f"no permission to write in {folder}")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{path} cannot be written", error.strerror) from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise OutputError(
            f"{path} cannot be written", f"it is {kind}", "name a file, or - for a pipe"
        )
    if not overwrite:
        raise OutputError(
            f"{path} exists", "nothing is overwritten unasked", "use --force or --skip-existing"
        )


def write_atomically(
    path: str, write: Callable[[BinaryIO], None], *, overwrite: bool = False
) -> None:
    """Let ``write`` fill a temporary file beside the target, then put it in its place.

    A link is followed: the file that it leads to is replaced, not the link.

    Raises
    ------
    OutputError
        As `check_target`, and if writing fails; nothing is left behind then.
    """
    check_target(path, overwrite)
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    temporary = os.path.join(
        folder, f"{TEMPORARY_PREFIX}{os.getpid()}-{os.urandom(6).hex()}{TEMPORARY_SUFFIX}"
    )
    try:
        _fill(temporary, write)
        _put_in_place(temporary, target, path, overwrite)
        _flush_folder(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path} cannot be written", reason) from None
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _fill(temporary: str, write: Callable[[BinaryIO], None]) -> None:
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with open(descriptor, "w+b") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())


def _put_in_place(temporary: str, target: str, path: str, overwrite: bool) -> None:
    if overwrite:
        with suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
        return
    try:
        # A link fails where a file has appeared meanwhile; a rename would replace it.
        os.link(temporary, target)
    except FileExistsError:
        raise OutputError(
            f"{path} exists", "it appeared while the new one was made", "use --force"
        ) from None
    except OSError:
        os.replace(temporary, target)  # a file system without hard links


def _flush_folder(folder: str) -> None:
    if os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
