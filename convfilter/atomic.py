"""Files that appear whole or not at all: written beside their place, flushed, then renamed."""

import os
import platform
import re
import stat
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import BinaryIO

from convfilter.errors import OutputError
from convfilter.frozen import frozen

TEMPORARY_PREFIX = ".convfilter-"
TEMPORARY_SUFFIX = ".tmp"

_TEMPORARY_NAME = re.compile(
    re.escape(TEMPORARY_PREFIX)
    + r"(?P<host>[0-9a-f]{8})-(?:(?P<owner>\d+)-)?(?P<pid>\d+)-[0-9a-f]{12}"
    + re.escape(TEMPORARY_SUFFIX)
)

# Windows would change line ends; that other programs do not inherit it is Python's default.
_OPENED = os.O_RDWR | getattr(os, "O_BINARY", 0)

ABANDONED_SECONDS = 24 * 3600
"""A temporary file of another machine that nobody has written to for so long is stale."""


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
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise OutputError(f"{path} cannot be written", f"the folder {folder} does not exist")
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
            f"{path} exists", "nothing is overwritten unasked", "use --force or --skip-existing"
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
            _discard(self.temporary)
            raise _failed(self.path, error) from None
        self.put_in_place()

    def put_in_place(self) -> None:
        """Put it in its place, flushed already.

        Raises
        ------
        OutputError
            If that fails; nothing is left behind then.
        """
        may_be_there = self.accept_same and not self.overwrite
        try:
            if not may_be_there or not _is_same(self.temporary, self.target):
                _put_in_place(self.temporary, self.target, self.path, self.overwrite)
            _flush_folder(os.path.dirname(self.target))
        except OSError as error:
            raise _failed(self.path, error) from None
        finally:
            _discard(self.temporary)


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
            _discard(file.temporary)
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
    name = _temporary_name(postponed.owner if postponed else None)
    temporary = os.path.join(os.path.dirname(target), name)
    try:
        _fill(temporary, write, attributes, is_complete=not postponed)
    except BaseException as error:
        _discard(temporary)
        if isinstance(error, OSError):
            raise _failed(path, error) from None
        raise
    unsettled = Unsettled(temporary, target, path, overwrite, accept_same, attributes)
    if postponed:
        postponed.unsettled.append(unsettled)
    else:
        unsettled.put_in_place()


def remove_stale(folder: str) -> int:
    """Remove temporary files whose writer has ended; return how many."""

    def is_stale(host: str, pids: Sequence[int], path: str) -> bool:
        if host == _host() and os.name != "nt":
            return not any(map(_is_running, pids))
        # Whether a process of another machine runs cannot be known; whether it writes, can.
        return time.time() - os.stat(path).st_mtime > ABANDONED_SECONDS

    return _remove(folder, is_stale)


def remove_temporaries(folder: str, pid: int, spared: Collection[str] = ()) -> int:
    """Remove the temporary files of a process of this machine; return how many.

    Parameters
    ----------
    spared
        Paths of those that are to be kept.
    """

    def is_its(host: str, pids: Sequence[int], path: str) -> bool:
        return (host, pids[-1]) == (_host(), pid) and path not in spared

    return _remove(folder, is_its)


def _remove(folder: str, unwanted: Callable[[str, Sequence[int], str], bool]) -> int:
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _TEMPORARY_NAME.fullmatch(entry.name)
            if not found:
                continue
            pids = [int(pid) for pid in found.group("owner", "pid") if pid]
            with suppress(OSError):
                if unwanted(found["host"], pids, entry.path):
                    os.unlink(entry.path)
                    removed += 1
    return removed


def _temporary_name(owner: int | None) -> str:
    random = os.urandom(6).hex()
    pids = os.getpid() if owner is None else f"{owner}-{os.getpid()}"
    return f"{TEMPORARY_PREFIX}{_host()}-{pids}-{random}{TEMPORARY_SUFFIX}"


@cache
def _host() -> str:
    """Return what tells apart the machines, and the containers, that share a folder."""
    name = platform.node()
    with suppress(OSError):
        name += os.readlink("/proc/self/ns/pid")
    return f"{zlib.crc32(name.encode()):08x}"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it runs, and is somebody else's
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        # One that was killed has its number until its parent asks, which may take long.
        return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    return True


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


def _discard(temporary: str) -> None:
    with suppress(OSError):
        os.unlink(temporary)


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
