"""What a Dask worker is sent to do: by processes of its own, which end with the batch."""

import pickle
import signal
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from convfilter.batch import there
from convfilter.batch.discover import discover
from convfilter.batch.perform import Treatment
from convfilter.batch.targets import Task
from convfilter.batch.there import perform_there
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from tests.conftest import SAMPLES

TREATMENT = Treatment((Kernel([[1, 1, 1]], divisor=3, name="blur"),), FilterOptions(stride=(2, 2)))


def test_a_path_that_a_worker_cannot_see_says_so(tmp_path: Path) -> None:
    source = discover([str(SAMPLES / "disc.png")])[0]
    task = Task(source, str(tmp_path / "nowhere" / "disc.png"))
    reply = perform_there("token", b"", task, None)
    assert reply["status"] == "failed"
    assert "nowhere does not exist" in reply["error"]["what"]
    assert "storage that every machine has" in reply["error"]["hint"]
    assert not there._stays


def test_a_batch_that_falls_silent_leaves_no_worker_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[threading.Timer] = []
    monkeypatch.setattr(threading.Timer, "start", lambda timer: later.append(timer))
    source = discover([str(SAMPLES / "disc.png")])[0]
    for name in ("a.png", "b.png"):
        task = Task(source, str(tmp_path / name))
        assert perform_there("silent", pickle.dumps(TREATMENT), task, None)["status"] == "written"
    assert [timer.interval for timer in later] == [there.SILENT_SECONDS] * 2
    workers = there._stays["silent"].crew.workers
    later[-1].function()
    assert "silent" not in there._stays
    assert [worker._process.poll() for worker in workers] == [-signal.SIGKILL]


def test_what_a_dismissed_batch_left_waiting_is_not_done(tmp_path: Path) -> None:
    there.dismiss("dismissed")
    task = Task(discover([str(SAMPLES / "disc.png")])[0], str(tmp_path / "disc.png"))
    with pytest.raises(CancelledError):
        perform_there("dismissed", pickle.dumps(TREATMENT), task, None)
    assert "dismissed" not in there._stays
    assert not (tmp_path / "disc.png").exists()
