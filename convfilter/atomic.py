"""Files that appear whole or not at all: written beside their place, flushed, then renamed."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import BinaryIO

from convfilter.errors import OutputError
from convfilter.frozen import frozen
from convfilter.temporary import discard, temporary_name

# Windows would change line ends; that other programs do not inherit it is Python's default.
_OPENED = os.O_RDWR | getattr(os, "O_BINARY", 0)


@frozen
class Attributes:
    """What a new file has besides its content.

    Parameters
    ----------
    mode
        Permission bits; a file that is replaced keeps its own.
    times
        When it was read and written last, in nanoseconds; None means now.
    """

    mode: int
    times: tuple[int, int] | None = None

    @classmethod
    def of(cls, path: str, *, with_times: bool) -> "Attributes":
        """Return those of a file."""
        status = os.stat(path)
        times = status.st_atime_ns, status.st_mtime_ns
        return cls(stat.S_IMODE(status.st_mode) & 0o777, times if with_times else None)


def check_target(path: str, overwrite: bool) -> str:
    """Refuse a target that could not or must not be written, before any work is done.

    Returns
    -------
    str
        The target's own path, links followed.

    Raises
    ------
    OutputError
        If the folder is missing or cannot be written to, or the target exists and
        ``overwrite`` is off, or is not a regular file.
    """
    if not path:
        raise OutputError("the output has no name", None, "name a file, or - for a pipe")
    if "\0" in path:
        raise OutputError(f"{path!r} cannot be written", "its name has a NUL byte")
    if path.endswith(("/", os.sep)) and not os.path.isdir(path):
        cause = "a name that ends like this is a folder's"
        raise OutputError(f"{path} cannot be written", cause, "name a file, or - for a pipe")
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        fault = "is not a folder" if os.path.exists(folder) else "does not exist"
        named = folder if os.path.exists(folder) else f"the folder {folder}"
        raise OutputError(f"{path} cannot be written", f"{named} {fault}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path} cannot be written", f"no permission to write in {folder}")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return target
    except OSError as error:
        raise OutputError(f"{path} cannot be written", error.strerror) from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise OutputError(
            f"{path} cannot be written", f"it is {kind}", "name a file, or - for a pipe"
        )
    if not overwrite:
        raise OutputError(
            f"{path} exists",
            "nothing is overwritten unasked",
            "use --force, or WriteOptions(overwrite=True) in the library",
        )
    return target


@frozen
class Unsettled:
    """A temporary file that is written, and not in its place yet.

    Parameters
    ----------
    temporary
        Its path, beside its place.
    target
        Its place.
    path
        What the user called that; it may be a link.
    overwrite, accept_same, attributes
        As in `write_atomically`.
    """

    temporary: str
    target: str
    path: str
    overwrite: bool = False
    accept_same: bool = False
    attributes: Attributes | None = None

    def settle(self) -> None:
        """Flush it to the disk and put it in its place.

        Raises
        ------
        OutputError
            If that fails; nothing is left behind then.
        """
        try:
            descriptor = os.open(self.temporary, _OPENED)
            try:
                _complete(descriptor, self.temporary, self.attributes)
            finally:
                os.close(descriptor)
        except OSError as error:
            discard(self.temporary)
            raise _failed(self.path, error) from None
        self.put_in_place()

    def put_in_place(self) -> None:
        """Put it in its place, flushed already.

        Raises
        ------
        OutputError
            If that fails; nothing is left behind then, unless it is the folder alone that could
            not be flushed: the file is whole, but may not outlast a power cut.
        """
        may_be_there = self.accept_same and not self.overwrite
        try:
            if not may_be_there or not _is_same(self.temporary, self.target):
                _put_in_place(self.temporary, self.target, self.path, self.overwrite)
            _flush_folder(os.path.dirname(self.target))
        except OSError as error:
            raise _failed(self.path, error) from None
        finally:
            discard(self.temporary)


@frozen(eq=False)
class _Postponed:
    """Who will settle files, and which."""

    owner: int
    unsettled: list[Unsettled]


_postponed: ContextVar[_Postponed | None] = ContextVar("_postponed", default=None)


@contextmanager
def settling_postponed(owner: int) -> Iterator[list[Unsettled]]:
    """Let files with attributes be left beside their places; the list holds them.

    The disk can then be waited for while something else is done.

    Parameters
    ----------
    owner
        Process that will settle them; while it runs they are not stale.
    """
    unsettled: list[Unsettled] = []
    before = _postponed.set(_Postponed(owner, unsettled))
    try:
        yield unsettled
    except BaseException:
        for file in unsettled:
            discard(file.temporary)
        raise
    finally:
        _postponed.reset(before)


def write_atomically(
    path: str,
    write: Callable[[BinaryIO], None],
    *,
    overwrite: bool = False,
    accept_same: bool = False,
    attributes: Attributes | None = None,
) -> None:
    """Let ``write`` fill a temporary file beside the target, then put it in its place.

    A link is followed: the file that it leads to is replaced, not the link.

    Parameters
    ----------
    accept_same
        Be content with a target that holds the very same bytes already.

    Raises
    ------
    OutputError
        As `check_target`, and if writing fails; nothing is left behind then.
    """
    target = check_target(path, overwrite or accept_same)
    postponed = _postponed.get() if attributes else None
    name = temporary_name(postponed.owner if postponed else None)
    temporary = os.path.join(os.path.dirname(target), name)
    try:
        _fill(temporary, write, attributes, is_complete=not postponed)
    except BaseException as error:
        discard(temporary)
        if isinstance(error, OSError):
            raise _failed(path, error) from None
        raise
    unsettled = Unsettled(temporary, target, path, overwrite, accept_same, attributes)
    if postponed:
        postponed.unsettled.append(unsettled)
    else:
        unsettled.put_in_place()


def _fill(
    temporary: str,
    write: Callable[[BinaryIO], None],
    attributes: Attributes | None,
    *,
    is_complete: bool,
) -> None:
    descriptor = os.open(temporary, _OPENED | os.O_CREAT | os.O_EXCL, 0o666)
    with open(descriptor, "w+b") as stream:
        write(stream)
        stream.flush()
        if is_complete:
            _complete(descriptor, temporary, attributes)
        else:
            os.chmod(temporary, 0o600)  # who completes it has to open it, whatever the umask


def _complete(descriptor: int, temporary: str, attributes: Attributes | None) -> None:
    """Give a temporary file its attributes, and flush it."""
    if attributes:
        os.chmod(temporary, attributes.mode)
        if attributes.times:
            os.utime(temporary, ns=attributes.times)
    os.fsync(descriptor)


def _failed(path: str, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written", error.strerror or str(error))


def _is_same(temporary: str, target: str) -> bool:
    import filecmp

    return os.path.exists(target) and filecmp.cmp(temporary, target, shallow=False)


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
            f"{path} exists", "it appeared meanwhile, or holds something else", "use --force"
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
