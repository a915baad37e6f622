"""The engine that is this machine: worker processes, none of which waits for anything."""

import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from convfilter.batch.crew import Crew, Worker

if TYPE_CHECKING:
    from convfilter.batch.perform import Recipe, Reply
    from convfilter.batch.targets import Task

    Promised = tuple[Task, Future[Reply]]
    Done = tuple[Worker, Reply, Future[Reply]]

SMALL_BYTES = 2**20
"""Of input files that a worker is sent ahead, behind another: neither takes long."""

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Those that the program answers by ending."""


class Workers:
    """A crew, a thread for each worker to hand it its tasks, and others that wait for the disk.

    Parameters
    ----------
    count
        Processes; they are started at once.
    """

    repeats = False

    def __init__(self, count: int) -> None:
        self._crew = Crew(count)
        self._waiting: SimpleQueue[Promised | None] = SimpleQueue()
        self._done: SimpleQueue[Done | None] = SimpleQueue()
        self._serving: list[threading.Thread] = []
        self._settling: list[threading.Thread] = []
        self._recipe = b""
        self._timeout: float | None = None
        self.concurrency = count
        # Of each worker one to settle, one to do, one sent ahead, and one to send next.
        self.capacity = 4 * count

    def start(self, recipe: "Recipe", timeout: float | None) -> None:
        """Say what is done to every file, and in how many seconds at most."""
        self._recipe, self._timeout = pickle.dumps(recipe), timeout
        for worker in self._crew.workers:
            _start_thread(self._settling, self._settle)
            _start_thread(self._serving, self._serve, worker)

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
            for _ in self._settling:
                self._done.put(None)
            for thread in self._settling:
                thread.join()

    def _serve(self, worker: Worker) -> None:
        """Hand a worker one task after another, until None."""
        promised = self._waiting.get()
        while promised is not None:
            task, promise = promised
            following = None
            # What was sent ahead is running already.
            if promise.running() or promise.set_running_or_notify_cancel():
                following = self._following(task)
                try:
                    ahead = following and following[0]
                    reply = worker.perform(self._recipe, task, self._timeout, ahead)
                    self._done.put((worker, reply, promise))
                except BaseException as error:
                    promise.set_exception(error)
            promised = following or self._waiting.get()

    def _settle(self) -> None:
        """Put what workers have done in its place, one result after another, until None."""
        while (done := self._done.get()) is not None:
            worker, reply, promise = done
            try:
                promise.set_result(worker.settle(reply))
            except BaseException as error:
                promise.set_exception(error)

    def _following(self, task: "Task") -> "Promised | None":
        """Return a task to send ahead behind another, if both are small and there are enough."""
        if task.source.bytes > SMALL_BYTES or self._waiting.qsize() < len(self._crew.workers):
            return None
        try:
            promised = self._waiting.get_nowait()
        except Empty:
            return None
        if promised is None or promised[0].source.bytes > SMALL_BYTES:
            self._waiting.put(promised)
            return None
        return promised if promised[1].set_running_or_notify_cancel() else None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _start_thread(threads: list[threading.Thread], serve: Callable[..., None], *given: Any) -> None:
    # It is joined when all is closed; where that could not be, it holds nobody up.
    thread = threading.Thread(target=serve, args=given, daemon=True)
    thread.start()
    threads.append(thread)


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
