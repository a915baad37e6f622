"""The engine hands its tasks to all workers, small ones ahead, and takes back what waits."""

import os
import signal
from concurrent.futures import wait
from pathlib import Path

import pytest

from convfilter.batch import workers
from convfilter.batch.discover import Source
from convfilter.batch.perform import Treatment
from convfilter.batch.targets import Task
from convfilter.batch.workers import Workers
from convfilter.kernel import Kernel
from tests.conftest import SAMPLES
from tests.waiting import until

TREATMENT = Treatment((Kernel([[1, 1, 1]], divisor=3),))


def tasks_in(folder: Path, count: int) -> list[Task]:
    path = SAMPLES / "square-10x10.png"
    names = [f"{number}.png" for number in range(count)]
    return [Task(Source(str(path), name, path.stat()), str(folder / name)) for name in names]


@pytest.mark.parametrize("small", [0, 2**20])
def test_every_task_is_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(workers, "SMALL_BYTES", small)
    with Workers(2) as engine:
        engine.start(TREATMENT, None)
        replies = [future.result() for future in map(engine.submit, tasks_in(tmp_path, 20))]
    assert [reply["status"] for reply in replies] == ["written"] * 20
    assert len(list(tmp_path.iterdir())) == 20
    assert (engine.concurrency, engine.capacity) == (2, 8)


def test_what_no_worker_has_begun_can_be_taken_back(tmp_path: Path) -> None:
    with Workers(1) as engine:
        engine.start(TREATMENT, None)
        promises = [engine.submit(task) for task in tasks_in(tmp_path, 50)]
        engine.withdraw(promises)
        wait(promises, timeout=60)
        assert all(promise.cancelled() or promise.result() for promise in promises)
        assert sum(promise.cancelled() for promise in promises) >= 50 - 3
    assert len(list(tmp_path.iterdir())) == sum(not promise.cancelled() for promise in promises)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_tasks_sent_ahead_survive_their_worker(tmp_path: Path) -> None:
    with Workers(1) as engine:
        engine.start(TREATMENT, None)
        (worker,) = engine._crew.workers
        promises = [engine.submit(task) for task in tasks_in(tmp_path, 40)]
        until(lambda: worker._written >= 2 or promises[-1].done())
        os.kill(worker._process.pid, signal.SIGKILL)
        replies = [promise.result(60) for promise in promises]
    failed = [reply for reply in replies if reply["status"] == "failed"]
    assert len(failed) <= 1
    assert len(list(tmp_path.iterdir())) >= 40 - len(failed)
