"""Worker processes, kept alive over files and watched; one that fails is one failed file."""

import json
import os
import pickle
import signal
import threading
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING

from convfilter.batch.processes import start_process
from convfilter.errors import ConvfilterError

if TYPE_CHECKING:
    from convfilter.batch.perform import Reply
    from convfilter.batch.targets import Task

START_SECONDS = 120
"""For a worker to import what it needs, on a machine that is busy."""

STARTS = 3
"""Attempts at starting a worker before the batch is given up."""

TICK_SECONDS = 0.2
"""Between two looks at the deadlines."""


class Worker:
    """One process, and another when it has ended; used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._late = False
        self._is_over = False
        self._is_ready = False
        self._recipe: bytes | None = None
        self._task: Task | None = None
        self._next: Task | None = None
        self._unsettled: set[str] = set()
        self._process = start_process()

    def perform(
        self,
        recipe: bytes,
        task: "Task",
        timeout: float | None,
        following: "Task | None" = None,
    ) -> "Reply":
        """Let the process do a task, but for what `settle` does then.

        Parameters
        ----------
        recipe
            A pickled `Recipe`.
        timeout
            Seconds until the process is killed.
        following
            The task that this is called with next: it is sent ahead, so that the process need
            not wait for it.

        Raises
        ------
        ConvfilterError
            If no process can be started.
        CancelledError
            If the worker was ended meanwhile.
        """
        sent = b""
        if task is not self._next:
            self._make_ready()
            sent = (b"" if self._recipe == recipe else recipe) + pickle.dumps(task.bare)
        self._task, self._next = task, following
        if following:
            sent += pickle.dumps(following.bare)
        reply = self._exchange(sent, timeout)
        if reply is None:
            reply = self._tell_death(task, timeout)
        else:
            self._recipe = recipe
        if "unsettled" in reply:
            self._unsettled.add(reply["unsettled"]["temporary"])
        if reply.pop("spent", False):
            self._replace()
        self._task = None
        return reply

    def settle(self, reply: "Reply") -> "Reply":
        """Put the result of a reply in its place; meanwhile the process may do another task."""
        from convfilter.batch.perform import settle

        if "unsettled" not in reply:
            return reply
        temporary = reply["unsettled"]["temporary"]
        try:
            return settle(reply)
        finally:
            self._unsettled.discard(temporary)

    def check_deadline(self, now: float, excuse: float) -> None:
        """Kill the process if it is late.

        Parameters
        ----------
        excuse
            Seconds for which this program itself stood still.
        """
        with self._lock:
            if self._deadline is None:
                return
            self._deadline += excuse
            if now > self._deadline:
                self._late = True
                self._process.kill()

    def end(self) -> None:
        """Kill the process and remove what it was writing."""
        with self._lock:
            self._is_over = True
            self._discard()
        for task in (self._task, self._next):
            if task:
                self._remove_temporaries(task)

    def _make_ready(self) -> None:
        code: int | None = None
        for _ in range(STARTS):
            if self._is_ready and self._process.poll() is None:
                return
            if not self._is_ready and self._exchange(b"", START_SECONDS) is not None:
                self._is_ready = True
                return
            code = self._replace()
        raise ConvfilterError("no worker can be started", f"it ended with {_code_name(code)}")

    def _exchange(self, sent: bytes, timeout: float | None) -> "Reply | None":
        """Send and wait for a line; None if the process ends before that."""
        with self._lock:
            self._late = False
            self._deadline = time.monotonic() + timeout if timeout else None
        try:
            self._send(sent)
            # What was sent before may have been done even if the process has ended since.
            line = self._process.stdout.readline()
        except (OSError, ValueError):
            return None  # a pipe that is broken, or closed already
        finally:
            with self._lock:
                self._deadline = None
        with suppress(ValueError):
            return None if self._late else json.loads(line)
        return None  # cut off, or no sense: it is dying

    def _send(self, sent: bytes) -> None:
        try:
            self._process.stdin.write(sent)
            self._process.stdin.flush()
        except (OSError, ValueError):
            self._next = None

    def _tell_death(self, task: "Task", timeout: float | None) -> "Reply":
        from convfilter.batch.perform import failure

        self._process.kill()
        code = self._process.wait()
        if self._late:
            cause = f"it took longer than {timeout:g} seconds"
            hint = "if it may, give it more with --timeout"
        elif code == -getattr(signal, "SIGKILL", 9):
            cause = "its worker process was killed, perhaps because memory ran out"
            hint = "try fewer at a time with -j"
        else:
            cause, hint = f"its worker process crashed: {_code_name(code)}", None
        self._remove_temporaries(task)
        self._replace()
        return failure(ConvfilterError(f"{task.input} was given up", cause, hint))

    def _remove_temporaries(self, task: "Task") -> None:
        from convfilter.atomic import remove_temporaries

        folder = os.path.dirname(os.path.realpath(task.output))
        remove_temporaries(folder, self._process.pid, set(self._unsettled))

    def _replace(self) -> int:
        """Start another process; return how the one before it ended."""
        with self._lock:
            if self._is_over:
                raise CancelledError
            code = self._discard()
            self._is_ready = False
            self._recipe = self._next = None
            self._process = start_process()
            return code

    def _discard(self) -> int:
        self._process.kill()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()
        return code


def _code_name(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


class Crew:
    """Workers that take turns, and a thread that watches their deadlines.

    Parameters
    ----------
    count
        Workers to start at once; others follow when they are needed.

    Attributes
    ----------
    workers
        All of them.
    """

    def __init__(self, count: int = 0) -> None:
        self.workers = [Worker() for _ in range(count)]
        self._idle = list(self.workers)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def perform(self, recipe: bytes, task: "Task", timeout: float | None) -> "Reply":
        """Let a worker that is free do a task, and put its result in its place."""
        with self._lock:
            if not self._idle:
                if self._ended.is_set():
                    raise CancelledError
                self.workers.append(Worker())
                self._idle.append(self.workers[-1])
            worker = self._idle.pop()
        try:
            return worker.settle(worker.perform(recipe, task, timeout))
        finally:
            with self._lock:
                self._idle.append(worker)

    def end(self) -> None:
        """End all processes, whatever they are doing; nothing half written is left."""
        with self._lock:
            self._ended.set()
        for worker in self.workers:
            worker.end()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(TICK_SECONDS):
            now = time.monotonic()
            # Ctrl-Z stops the workers with this program; the time does not count.
            stood_still = now - before - TICK_SECONDS
            for worker in list(self.workers):
                worker.check_deadline(now, stood_still if stood_still > 1 else 0)
            before = now
