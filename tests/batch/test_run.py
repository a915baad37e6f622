import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

import pytest

from convfilter.batch import run
from convfilter.batch.discover import Source
from convfilter.batch.perform import Reply, Treatment
from convfilter.batch.run import Summary, run_batch
from convfilter.batch.targets import Task
from convfilter.errors import ConvfilterError

WRITTEN: Reply = {"status": "written", "width": 3, "height": 2}
FAILED: Reply = {"status": "failed", "error": {"what": "x", "cause": None, "hint": None}}


class Stub:
    """An engine that answers when it is told to."""

    repeats = False

    def __init__(
        self,
        capacity: int = 2,
        answer: Callable[[Task], Reply] | None = None,
        concurrency: int = 1,
    ) -> None:
        self.capacity = capacity
        self.concurrency = concurrency
        self.submitted: list[Task] = []
        self.open: list[Future[Reply]] = []
        self.most = 0
        self.when_full: Callable[[], object] = lambda: None
        self._answer = answer

    def start(self, treatment: Treatment, timeout: float | None) -> None:
        """Nothing has to be known."""

    def submit(self, task: Task) -> "Future[Reply]":
        future: Future[Reply] = Future()
        self.submitted.append(task)
        self.open.append(future)
        self.most = max(self.most, sum(not one.done() for one in self.open))
        if self._answer:
            threading.Timer(0.001, self._reply, (self._answer(task), future)).start()
        if len(self.submitted) == self.capacity:
            self.when_full()
        return future

    def withdraw(self, promises: Iterable[Any]) -> None:
        for promise in promises:
            promise.cancel()

    def _reply(self, reply: Reply, future: "Future[Reply]") -> None:
        if future.set_running_or_notify_cancel():
            future.set_result(reply)

    def close(self) -> None:
        """Nothing is kept."""


class Keeping(Stub):
    """An engine that gives nothing back."""

    def withdraw(self, promises: Iterable[Any]) -> None:
        """Keep all."""


def tasks(count: int, size: int = 1) -> list[Task]:
    status = os.stat_result((0o100644, 1, 1, 1, 0, 0, size, 0, 0, 0))
    return [Task(Source(f"/in/{n}", str(n), status), f"/out/{n}") for n in range(count)]


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def go(work: list[Task], engine: Stub, **options: Any) -> tuple[Summary, list[tuple[str, str]]]:
    seen: list[tuple[str, str]] = []
    summary = run_batch(
        work, Treatment(()), engine, lambda t, r: seen.append((t.input, r["status"])), **options
    )
    return summary, seen


def test_every_task_is_recorded_once_and_counted() -> None:
    def answer(task: Task) -> Reply:
        return {"3": FAILED, "4": {"status": "skipped"}}.get(task.source.place, WRITTEN)

    summary, seen = go(tasks(10), Stub(answer=answer))
    assert sorted(name for name, _ in seen) == [f"/in/{n}" for n in range(10)]
    counted = (summary.written, summary.skipped, summary.failed, summary.left, summary.pixels)
    assert counted == (8, 1, 1, 0, 48)
    assert summary.to_json()["files_per_second"] > 0
    assert str(summary).startswith("8 done, 1 skipped, 1 failed; ")


@pytest.mark.parametrize(("size", "most"), [(1, 3), (run.IN_FLIGHT_BYTES // 2, 2), (2**40, 1)])
def test_what_is_in_flight_is_bounded(size: int, most: int) -> None:
    engine = Stub(3, lambda _: WRITTEN)
    summary, _ = go(tasks(9, size), engine)
    assert summary.written == 9
    assert engine.most == most


def test_a_folder_that_cannot_be_listed_is_a_failure() -> None:
    work = [Task(Source("/in/x", "x", None, "Permission denied"), "/out/x"), *tasks(1)]
    summary, seen = go(work, Stub(answer=lambda _: WRITTEN))
    assert (summary.written, summary.failed) == (1, 1)
    assert ("/in/x", "failed") in seen


@pytest.mark.parametrize("concurrency", [1, 3])
def test_fail_fast_begins_nothing_more(concurrency: int) -> None:
    engine = Stub(8, lambda _: FAILED, concurrency)
    summary, _ = go(tasks(10), engine, fail_fast=True)
    assert len(engine.submitted) == concurrency
    assert 1 <= summary.failed <= concurrency
    assert summary.failed + summary.left == 10


def test_fail_fast_begins_nothing_after_a_folder_that_cannot_be_listed() -> None:
    engine = Stub(8, lambda _: WRITTEN, 2)
    faulty = Task(Source("/in/x", "x", None, "Permission denied"), "/out/x")
    summary, _ = go([faulty, faulty, *tasks(3)], engine, fail_fast=True)
    assert (summary.failed, summary.left) == (1, 4)
    assert not engine.submitted


def test_a_broken_engine_ends_the_batch() -> None:
    engine = Stub(1)
    engine.when_full = lambda: engine.open[0].set_exception(ConvfilterError("no worker"))
    with pytest.raises(ConvfilterError, match="no worker"):
        go(tasks(3), engine)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
class TestCtrlC:
    def test_the_first_one_lets_finish_what_has_begun(self) -> None:
        engine = Stub(3)
        told: list[int] = []

        def strike() -> None:
            engine.open[0].set_running_or_notify_cancel()
            press_ctrl_c()

        def stopping(running: int) -> None:
            told.append(running)
            engine.open[0].set_result(WRITTEN)

        engine.when_full = strike
        summary, seen = go(tasks(10), engine, say_stopping=stopping)
        assert summary.interrupted
        assert seen == [("/in/0", "written")]
        assert (summary.written, summary.left) == (1, 9)
        assert len(engine.submitted) == 3
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_what_does_not_finish_is_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run, "GRACE_SECONDS", 0.05)
        engine = Keeping(2)
        engine.when_full = press_ctrl_c
        summary, seen = go(tasks(5), engine)
        assert (summary.interrupted, summary.left, seen) == (True, 5, [])

    def test_the_second_one_ends_at_once(self) -> None:
        engine = Keeping(2)

        engine.when_full = press_ctrl_c
        with pytest.raises(KeyboardInterrupt):
            go(tasks(5), engine, say_stopping=lambda _running: press_ctrl_c())
