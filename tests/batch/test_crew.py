"""Worker processes: what happens to one is one failed file."""

import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import cast

import pytest

from convfilter import temporary
from convfilter.batch import processes
from convfilter.batch.crew import AHEAD_BYTES, Crew, Worker
from convfilter.batch.discover import Source
from convfilter.batch.perform import Reply, Treatment, perform
from convfilter.batch.processes import Copy
from convfilter.batch.targets import Task
from convfilter.errors import ConvfilterError
from convfilter.kernel import Kernel
from tests.conftest import SAMPLES
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

TREATMENT = pickle.dumps(Treatment((Kernel([[1, 1, 1]], divisor=3),)))


# Some of pytest's threads may be there: a copy is safe all the same as long as they are idle.
@pytest.fixture(
    params=[
        "fresh",
        pytest.param("copy", marks=pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")),
    ]
)
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Return a worker process, begun in either way."""
    if request.param == "copy" and not sys.platform.startswith("linux"):
        pytest.skip("copies are made on Linux only")
    monkeypatch.setattr(processes, "may_copy", lambda: request.param == "copy")
    one = Worker()
    assert isinstance(one._process, Copy) == (request.param == "copy")
    yield one
    one.end()


def do(worker: Worker, task: Task, timeout: float | None = None) -> Reply:
    """Let a worker do a task to its end."""
    return worker.settle(perform_in(worker, task, timeout))


def perform_in(worker: Worker, task: Task, timeout: float | None = None) -> Reply:
    worker.send(TREATMENT, task)
    return worker.perform(timeout)


def task_in(folder: Path, name: str = "a.png") -> Task:
    path = SAMPLES / "square-10x10.png"
    return Task(Source(str(path), name, path.stat()), str(folder / name))


def pid_of(worker: Worker) -> int:
    return worker._process.pid


def test_a_worker_is_kept_over_files(worker: Worker, tmp_path: Path) -> None:
    replies = [do(worker, task_in(tmp_path, f"{n}.png")) for n in range(3)]
    pid = pid_of(worker)
    again = do(worker, task_in(tmp_path, "0.png"))
    assert [reply["status"] for reply in replies] == ["written"] * 3
    assert again["error"]["what"].endswith("exists")
    assert pid_of(worker) == pid


def test_another_treatment_is_taken(worker: Worker, tmp_path: Path) -> None:
    other = pickle.dumps(Treatment((Kernel([[1]], name="other"),)))
    do(worker, task_in(tmp_path, "a.png"))
    worker.send(other, task_in(tmp_path, "b.png"))
    reply = worker.perform(None)
    assert reply["kernels"] == ["other"]


def test_a_worker_that_is_killed_between_files_is_replaced(worker: Worker, tmp_path: Path) -> None:
    assert do(worker, task_in(tmp_path, "a.png"))["status"] == "written"
    os.kill(pid_of(worker), signal.SIGKILL)
    os.waitid(os.P_PID, pid_of(worker), os.WEXITED | os.WNOWAIT)
    assert do(worker, task_in(tmp_path, "b.png"))["status"] == "written"


def while_at_work(worker: Worker, act: Callable[[int], None]) -> threading.Thread:
    """Act on the process when it has begun a task."""

    def wait_and_act() -> None:
        until(lambda: worker._written)
        act(pid_of(worker))

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def stopped(worker: Worker, tmp_path: Path) -> None:
    """Stop a worker that has begun nothing yet, so that its next task never ends."""
    do(worker, task_in(tmp_path, "first.png"))
    os.kill(pid_of(worker), signal.SIGSTOP)


@pytest.mark.parametrize(
    ("sent", "cause"),
    [(signal.SIGKILL, "memory ran out"), (signal.SIGSEGV, "crashed: SIGSEGV")],
)
def test_a_worker_that_dies_is_one_failed_file_and_replaced(
    worker: Worker, tmp_path: Path, sent: signal.Signals, cause: str
) -> None:
    stopped(worker, tmp_path)
    dead = pid_of(worker)
    left = tmp_path / f".convfilter-{temporary._host()}-{dead}-0123456789ab.tmp"
    left.write_bytes(b"half")

    def strike(pid: int) -> None:
        os.kill(pid, sent)
        os.kill(pid, signal.SIGCONT)

    thread = while_at_work(worker, strike)
    reply = do(worker, task_in(tmp_path))
    thread.join()
    assert reply["status"] == "failed"
    assert cause in reply["error"]["cause"]
    assert not left.exists()
    assert pid_of(worker) != dead
    assert do(worker, task_in(tmp_path))["status"] == "written"


def test_a_stopped_worker_is_late_and_replaced(tmp_path: Path) -> None:
    crew = Crew(1)
    try:
        stopped(crew.workers[0], tmp_path)
        began = time.monotonic()
        reply = crew.perform(TREATMENT, task_in(tmp_path), 0.3)
        assert time.monotonic() - began < 5
        assert "longer than 0.3 seconds" in reply["error"]["cause"]
        assert "--timeout" in reply["error"]["hint"]
        assert crew.perform(TREATMENT, task_in(tmp_path), 60)["status"] == "written"
    finally:
        crew.end()


def test_time_that_the_program_stood_still_is_excused(worker: Worker) -> None:
    worker._deadline = 10.0
    worker.check_deadline(now=12.0, excuse=5.0)
    assert worker._process.poll() is None
    worker.check_deadline(now=16.0, excuse=0.0)
    assert worker._process.wait() == -signal.SIGKILL


def test_a_worker_without_memory_says_so_and_is_replaced(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(_self: object) -> dict[str, object]:
        return perform(treatment, task)

    def fail(_job: object) -> None:
        raise MemoryError

    treatment, task = pickle.loads(TREATMENT), task_in(tmp_path)  # noqa: S301
    do(worker, task_in(tmp_path, "first.png"))
    before = pid_of(worker)
    with monkeypatch.context() as patched:
        patched.setattr("convfilter.job.run_job", fail)
        patched.setattr(Worker, "_receive", short)
        patched.setattr(processes, "may_copy", lambda: False)  # a copy would fail as well
        reply = perform_in(worker, task)
    assert reply["error"]["cause"] == "memory ran out"
    assert pid_of(worker) != before
    assert do(worker, task)["status"] == "written"


def test_ended_workers_stay_ended(tmp_path: Path) -> None:
    crew = Crew(1)
    (worker,) = crew.workers
    stopped(worker, tmp_path)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            crew.perform(TREATMENT, task_in(tmp_path), None)
        except CancelledError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: worker._written)
    crew.end()
    thread.join(10)
    assert raised
    assert worker._process.poll() is not None


def test_workers_that_cannot_start_end_the_batch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "may_copy", lambda: False)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    one = Worker()
    with pytest.raises(ConvfilterError, match="no worker can be started"):
        perform_in(one, task_in(tmp_path))
    one.end()


def test_three_starts_are_tried_after_a_worker_that_died_idle(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    do(worker, task_in(tmp_path, "a.png"))
    os.kill(pid_of(worker), signal.SIGKILL)
    os.waitid(os.P_PID, pid_of(worker), os.WEXITED | os.WNOWAIT)
    starts: list[bool] = []

    def start() -> object:
        starts.append(True)
        if len(starts) < 3:
            pipe = subprocess.PIPE
            return subprocess.Popen(["/bin/false"], stdin=pipe, stdout=pipe)
        return processes.start_process()

    monkeypatch.setattr("convfilter.batch.crew.start_process", start)
    assert do(worker, task_in(tmp_path, "b.png"))["status"] == "written"
    assert len(starts) == 3


def test_a_system_that_starts_no_process_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(processes, "may_copy", lambda: False)
    one = Worker()
    monkeypatch.setattr(processes, "_Fresh", refuse)
    stopped(one, tmp_path)
    one.send(TREATMENT, task_in(tmp_path))
    os.kill(pid_of(one), signal.SIGKILL)
    assert one.perform(None)["status"] == "failed"  # it is told nevertheless
    with pytest.raises(ConvfilterError, match="Resource temporarily unavailable"):
        perform_in(one, task_in(tmp_path))
    with pytest.raises(ConvfilterError, match="no worker can be started"):
        Worker()
    one.end()


def test_nothing_of_the_current_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "may_copy", lambda: False)
    one = Worker()
    assert perform_in(one, task_in(tmp_path), 60)["status"] == "written"
    one.end()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize("state", [signal.SIGCONT, signal.SIGSTOP])
def test_no_worker_outlives_a_parent_that_is_killed(state: signal.Signals) -> None:
    script = (
        "import os, signal, time\n"
        "from convfilter.batch.crew import Worker\n"
        "worker = Worker()\n"
        "worker._make_ready()\n"
        "print(worker._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    os.kill(pid, state)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    status = Path(f"/proc/{pid}/stat")
    until(lambda: not status.exists() or ") Z " in status.read_text())


def test_a_worker_that_dies_takes_no_result_of_before_with_it(
    worker: Worker, tmp_path: Path
) -> None:
    unsettled = perform_in(worker, task_in(tmp_path, "a.png"))
    stopped(worker, tmp_path)
    thread = while_at_work(worker, lambda pid: os.kill(pid, signal.SIGKILL))
    assert perform_in(worker, task_in(tmp_path, "b.png"))["status"] == "failed"
    thread.join()
    assert worker.settle(unsettled)["status"] == "written"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "first.png"]


def test_a_result_that_cannot_be_put_in_its_place_is_a_failed_file(
    worker: Worker, tmp_path: Path
) -> None:
    unsettled = perform_in(worker, task_in(tmp_path))
    (tmp_path / "a.png").write_bytes(b"theirs")
    reply = worker.settle(unsettled)
    assert reply["status"] == "failed"
    assert "appeared meanwhile" in reply["error"]["cause"]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"theirs"]


def test_a_task_sent_ahead_is_done_without_being_sent_again(worker: Worker, tmp_path: Path) -> None:
    first, second = task_in(tmp_path, "a.png"), task_in(tmp_path, "b.png")
    assert do(worker, task_in(tmp_path, "0.png"))["status"] == "written"
    for task in (first, second):
        worker.send(TREATMENT, task)
    assert worker._written == 2
    replies = [worker.settle(worker.perform(None)) for _ in range(2)]
    assert [reply["status"] for reply in replies] == ["written"] * 2
    assert not worker._written
    assert do(worker, task_in(tmp_path, "c.png"))["status"] == "written"


def test_a_task_sent_ahead_of_a_death_is_done_by_the_next_process(
    worker: Worker, tmp_path: Path
) -> None:
    first, second = task_in(tmp_path, "a.png"), task_in(tmp_path, "b.png")
    stopped(worker, tmp_path)
    thread = while_at_work(worker, lambda pid: os.kill(pid, signal.SIGKILL))
    for task in (first, second):
        worker.send(TREATMENT, task)
    assert worker.perform(None)["status"] == "failed"
    thread.join()
    assert worker.settle(worker.perform(None))["status"] == "written"
    assert (tmp_path / "b.png").exists()


def test_a_task_that_a_short_pipe_may_not_hold_is_not_sent_ahead(
    worker: Worker, tmp_path: Path
) -> None:
    do(worker, task_in(tmp_path, "0.png"))
    long = Task(Source(f"/{'x/' * AHEAD_BYTES}", "x"), str(tmp_path / "x.png"))
    for task in (task_in(tmp_path), long):
        worker.send(TREATMENT, task)
    assert worker._written == 1
    replies = [worker.settle(worker.perform(60)) for _ in range(2)]
    assert [reply["status"] for reply in replies] == ["written", "failed"]


def test_what_a_killed_process_wrote_for_a_task_sent_ahead_is_removed(
    worker: Worker, tmp_path: Path
) -> None:
    (tmp_path / "y").mkdir()
    first, second = task_in(tmp_path, "a.png"), task_in(tmp_path / "y", "b.png")
    stopped(worker, tmp_path)
    left = tmp_path / "y" / f".convfilter-{temporary._host()}-{pid_of(worker)}-0123456789ab.tmp"
    left.write_bytes(b"half")
    for task in (first, second):
        worker.send(TREATMENT, task)
    os.kill(pid_of(worker), signal.SIGKILL)
    assert worker.perform(None)["status"] == "failed"
    assert not left.exists()
    assert worker.settle(worker.perform(None))["status"] == "written"


def test_a_reply_that_comes_with_the_deadline_counts_and_the_next_task_is_done(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png"):
        worker.send(TREATMENT, task_in(tmp_path, name))
    worker._make_ready()
    worker._write_given()
    cast("io.BufferedReader", worker._process.stdout).peek()
    dead = pid_of(worker)
    receive = worker._receive

    def late() -> Reply | None:
        worker._deadline = 0.0
        worker.check_deadline(now=1.0, excuse=0.0)
        monkeypatch.setattr(worker, "_receive", receive)
        return receive()

    monkeypatch.setattr(worker, "_receive", late)
    replies = [worker.settle(worker.perform(60)) for _ in range(2)]
    assert [reply["status"] for reply in replies] == ["written"] * 2
    assert pid_of(worker) != dead


def test_a_reply_told_before_a_death_counts(worker: Worker, tmp_path: Path) -> None:
    first, second = task_in(tmp_path, "a.png"), task_in(tmp_path, "b.png")
    do(worker, first)
    worker.send(TREATMENT, second)
    cast("io.BufferedReader", worker._process.stdout).peek()  # the second's reply has come
    os.kill(pid_of(worker), signal.SIGKILL)
    os.waitid(os.P_PID, pid_of(worker), os.WEXITED | os.WNOWAIT)
    worker.send(TREATMENT, task_in(tmp_path, "c.png"))
    replies = [worker.settle(worker.perform(None)) for _ in range(2)]
    assert [reply["status"] for reply in replies] == ["written"] * 2
