"""The Dask engine: the same tasks, the same replies."""

import builtins
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convfilter import Picture, save_picture
from convfilter.batch import cluster
from convfilter.batch.cluster import Cluster, DaskPromise, exposure
from convfilter.batch.discover import discover
from convfilter.batch.order import Order
from convfilter.batch.perform import Reply, Treatment, failure
from convfilter.batch.targets import Naming, Task
from convfilter.batch.there import join_there, make_piece_there
from convfilter.batch.workers import Workers
from convfilter.errors import ConvfilterError, UsageError
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.parts import Piece
from convfilter.pictures.write_options import WriteOptions
from tests.conftest import SAMPLES
from tests.waiting import until

pytest.importorskip("distributed")

TREATMENT = Treatment((Kernel([[1, 1, 1]], divisor=3, name="blur"),), FilterOptions(stride=(2, 2)))


def run(
    engine: Any, folder: Path, inputs: Sequence[Path] = (SAMPLES,)
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return what was written, and the report without times and places."""
    folder.mkdir()
    (folder / "bad.jpg").write_bytes(b"no picture")
    os.utime(folder / "bad.jpg", (1, 1))
    sources = discover(list(map(str, [*inputs, folder / "bad.jpg"])))
    order = Order(sources, list(map(str, inputs)), Naming(str(folder / "out")), TREATMENT)
    lines: dict[str, Any] = {}

    def tell(task: Task, _reply: object, line: Callable[[], dict[str, Any]]) -> None:
        told = {name: value for name, value in line().items() if name != "seconds"}
        lines[task.source.place] = str(told).replace(str(folder), "FOLDER")

    with engine:
        order.prepare().run(engine, tell)
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}, lines


def test_a_local_cluster_gives_what_processes_give(tmp_path: Path) -> None:
    written, lines = run(Workers(2), tmp_path / "processes")
    assert len(written) >= 4
    assert len(lines) == len(written) + 1
    assert run(Cluster(None, 2), tmp_path / "dask") == (written, lines)


def write_large(folder: Path) -> Path:
    """Write pictures of which some rows can be read, and others of which they cannot."""
    folder.mkdir()
    array = np.random.default_rng(3).integers(0, 65536, (400, 300, 3), dtype=np.uint16)
    for name in ("plain.tif", "packed.tif", "array.npy", "photo.png"):
        save_picture(Picture.of_array(array), folder / name)
    tifffile.imwrite(folder / "plain.tif", array, photometric="rgb", metadata=None)
    np.save(folder / "strange.npy", array.astype(complex))
    return folder


ANSWERS: list[str] = []
"""To the offers to share a picture; of the module, which Dask does not send copies of."""


def note_and_join(offered: Reply, *rest: Any) -> Reply:
    ANSWERS.append(offered["status"])
    return join_there(offered, *rest)


def lose_a_piece(offered: Reply, token: str, treatment: bytes, task: Task, *rest: Any) -> Reply:
    assert isinstance(task.share, Piece)
    if task.share.number == 2:
        return failure(ConvfilterError("it was lost"))
    return make_piece_there(offered, token, treatment, task, *rest)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every picture count as large; return what is answered to the offers to share it."""
    ANSWERS.clear()
    monkeypatch.setattr(cluster, "OFFERED_BYTES", 1)
    monkeypatch.setattr(cluster, "SHARED_BYTES", 1)
    monkeypatch.setattr(cluster, "join_there", note_and_join)
    return ANSWERS


def test_large_pictures_are_filtered_by_several_with_the_same_result(
    tmp_path: Path, answers: list[str]
) -> None:
    inputs = [write_large(tmp_path / "in")]
    expected = run(Workers(2), tmp_path / "here", inputs)
    assert len(expected[0]) == 4
    assert run(Cluster(None, 2), tmp_path / "there", inputs) == expected
    assert sorted(answers) == ["failed", "failed", "shared", "shared", "shared", "written"]


def test_a_piece_that_fails_is_a_failed_file_and_leaves_nothing(
    tmp_path: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "make_piece_there", lose_a_piece)
    inputs = [write_large(tmp_path / "in")]
    written, lines = run(Cluster(None, 2), tmp_path / "there", inputs)
    assert sorted(written) == ["photo.png"]
    assert sum("it was lost" in line for line in lines.values()) == answers.count("shared") == 3


def test_what_was_put_together_is_kept_until_the_reply_is_here(
    tmp_path: Path, answers: list[str]
) -> None:
    folder = write_large(tmp_path / "in")
    sources = discover([str(folder / "array.npy")])
    (tmp_path / "out").mkdir()
    with Cluster(None, 1) as engine:
        engine.start(TREATMENT, None)
        promise = engine.submit(Task(sources[0], str(tmp_path / "out" / "array.npy")))
        done = threading.Event()
        promise.add_done_callback(lambda _: done.set())
        assert done.wait(60)
        # If the reply is lost now, Dask has all of it done again.
        assert len(list((tmp_path / "out").iterdir())) == 2
        assert promise.result()["status"] == "written"
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["array.npy"]
    assert answers == ["shared"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_a_local_cluster_listens_on_the_loopback_only() -> None:
    script = (
        "import os, pathlib\n"
        "from convfilter.batch.cluster import Cluster\n"
        "with Cluster(None, 1):\n"
        "    ours = {os.readlink(f) for f in pathlib.Path('/proc/self/fd').iterdir()"
        " if f.is_symlink()}\n"
        "    for table in ('tcp', 'tcp6'):\n"
        "        for line in open(f'/proc/net/{table}').readlines()[1:]:\n"
        "            parts = line.split()\n"
        "            if parts[3] == '0A' and f'socket:[{parts[9]}]' in ours:\n"
        "                print(parts[1].split(':')[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"0100007F"}


def test_inputs_are_not_replaced_by_an_engine_that_may_do_a_file_twice(tmp_path: Path) -> None:
    (tmp_path / "disc.png").write_bytes((SAMPLES / "disc.png").read_bytes())
    treatment = Treatment(TREATMENT.kernels, writing=WriteOptions(overwrite=True))
    sources = discover([str(tmp_path)])
    prepared = Order(sources, [str(tmp_path)], Naming(str(tmp_path)), treatment).prepare()

    class Repeating(Workers):
        repeats = True

    with Repeating(1) as engine, pytest.raises(UsageError, match="must not replace its inputs"):
        prepared.run(engine, lambda *_: None)


@pytest.mark.parametrize("address", ["localhost:8786", "http://x:1", "tcp://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="no address of a scheduler"):
        Cluster(address, 1)


@pytest.mark.parametrize(
    ("address", "is_told"),
    [
        ("tls://far:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://localhost:8786", False),
        ("tcp://[::1]:8786", False),
        ("tcp://far:8786", True),
        ("tcp://10.0.0.1:8786", True),
    ],
)
def test_an_address_without_encryption_off_the_machine_is_told(address: str, is_told: bool) -> None:
    assert (exposure(address) is not None) == is_told


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    with pytest.raises(ConvfilterError, match="no scheduler answers at tcp:"):
        Cluster("tcp://127.0.0.1:9", 1)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.split(".")[0] in ("dask", "distributed"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConvfilterError) as caught:
        Cluster(None, 1)
    assert caught.value.hint == "pip install 'convfilter[dask]'"


def test_workers_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # The local cluster's worker lives in this process, so only what is asked can be changed.
    monkeypatch.setattr(cluster, "version_there", lambda: "0.0.1")
    with pytest.raises(ConvfilterError, match="the workers have convfilter 0"):
        Cluster(None, 1)


class Lost:
    """A future of Dask whose workers were lost."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def result(self) -> Any:
        raise self._error


def test_a_file_whose_workers_are_lost_again_and_again_is_a_failed_file() -> None:
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker, WorkerState

    task = Task(discover([str(SAMPLES / "disc.png")])[0], "/out/disc.png")
    killed = KilledWorker("key", WorkerState.__new__(WorkerState), 3)
    lost = DaskPromise(Lost(killed), task).result()
    assert lost["status"] == "failed"
    assert "Dask workers were lost" in lost["error"]["cause"]
    gone = DaskPromise(Lost(FutureCancelledError("key", "lost")), task)
    with pytest.raises(ConvfilterError, match="scheduler has ended"):
        gone.result()


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Return the address of a scheduler, and two workers, each started as one would."""
    known = tmp_path / "scheduler.json"
    module = [sys.executable, "-m", "distributed.cli.dask_{}", "--host", "127.0.0.1"]

    def start(kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [part.format(kind) for part in module]
        return subprocess.Popen([*command, "--no-dashboard", *options], stderr=subprocess.DEVNULL)

    def is_known() -> bool:
        assert scheduler.poll() is None
        return known.exists() and known.read_bytes().endswith(b"}")

    scheduler = start("scheduler", "--port", "0", "--scheduler-file", str(known))
    workers = []
    try:
        until(is_known)
        address = json.loads(known.read_text())["address"]
        workers = [start("worker", "--nthreads", "1", "--no-nanny", address) for _ in range(2)]
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


@pytest.mark.soak
def test_a_scheduler_and_two_workers_started_by_hand_give_the_same(
    tmp_path: Path, by_hand: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    expected = run(Workers(2), tmp_path / "processes")
    assert run(Cluster(by_hand[0], 1), tmp_path / "cluster") == expected


@pytest.mark.soak
def test_a_dask_worker_that_stands_still_holds_nobody_up(
    by_hand: tuple[str, list[subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, workers = by_hand
    with Cluster(address, 1) as engine:
        engine._client.wait_for_workers(2, timeout=60)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 5)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    workers[0].send_signal(signal.SIGSTOP)
    with pytest.raises(ConvfilterError, match="a worker of the cluster does not answer"):
        Cluster(address, 1)
    workers[0].send_signal(signal.SIGCONT)


@pytest.mark.soak
def test_a_large_picture_outlives_one_of_the_dask_workers_that_share_it(
    tmp_path: Path,
    by_hand: tuple[str, list[subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "OFFERED_BYTES", 1)
    monkeypatch.setattr(cluster, "SHARED_BYTES", 1)
    address, workers = by_hand
    (tmp_path / "in").mkdir()
    array = np.random.default_rng(3).integers(0, 65536, (6000, 2000, 3), dtype=np.uint16)
    np.save(tmp_path / "in" / "large.npy", array)
    inputs = [tmp_path / "in"]
    expected = run(Workers(2), tmp_path / "here", inputs)
    folder = tmp_path / "there" / "out"

    def kill_one_in_time() -> None:
        until(lambda: any(path.stat().st_size for path in folder.glob(".convfilter-*")))
        workers[0].kill()

    killer = threading.Thread(target=kill_one_in_time, daemon=True)
    killer.start()
    assert run(Cluster(address, 1), tmp_path / "there", inputs) == expected
    killer.join(10)
    assert not killer.is_alive()
    assert workers[0].wait() == -signal.SIGKILL


@pytest.mark.soak
def test_a_lost_dask_worker_costs_no_file(
    tmp_path: Path, by_hand: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(60):
        (tmp_path / "in" / f"{number}.jpg").write_bytes((SAMPLES / "scene.jpg").read_bytes())
    address, workers = by_hand
    order = Order(
        discover([str(tmp_path / "in")]), [], Naming(str(tmp_path / "out")), TREATMENT
    ).prepare()
    statuses: list[str] = []

    def tell(_task: Task, reply: dict[str, Any], _line: object) -> None:
        statuses.append(reply["status"])
        if len(statuses) == 5:
            workers[0].kill()

    with Cluster(address, 1) as engine:
        summary = order.run(engine, tell)
    assert statuses == ["written"] * 60
    assert (summary.written, summary.failed) == (60, 0)
    assert len(list((tmp_path / "out").iterdir())) == 60
