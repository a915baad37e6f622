"""The engine that is this machine: worker processes, none of which waits for anything.

A thread for each of them hands it one task after another, and puts what it has done in its place
while it does the next.
"""

import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from convfilter.batch.crew import Crew, Worker

if TYPE_CHECKING:
    from convfilter.batch.perform import Recipe, Reply
    from convfilter.batch.targets import Task

    Promised = tuple[Task, Future[Reply]]

SMALL_BYTES = 2**20
"""Of input files that a worker is sent ahead, behind another: neither takes long."""

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Those that the program answers by ending."""


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
        self._recipe = b""
        self._timeout: float | None = None
        self.concurrency = count
        # Of each worker one to settle, one to do, and two to be sent next.
        self.capacity = 4 * count

    def start(self, recipe: "Recipe", timeout: float | None) -> None:
        """Say what is done to every file, and in how many seconds at most."""
        self._recipe, self._timeout = pickle.dumps(recipe), timeout
        for worker in self._crew.workers:
            # It is joined when all is closed; where that could not be, it holds nobody up.
            thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
            thread.start()
            self._serving.append(thread)

    def submit(self, task: "Task") -> "Future[Reply]":
        """Let the next worker that has nothing to do perform a task."""
        promise: Future[Reply] = Future()
        self._waiting.put((task, promise))
        return promise

    def withdraw(self, futures: "Iterable[Future[Reply]]") -> None:
        """Take back the tasks that no worker has begun."""
        for future in futures:
            future.cancel()

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        with _undisturbed():
            with suppress(Empty):
                while True:
                    self._waiting.get_nowait()
            for _ in self._serving:
                self._waiting.put(None)
            self._crew.end()
            # Their processes have ended: what is left to wait for is what was done already.
            for thread in self._serving:
                thread.join()

    def _serve(self, worker: Worker) -> None:
        """Hand a worker one task after another, until None."""
        promised = self._next(worker)
        while promised is not None:
            task, promise = promised
            following = None
            try:
                if _is_small(task) and self._waiting.qsize() >= len(self._serving):
                    following = self._send_ahead(worker, _is_small)
                reply = worker.perform(self._timeout)
                # It does the next one while the disk is waited for.
                following = following or self._send_ahead(worker)
                promise.set_result(worker.settle(reply))
            except BaseException as error:
                promise.set_exception(error)
            promised = following or self._next(worker)

    def _next(self, worker: Worker) -> "Promised | None":
        """Send a worker a task as soon as there is one, and return it; None at the end."""
        while (promised := self._waiting.get()) is not None:
            if self._send(worker, promised):
                return promised
        return None

    def _send_ahead(
        self, worker: Worker, fits: "Callable[[Task], bool]" = lambda _task: True
    ) -> "Promised | None":
        """Send a worker a task, if one that fits is waiting already, and return it."""
        try:
            promised = self._waiting.get_nowait()
        except Empty:
            return None
        if promised is None or not fits(promised[0]):
            self._waiting.put(promised)
            return None
        return promised if self._send(worker, promised) else None

    def _send(self, worker: Worker, promised: "Promised") -> bool:
        """Send a worker a task, unless it has been taken back."""
        task, promise = promised
        if not promise.set_running_or_notify_cancel():
            return False
        worker.send(self._recipe, task)
        return True

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_small(task: "Task") -> bool:
    return task.source.bytes <= SMALL_BYTES


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal break off what has to be done to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, answer in before.items():
            signal.signal(number, answer or signal.SIG_DFL)
