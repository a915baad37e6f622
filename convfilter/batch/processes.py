"""How a worker process begins: as a copy of this program where that is safe, else afresh.

A copy begins at once, for it need import nothing. But a copy of a program with threads may
stand still for ever, so that one which has any, as later it will, starts others afresh.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NoReturn, Protocol

from convfilter.batch import worker
from convfilter.errors import ConvfilterError

ENVIRONMENT = {
    # The files are the parallelism.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

SIGNALS_OF_THE_PARENT = (signal.SIGTERM,)
"""Signals that the program handles and a worker does not."""


class Process(Protocol):
    """A worker process and the pipes that lead to it and from it; as `subprocess.Popen`."""

    pid: int

    @property
    def stdin(self) -> BinaryIO:
        """The pipe that leads to it."""

    @property
    def stdout(self) -> BinaryIO:
        """The pipe that leads from it."""

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""

    def wait(self) -> int:
        """Wait until it has ended, and return how."""

    def kill(self) -> None:
        """End it at once, if it has not ended."""


def start_process() -> Process:
    """Start a process that does what `convfilter.batch.worker` says.

    Raises
    ------
    ConvfilterError
        If the system lets no other begin.
    """
    try:
        with _interrupts_held_back():
            return Copy() if may_copy() else _Fresh()
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "try fewer at a time with -j"
        raise ConvfilterError("no worker can be started", reason, hint) from None


def may_copy() -> bool:
    """Say whether a copy is safe: this program has one thread, of Python or of anything else."""
    if not _has_one_thread():
        return False
    worker.import_all()  # which may start others
    return _has_one_thread()


def _has_one_thread() -> bool:
    return sys.platform.startswith("linux") and len(os.listdir("/proc/self/task")) == 1


class _Fresh(subprocess.Popen[bytes]):
    """A process that imports what it needs, while its parent does."""

    stdin: BinaryIO
    stdout: BinaryIO

    def __init__(self) -> None:
        # -P: nothing in the current folder is imported; what this program finds is found.
        super().__init__(
            [sys.executable, "-P", "-m", "convfilter.batch.worker", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )


class Copy:
    """A process that is a fork of this one, with everything imported."""

    def __init__(self) -> None:
        tasks, to_child = _pipe()
        from_child, replies = _pipe()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _work(tasks, replies, parent)
        os.close(tasks)
        os.close(replies)
        self.stdin: BinaryIO = os.fdopen(to_child, "wb")
        self.stdout: BinaryIO = os.fdopen(from_child, "rb")
        self._code: int | None = None
        self._lock = threading.RLock()

    def poll(self) -> int | None:
        """Return how it ended, a signal's number as negative, or None while it runs."""
        with self._lock:
            if self._code is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
            return self._code

    def wait(self) -> int:
        """Wait until it has ended, and return how."""
        while (code := self.poll()) is None:
            with suppress(ChildProcessError):  # another thread has just heard of its end
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        return code

    def kill(self) -> None:
        """End it at once; its number is not another's as long as nobody has heard of its end."""
        with self._lock:
            if self.poll() is None:
                os.kill(self.pid, signal.SIGKILL)


def _work(tasks: int, replies: int, parent: int) -> NoReturn:
    """Be the worker, with nothing of the program's but its memory; never return."""
    try:
        for number in SIGNALS_OF_THE_PARENT:
            signal.signal(number, signal.SIG_DFL)
        # Another worker's pipe, held open here, would hide that it has ended.
        first, second = sorted((tasks, replies))
        for low, high in ((3, first), (first + 1, second), (second + 1, os.sysconf("SC_OPEN_MAX"))):
            os.closerange(low, high)
        worker.be_silent(0)
        worker.serve(os.fdopen(tasks, "rb"), os.fdopen(replies, "wb"), parent)
    finally:
        os._exit(1)


def _pipe() -> tuple[int, int]:
    """Return where a pipe is read and where it is written to.

    Neither has the number of a standard stream that is closed, to which somebody may write.
    """
    import fcntl  # not everywhere, as copies are not

    ends = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return read, write


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process begin with Ctrl-C blocked, until it has said that it does not answer it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
