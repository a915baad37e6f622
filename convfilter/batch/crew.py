"""Worker processes, kept alive over files and watched; one that fails is one failed file."""

import json
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from convfilter.batch.processes import start_process
from convfilter.errors import ConvfilterError

if TYPE_CHECKING:
    from convfilter.batch.perform import Reply
    from convfilter.batch.targets import Task

START_SECONDS = 120
"""Time limit for a worker to import what it needs on a busy machine."""

STARTS = 3
"""Attempts at starting a worker before the batch is given up."""

AHEAD_BYTES = 2048
"""Larger tasks are not written ahead: the smallest pipe, of one page, has to hold two.

On full pipes both sides could block: this one writing a task, the worker writing a reply.
"""

TICK_SECONDS = 0.2
"""Time between two checks of the deadlines."""


class Worker:
    """One process, and another when it has ended.

    Used by one thread at a time, but for `check_deadline` and `end`, against which the lock
    guards the process and its deadline.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._late = False
        self._is_over = False
        self._is_ready = False
        self._treatment: bytes | None = None
        self._given: list[tuple[Task, bytes, bytes]] = []
        self._written = 0
        self._unsettled: set[str] = set()
        self._refusal: ConvfilterError | None = None
        self._process = start_process()

    def send(self, treatment: bytes, task: "Task") -> None:
        """Give the process a task, behind those that it has, so that it need not wait for it.

        Parameters
        ----------
        treatment
            A pickled `Treatment`.
        """
        self._given.append((task, pickle.dumps(task.bare), treatment))
        if self._is_ready:
            self._write_given()

    def perform(self, timeout: float | None) -> "Reply":
        """Have the oldest of the tasks that were sent done, but for what `settle` does then.

        Parameters
        ----------
        timeout
            Seconds until the process is killed.

        Raises
        ------
        ConvfilterError
            If no process can be started.
        CancelledError
            If the worker was ended meanwhile.
        """
        try:
            if not self._written:
                self._make_ready()
            with self._limited(timeout):
                self._write_given()
                reply = self._receive()
            if reply is None:
                return self._tell_death(timeout)
            self._written -= 1
            if "unsettled" in reply:
                self._unsettled.add(reply["unsettled"]["temporary"])
            if reply.pop("spent", False) or self._late:
                self._replace()
            return reply
        except BaseException:
            # Nobody knows what it will reply to next.
            self._process.kill()
            self._process.wait()
            self._written = 0
            raise
        finally:
            del self._given[0]

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

    def _make_ready(self) -> None:
        if self._is_ready and self._process.poll() is None:
            return
        code = self._replace() if self._is_ready else None
        for attempt in range(STARTS):
            if attempt:
                code = self._replace()
            with self._limited(START_SECONDS):
                self._is_ready = self._receive() is not None
            if self._is_ready:
                return
        cause = f"it ended with {_code_name(code)}"
        raise self._refusal or ConvfilterError("no worker can be started", cause)

    def _write_given(self) -> None:
        """Write to the process what it does not have yet, and can take without being waited for."""
        # That it has ended is seen where its reply is read: it may have made one before.
        with suppress(OSError, ValueError):
            for _, message, treatment in self._given[self._written :]:
                if self._treatment != treatment:
                    message = treatment + message
                if self._written and len(message) > AHEAD_BYTES:
                    return
                self._process.stdin.write(message)
                self._process.stdin.flush()
                self._treatment = treatment
                self._written += 1

    @contextmanager
    def _limited(self, timeout: float | None) -> Iterator[None]:
        """Have the process killed if what is done with it takes longer."""
        with self._lock:
            self._late = False
            self._deadline = time.monotonic() + timeout if timeout else None
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    def _receive(self) -> "Reply | None":
        """Wait for a line; None if the process ends before that."""
        with suppress(OSError, ValueError):  # a pipe that is broken, closed or cut off
            reply: Reply = json.loads(self._process.stdout.readline())
            return reply
        return None

    def _tell_death(self, timeout: float | None) -> "Reply":
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
        self._replace()
        return failure(ConvfilterError(f"{self._given[0][0].input} was given up", cause, hint))

    def _replace(self) -> int:
        """Start another process; return how the one before it ended."""
        with self._lock:
            if self._is_over:
                raise CancelledError
            code = self._discard()
            self._is_ready = False
            self._treatment = None
            self._written = 0
            self._refusal = None
            try:
                self._process = start_process()
            except ConvfilterError as error:
                self._refusal = error  # told when somebody needs the process
            return code

    def _discard(self) -> int:
        """End the process, and remove what it was writing; return how it ended."""
        from convfilter.temporary import remove_temporaries

        self._process.kill()
        code = self._process.wait()
        given = list(self._given)  # the thread that is served may be taking one out
        for folder in {os.path.dirname(os.path.realpath(task.output)) for task, *_ in given}:
            remove_temporaries(folder, self._process.pid, set(self._unsettled))
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

    def perform(self, treatment: bytes, task: "Task", timeout: float | None) -> "Reply":
        """Let a worker that is free do a task, and put its result in its place."""
        with self._lock:
            if not self._idle:
                if self._ended.is_set():
                    raise CancelledError
                self.workers.append(Worker())
                self._idle.append(self.workers[-1])
            worker = self._idle.pop()
        try:
            worker.send(treatment, task)
            return worker.settle(worker.perform(timeout))
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
