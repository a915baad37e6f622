"""Temporary files: whose they are is in their names, so that those of the dead can be swept."""

import os
import platform
import re
import time
import zlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cache

TEMPORARY_PREFIX = ".convfilter-"
TEMPORARY_SUFFIX = ".tmp"

_TEMPORARY_NAME = re.compile(
    re.escape(TEMPORARY_PREFIX)
    + r"(?P<host>[0-9a-f]{8})-(?:(?P<owner>\d+)-)?(?P<pid>\d+)-[0-9a-f]{12}"
    + re.escape(TEMPORARY_SUFFIX)
)

ABANDONED_SECONDS = 24 * 3600
"""A temporary file of another machine that nobody has written to for so long is stale."""


def temporary_name(owner: int | None = None) -> str:
    """Return a new name for a file that this process writes.

    Parameters
    ----------
    owner
        Another process that will need it, even if this one has ended.
    """
    random = os.urandom(6).hex()
    pids = os.getpid() if owner is None else f"{owner}-{os.getpid()}"
    return f"{TEMPORARY_PREFIX}{_host()}-{pids}-{random}{TEMPORARY_SUFFIX}"


def discard(temporary: str) -> None:
    """Remove a temporary file, if it is there and that can be done."""
    with suppress(OSError):
        os.unlink(temporary)


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
