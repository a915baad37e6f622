"""A batch from its first file to its last: hand out, take in, write down, and stop well."""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Protocol

from convfilter.batch.perform import Reply, Treatment, failure
from convfilter.batch.targets import Task
from convfilter.errors import ConvfilterError

IN_FLIGHT_BYTES = 2**30
"""Total size of the input files worked on at a time; a larger file is worked on alone."""

GRACE_SECONDS = 5.0
"""Time that is left, after Ctrl-C, for the files that are being worked on."""


class Promise(Protocol):
    """What an engine gives for a task: futures of the standard library and of Dask do."""

    def result(self) -> Reply:
        """Wait for the reply and return it."""

    def cancelled(self) -> bool:
        """Say whether the task was given up before it began."""

    def add_done_callback(self, call: Callable[[Any], object]) -> Any:
        """Call with the promise once it is done or cancelled."""


class Engine(Protocol):
    """Who does the work: processes of this machine, or a cluster."""

    concurrency: int
    """Tasks that it does at a time."""

    capacity: int
    """Tasks that it is worth handing out at a time, those that wait for others included."""

    repeats: bool
    """Whether a task whose worker is lost may be done twice."""

    def start(self, treatment: Treatment, timeout: float | None) -> None:
        """Say what is done to every file, and in how many seconds at most."""

    def submit(self, task: Task) -> Promise:
        """Have a task performed."""

    def withdraw(self, promises: Iterable[Any]) -> None:
        """Take back what has not been begun."""

    def close(self) -> None:
        """End, whatever is still going on."""


@dataclass
class Summary:
    """How a batch went so far."""

    written: int = 0
    skipped: int = 0
    failed: int = 0
    left: int = 0
    pixels: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    began: float = field(default_factory=time.perf_counter)

    @property
    def rate(self) -> float:
        """Files written a second."""
        return self.written / self.seconds if self.seconds else 0.0

    def count(self, reply: Reply) -> None:
        """Add what came of a task."""
        status = reply["status"]
        setattr(self, status, getattr(self, status) + 1)
        if status == "written":
            self.pixels += reply["width"] * reply["height"]
        self.seconds = time.perf_counter() - self.began

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints in the end."""
        names = ("written", "skipped", "failed", "left", "pixels", "interrupted")
        told = {name: getattr(self, name) for name in names}
        return told | {"seconds": round(self.seconds, 3), "files_per_second": round(self.rate, 2)}

    def __str__(self) -> str:
        parts = [f"{self.written} done", f"{self.skipped} skipped", f"{self.failed} failed"]
        if self.left:
            parts.append(f"{self.left} left")
        spent = f"{self.pixels / 1e6:.1f} Mpx in {self.seconds:.1f} s, {self.rate:.1f} files/s"
        return f"{', '.join(parts)}; {spent}"


def run_batch(
    tasks: Iterable[Task],
    treatment: Treatment,
    engine: Engine,
    record: Callable[[Task, Reply], None],
    *,
    timeout: float | None = None,
    fail_fast: bool = False,
    say_stopping: Callable[[int], None] = lambda _running: None,
) -> Summary:
    """Do the tasks, in an order that does not matter, and record what comes of each.

    At Ctrl-C, nothing more is handed out; what is being worked on has `GRACE_SECONDS`.

    Parameters
    ----------
    record
        Called for one reply at a time, in this thread.
    timeout
        Seconds for a task.
    fail_fast
        Begin nothing more after the first failure: nothing is handed out that would wait there.
    say_stopping
        Called at Ctrl-C with the number of tasks that are still worked on.

    Raises
    ------
    KeyboardInterrupt
        At a second Ctrl-C.
    """
    engine.start(treatment, timeout)
    run = _Run(deque(tasks), engine, record, fail_fast)
    with _ctrl_c(run.interrupt):
        while run.hand_out() and run.take_in():
            if run.summary.interrupted and run.deadline is None:
                run.deadline = time.monotonic() + GRACE_SECONDS
                run.hold_back()
                say_stopping(sum(not promise.cancelled() for _, promise in run.running.values()))
    run.summary.left += len(run.running)
    return run.summary


@dataclass
class _Run:
    """What is still waiting, what is being worked on, and what has come back."""

    waiting: deque[Task]
    engine: Engine
    record: Callable[[Task, Reply], None]
    fail_fast: bool
    running: dict[int, tuple[Task, Promise]] = field(default_factory=dict)
    finished: SimpleQueue[int | None] = field(default_factory=SimpleQueue)
    summary: Summary = field(default_factory=Summary)
    deadline: float | None = None
    in_flight_bytes: int = 0

    def hand_out(self) -> bool:
        """Hand out what the engine can take; say whether anything is being worked on."""
        while self.waiting and self._may_hand_out(self.waiting[0]):
            number, task = len(self.waiting), self.waiting.popleft()
            if task.source.fault:
                self._close(task, failure(_unlistable(task)))
                continue
            promise = self.engine.submit(task)
            self.running[number] = task, promise
            self.in_flight_bytes += task.source.bytes
            promise.add_done_callback(partial(self._note_end, number))
        return bool(self.running)

    def take_in(self) -> bool:
        """Wait for something to happen; say whether it did before the deadline."""
        limit = self.deadline and max(0.0, self.deadline - time.monotonic())
        try:
            number = self.finished.get(timeout=limit)
        except Empty:
            return False
        if number is not None:
            task, promise = self.running.pop(number)
            self.in_flight_bytes -= task.source.bytes
            if promise.cancelled():
                self.summary.left += 1
            else:
                self._close(task, promise.result())
        return True

    def hold_back(self) -> None:
        """Hand out nothing more, and take back what has not been begun."""
        self.summary.left += len(self.waiting)
        self.waiting.clear()
        self.engine.withdraw([promise for _, promise in self.running.values()])

    def interrupt(self) -> None:
        """Take note of Ctrl-C, and wake who waits."""
        self.summary.interrupted = True
        self.finished.put(None)

    def _note_end(self, number: int, _promise: object) -> None:
        self.finished.put(number)  # from whatever thread it is

    def _close(self, task: Task, reply: Reply) -> None:
        self.summary.count(reply)
        self.record(task, reply)
        if self.fail_fast and self.summary.failed:
            self.hold_back()

    def _may_hand_out(self, task: Task) -> bool:
        most = self.engine.concurrency if self.fail_fast else self.engine.capacity
        if len(self.running) >= most:
            return False
        in_flight = self.in_flight_bytes + task.source.bytes
        return not self.running or in_flight <= IN_FLIGHT_BYTES


def _unlistable(task: Task) -> ConvfilterError:
    return ConvfilterError(f"the folder {task.input} cannot be listed", task.source.fault)


@contextmanager
def _ctrl_c(first: Callable[[], None]) -> Iterator[None]:
    """Answer the first Ctrl-C with a call, and the second as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return

    def answer(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        first()

    before = signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
