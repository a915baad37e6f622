"""The engine that is this machine: worker processes, none of which waits for anything.

A thread for each of them hands it one task after another, and puts what it has done in its place
while it does the next.
"""

import pickle
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from convfilter.batch.crew import Crew, Worker
from convfilter.batch.undisturbed import undisturbed

if TYPE_CHECKING:
    from convfilter.batch.perform import Reply, Treatment
    from convfilter.batch.targets import Task

    Promised = tuple[Task, Future[Reply]]

SMALL_BYTES = 2**20
"""A task is sent ahead only if its input and that of the task before are at most this large."""

MOST_SENT = 2
"""Tasks that a worker holds: one that it is doing, and one that it need not wait for."""

ENDING_SECONDS = 10.0
"""Time limit, at the end, for putting finished results in their places; a disk may hang."""


class Workers:
    """A crew, and a thread for each of its workers.

    Parameters
    ----------
    count
        Processes; they are started at once.
    """

    repeats = False

    def __init__(self, count: int) -> None:
        self._crew = Crew(count)
        self._waiting: SimpleQueue[Promised | None] = SimpleQueue()
        self._serving: list[threading.Thread] = []
        self._treatment = b""
        self._timeout: float | None = None
        self.concurrency = count
        # Of each worker one to settle, those that it has, and one to be sent next.
        self.capacity = (1 + MOST_SENT + 1) * count

    def start(self, treatment: "Treatment", timeout: float | None) -> None:
        """Say what is done to every file, and in how many seconds at most."""
        self._treatment, self._timeout = pickle.dumps(treatment), timeout
        for worker in self._crew.workers:
            # It is joined when all is closed; where that could not be, it holds nobody up.
            thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
            thread.start()
            self._serving.append(thread)

    def submit(self, task: "Task") -> "Future[Reply]":
        """Let the next worker that can take one perform a task."""
        promise: Future[Reply] = Future()
        self._waiting.put((task, promise))
        return promise

    def withdraw(self, futures: "Iterable[Future[Reply]]") -> None:
        """Take back the tasks that no worker has been sent."""
        for future in futures:
            future.cancel()

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        with undisturbed():
            with suppress(Empty):
                while True:
                    self._waiting.get_nowait()
            for _ in self._serving:
                self._waiting.put(None)
            self._crew.end()
            # Their processes have ended: what is left to wait for is what was done already.
            until = time.monotonic() + ENDING_SECONDS
            for thread in self._serving:
                thread.join(max(0.0, until - time.monotonic()))

    def _serve(self, worker: Worker) -> None:
        """Hand a worker one task after another, until None."""
        sent: deque[Promised] = deque()
        while sent or self._send_next(worker, sent):
            self._send_ahead(worker, sent)
            _, promise = sent[0]
            try:
                try:
                    reply = worker.perform(self._timeout)
                finally:
                    sent.popleft()
                # It does another while the disk is waited for.
                self._send_ahead(worker, sent)
                promise.set_result(worker.settle(reply))
            except BaseException as error:
                promise.set_exception(error)

    def _send_next(self, worker: Worker, sent: "deque[Promised]") -> bool:
        """Send a worker a task as soon as there is one; return False at the end."""
        while not sent:
            promised = self._waiting.get()
            if promised is None:
                return False
            self._send(worker, sent, promised)
        return True

    def _send_ahead(self, worker: Worker, sent: "deque[Promised]") -> None:
        """Send a worker what is waiting already; behind another task only what takes not long."""
        while len(sent) < MOST_SENT:
            if sent and self._waiting.qsize() < len(self._serving):
                return  # other workers will soon have nothing to do
            try:
                promised = self._waiting.get_nowait()
            except Empty:
                return
            if promised is None or (sent and not _are_small(sent[-1], promised)):
                self._waiting.put(promised)
                return
            self._send(worker, sent, promised)

    def _send(self, worker: Worker, sent: "deque[Promised]", promised: "Promised") -> None:
        """Send a worker a task, unless it has been taken back."""
        task, promise = promised
        if promise.set_running_or_notify_cancel():
            try:
                worker.send(self._treatment, task)
            except BaseException as error:
                promise.set_exception(error)
            else:
                sent.append(promised)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _are_small(*promised: "Promised") -> bool:
    return all(task.source.bytes <= SMALL_BYTES for task, _ in promised)
