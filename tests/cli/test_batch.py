"""``convfilter batch`` as a user sees it: its files, its words, its codes."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from convfilter import open_picture
from tests.conftest import SAMPLES, Program
from tests.waiting import until

SHELL = [sys.executable, "-m", "convfilter", "batch"]
SQUARE = SAMPLES / "square-10x10.png"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return a folder with a tree of small pictures."""
    folder = tmp_path / "in"
    for name in ("a.png", "b.png", "sub/c.png", "sub/deep/d.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(SQUARE.read_bytes())
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, hidden ones too."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def report_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return a report's lines by the names of the inputs."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({line["input"] for line in lines}) == len(lines)
    return {os.path.basename(line["input"]): line for line in lines}


def shell(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own."""
    command = [*SHELL, *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)


def test_a_tree_is_mirrored_and_the_summary_tells(
    program: Program, pictures: Path, tmp_path: Path
) -> None:
    done = program("batch", pictures, "-r", "-o", tmp_path / "out", "-k", "blur3", "-j", 2)
    assert done.exit_code == 0, done.stderr
    assert tree(tmp_path / "out").keys() == tree(pictures).keys()
    assert re.fullmatch(
        r"done: 4 done, 0 skipped, 0 failed; 0\.0 Mpx in \d+\.\d s, \d+\.\d files/s\n", done.stderr
    )
    assert done.stdout == ""


def test_every_result_is_what_apply_makes(program: Program, pictures: Path, tmp_path: Path) -> None:
    options = ["-k", "sobel-x", "-k", "blur3", "--stride", "2", "--border", "wrap", "-f", "tiff"]
    assert program("batch", pictures, "-o", tmp_path / "out", *options).exit_code == 0
    assert program("apply", pictures / "a.png", tmp_path / "a.tif", *options).exit_code == 0
    assert (tmp_path / "out/a.tif").read_bytes() == (tmp_path / "a.tif").read_bytes()


def test_every_option_of_apply_is_one_of_batch(program: Program) -> None:
    options = re.compile(r"^ +(?:-\w, )?(--[\w-]+)", re.MULTILINE)
    apply, batch = (
        set(options.findall(program(command, "--help").stdout)) for command in ("apply", "batch")
    )
    assert len(apply) > 20
    assert apply - {"--preview"} <= batch


def test_a_dry_run_tells_the_targets_and_touches_nothing(
    program: Program, pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = program(
        "batch",
        pictures,
        "-o",
        out,
        "-k",
        "blur3",
        "--name",
        "{stem}-{kernel}{suffix}",
        "--dry-run",
    )
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{pictures}/{name}.png → {out}/{name}-blur3.png" for name in "ab"
    ]
    assert not out.exists()
    done = program("batch", pictures, "-o", out, "-k", "blur3", "--dry-run", "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"input": f"{pictures}/{name}.png", "output": f"{out}/{name}.png", "status": "planned"}
        for name in "ab"
    ]


def test_lists_of_files_are_read(program: Program, pictures: Path, tmp_path: Path) -> None:
    names = "\0".join([str(pictures / "a.png"), str(pictures / "gone.png"), ""])
    options = ["-o", tmp_path / "out", "-k", "blur3"]
    done = program("batch", "--files-from", "-", "-0", *options, stdin=names.encode())
    assert done.exit_code == 3
    assert "gone.png does not exist" in done.stderr
    assert tree(tmp_path / "out").keys() == {"a.png"}


def test_a_cluster_gives_the_same_files_report_and_code(
    program: Program, pictures: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    (pictures / "bad.png").write_bytes(b"bad")
    found = []
    for engine in ("processes", "dask"):
        out, report = tmp_path / engine, tmp_path / f"{engine}.jsonl"
        options = ["-r", "-o", out, "-k", "edge", "--report", report, "--engine", engine, "-j", 2]
        done = program("batch", pictures, *options)
        assert done.exit_code == 3, done.stderr
        lines = report_of(report)
        for line in lines.values():
            line.update(seconds=0, output=os.path.relpath(line["output"], out))
        found.append((tree(out), lines))
    assert found[0] == found[1]


class TestKeepingGoing:
    def test_the_others_are_done_the_failure_told_and_the_code_is_3(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        (pictures / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        report = tmp_path / "report.jsonl"
        done = program("batch", pictures, "-o", tmp_path / "out", "-k", "blur3", "--report", report)
        assert done.exit_code == 3
        assert f"failed: {pictures}/bad.png cannot be decoded as PNG; " in done.stderr
        assert "2 done, 0 skipped, 1 failed" in done.stderr
        assert tree(tmp_path / "out").keys() == {"a.png", "b.png"}
        lines = report_of(report)
        assert lines["bad.png"]["error"]["what"].endswith("cannot be decoded as PNG")
        assert [lines[name]["status"] for name in ("a.png", "b.png")] == ["written"] * 2

    def test_fail_fast(self, program: Program, pictures: Path, tmp_path: Path) -> None:
        (pictures / "a.png").write_bytes(b"bad")
        options = ["-o", tmp_path / "out", "-k", "blur3", "-j", 1, "--fail-fast"]
        done = program("batch", pictures, "-r", *options)
        assert done.exit_code == 3
        assert "0 done, 0 skipped, 1 failed, 3 left; " in done.stderr
        assert not tree(tmp_path / "out")

    def test_every_failure_names_its_file(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        Image.new("RGBA", (4, 4)).save(pictures / "clear.png")
        done = program("batch", pictures, "-o", tmp_path / "out", "-k", "blur3", "-f", "jpeg")
        assert done.exit_code == 3
        assert f"failed: {pictures}/clear.png: JPEG cannot hold" in done.stderr

    def test_quiet_leaves_failures_only(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        (pictures / "a.png").write_bytes(b"bad")
        done = program("batch", pictures, "-o", tmp_path / "out", "-k", "blur3", "-q")
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("failed: ")

    def test_json_is_a_line_a_file_and_a_summary(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        done = program("batch", pictures, "-o", tmp_path / "out", "-k", "blur3", "--json", "-q")
        *lines, last = map(json.loads, done.stdout.splitlines())
        assert {line["output"] for line in lines} == {str(tmp_path / f"out/{n}.png") for n in "ab"}
        assert last["summary"]["written"] == 2
        assert {line["schema"] for line in (*lines, last)} == {1}

    def test_clipping_is_hinted_at_once(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        options = ["-o", tmp_path / "out", "-k", "sobel-x", "--range", "clip"]
        done = program("batch", pictures, *options)
        assert done.stderr.count("hint: ") == 1
        assert "(so with 1 others)" in done.stderr


class TestHostileNames:
    @pytest.mark.skipif(os.name == "nt", reason="files of POSIX")
    def test_the_others_all_finish_and_the_report_names_each(
        self, pictures: Path, tmp_path: Path
    ) -> None:
        square = SQUARE.read_bytes()
        good = [b"x" * 251 + b".png", b"new\nline.png", b"\xff\xfe.png", b"-k.png", b"\x1b[2J.png"]
        for name in good:
            Path(os.fsdecode(os.fsencode(pictures) + b"/" + name)).write_bytes(square)
        os.mkfifo(pictures / "fifo.png")
        (pictures / "loop.png").symlink_to("loop.png")
        (pictures / "device.png").symlink_to("/dev/zero")
        (pictures / "folder").symlink_to(".")
        with socket.socket(socket.AF_UNIX) as bound:
            os.chdir(pictures)  # the path of a socket is short
            bound.bind("socket.png")
        bad = {"fifo.png", "loop.png", "device.png", "socket.png"}
        if os.geteuid():
            (pictures / "locked.png").write_bytes(square)
            (pictures / "locked.png").chmod(0)
            bad.add("locked.png")
        report = tmp_path / "report.jsonl"
        done = shell(pictures, "-o", tmp_path / "out", "-k", "blur3", "--report", report)
        assert done.returncode == 3, done.stderr
        assert b"\x1b" not in done.stderr
        assert b"Traceback" not in done.stderr
        lines = report_of(report)
        assert {name for name, line in lines.items() if line["error"]} == bad
        written = {name for name, line in lines.items() if line["status"] == "written"}
        assert written == {"a.png", "b.png", *map(os.fsdecode, good)}
        assert {path.name for path in (tmp_path / "out").iterdir()} == written

    def test_a_name_that_becomes_too_long_is_one_failed_file(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        (pictures / ("x" * 251 + ".png")).write_bytes(SQUARE.read_bytes())
        options = ["-o", tmp_path / "out", "-k", "blur3", "--name", "{stem}-{kernel}{suffix}"]
        done = program("batch", pictures, *options)
        assert done.exit_code == 3
        assert "name too long" in done.stderr
        assert len(tree(tmp_path / "out")) == 2


MISTAKES = [
    (["{in}", "-k", "blur3"], 2, "-o DIR"),
    (["-o", "{out}", "-k", "blur3"], 2, "no input"),
    (["{in}", "-o", "{out}"], 2, "no kernel"),
    (["{in}x", "-o", "{out}", "-k", "blur3"], 2, "did you mean in"),
    (["{in}/*.gif", "-o", "{out}", "-k", "blur3"], 2, "nothing matches"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--resume"], 2, "--report FILE"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--resume", "--report", "-"], 2, "--report FILE"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--name", "{{stm}}"], 2, "did you mean stem"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--timeout", "0"], 2, "--timeout"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--scheduler", "tcp://x:1"], 2, "--engine dask"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--files-from", "{in}/no"], 2, "cannot be read"),
    (["{in}", "-o", "{in}", "-k", "blur3"], 1, "is an input"),
    (["{in}", "-o", "{in}", "-k", "blur3", "--name", "x{{stem}}.png"], 1, "is an input folder"),
    (["{in}", "{in}/sub", "-o", "{out}", "-k", "blur3", "--name", "x.png"], 1, "both become"),
    (["{in}", "-o", "{in}/a.png", "-k", "blur3"], 1, "cannot be made"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "{in}"], 1, "a folder"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "-", "--json"], 2, "leave one of them"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "{in}/no/r"], 1, "cannot be written"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "{in}/a.png", "--force"], 1, "an input"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "{in}/../in/b.png", "--force"], 1, "input"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--report", "{out}/a.png"], 1, "is a result"),
    (["-o", "{out}", "-k", "blur3", "--files-from", "{in}/a.png"], 2, "add -0"),
    (["{in}", "-o", "-", "-k", "blur3"], 2, "no folder"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--timeout", "nan"], 2, "no number"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--name", "{{stem.png"], 2, "brace"),
    (["{in}", "-o", "{out}", "-k", "blur3", "--kernel-path", ""], 2, "--kernel-path is empty"),
]


@pytest.mark.parametrize(("arguments", "code", "word"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_gets_one_message_the_right_code_and_does_nothing(
    program: Program, pictures: Path, tmp_path: Path, arguments: list[str], code: int, word: str
) -> None:
    before = tree(tmp_path)
    places = {"in": pictures, "out": tmp_path / "out"}
    done = program("batch", *(argument.format(**places) for argument in arguments))
    assert done.exit_code == code, done.stderr
    lines = done.stderr.splitlines()
    assert 1 <= len(lines) <= 3
    assert lines[0].startswith("error: ")
    assert word in done.stderr
    assert tree(tmp_path) == before


class TestResuming:
    def test_what_is_done_is_left_out_and_the_rest_made_again(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        report = tmp_path / "report.jsonl"
        command = ["batch", pictures, "-r", "-o", tmp_path / "out", "--report", report, "-k"]
        (pictures / "bad.png").write_bytes(b"bad")
        assert program(*command, "blur3").exit_code == 3
        whole = tree(tmp_path / "out")
        kept = (tmp_path / "out/a.png").stat().st_mtime_ns
        assert program(*command, "blur3").exit_code == 1  # the outputs exist
        (tmp_path / "out/b.png").unlink()
        (pictures / "bad.png").write_bytes(SQUARE.read_bytes())
        done = program(*command, "blur3", "--resume")
        assert "2 done, 3 skipped, 0 failed" in done.stderr
        assert tree(tmp_path / "out") == whole | {"bad.png": whole["a.png"]}
        assert (tmp_path / "out/a.png").stat().st_mtime_ns == kept
        assert all(line["error"] is None for line in report_of(report).values())
        again = program(*command, "edge", "--resume")
        assert "5 done, 0 skipped, 0 failed" in again.stderr
        assert tree(tmp_path / "out") != whole

    def test_what_nobody_reported_is_accepted_if_it_is_what_would_be_made(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        report = tmp_path / "report.jsonl"
        command = ["batch", pictures, "-o", tmp_path / "out", "--report", report, "-k", "blur3"]
        assert program(*command).exit_code == 0
        report.write_bytes(report.read_bytes()[:-20])  # killed behind the last rename
        (tmp_path / "out/a.png").touch()
        assert program(*command, "--resume").exit_code == 0
        report.unlink()
        (tmp_path / "out/b.png").write_bytes(b"somebody else's")
        done = program(*command, "--resume")
        assert done.exit_code == 3
        assert "1 done, 0 skipped, 1 failed" in done.stderr
        assert (tmp_path / "out/b.png").read_bytes() == b"somebody else's"

    def test_replaced_inputs_cannot_be_resumed(
        self, program: Program, pictures: Path, tmp_path: Path
    ) -> None:
        command = ["batch", pictures, "-o", pictures, "-k", "edge", "--force"]
        command += ["--report", tmp_path / "report.jsonl"]
        assert program(*command).exit_code == 0
        assert open_picture(pictures / "a.png").array.tolist()
        done = program(*command, "--resume")
        assert done.exit_code == 2
        assert "originals are gone" in done.stderr


def test_existing_outputs_are_refused_skipped_or_replaced(
    program: Program, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_bytes(b"mine")
    command = ["batch", pictures, "-o", tmp_path / "out", "-k", "blur3"]
    assert program(*command).exit_code == 1
    assert tree(tmp_path / "out") == {"a.png": b"mine"}
    assert "1 done, 1 skipped" in program(*command, "--skip-existing").stderr
    assert (tmp_path / "out/a.png").read_bytes() == b"mine"
    assert "2 done, 0 skipped" in program(*command, "--force").stderr


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_and_times_are_kept(program: Program, pictures: Path, tmp_path: Path) -> None:
    (pictures / "a.png").chmod(0o600)
    os.utime(pictures / "a.png", ns=(10**18, 10**18))
    options = ["-o", tmp_path / "out", "-k", "blur3", "--keep-times"]
    assert program("batch", pictures, *options).exit_code == 0
    status = (tmp_path / "out/a.png").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o600, 10**18)


def test_stale_temporary_files_are_swept(program: Program, pictures: Path, tmp_path: Path) -> None:
    from convfilter import temporary

    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    (tmp_path / "out").mkdir()
    stale = tmp_path / "out" / f".convfilter-{temporary._host()}-{ended.pid}-0123456789ab.tmp"
    stale.write_bytes(b"half")
    assert program("batch", pictures, "-o", tmp_path / "out", "-k", "blur3").exit_code == 0
    assert tree(tmp_path / "out").keys() == {"a.png", "b.png"}


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_results_for_which_there_is_no_room_are_failed_files(
    pictures: Path, tmp_path: Path
) -> None:
    """A limit on the size of files makes writing fail as a full disk does."""
    for name in ("big.jpg", "sub/big.jpg"):
        (pictures / name).write_bytes((SAMPLES / "scene.jpg").read_bytes())
    report = tmp_path / "report.jsonl"
    command = [*SHELL, pictures, "-r", "-o", tmp_path / "out", "-k", "blur3", "--report", report]
    limited = ["/bin/sh", "-c", 'ulimit -f 16; exec "$0" "$@"', *map(str, command)]
    done = subprocess.run(limited, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count(b"failed: ") == 2
    assert b"big.jpg cannot be written; File too large" in done.stderr
    assert len(tree(tmp_path / "out")) == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_report_that_cannot_be_written_ends_the_batch(pictures: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*SHELL, pictures, "-o", tmp_path / "out", "-k", "blur3", "--report", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr


def test_a_closed_pipe_is_quiet(pictures: Path, tmp_path: Path) -> None:
    command = subprocess.Popen(
        [*SHELL, pictures, "-o", tmp_path / "out", "-k", "blur3", "--json", "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    assert command.stderr
    command.stdout.close()
    assert command.stderr.read() == b""
    command.stderr.close()
    assert command.wait() == 1


def test_progress_is_for_terminals(pictures: Path, tmp_path: Path) -> None:
    master, terminal = os.openpty()
    try:
        done = subprocess.run(
            [*SHELL, pictures, "-o", tmp_path / "out", "-k", "blur3"],
            stderr=terminal,
            env=os.environ | {"TERM": "xterm"},
            check=False,
        )
        shown = os.read(master, 65536).decode()
    finally:
        os.close(master)
        os.close(terminal)
    assert done.returncode == 0
    assert "2/2" in shown
    assert "2 done" in shown


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[list[str]]:
    """Return a command that has some seconds to do, and check that nothing of it stays."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(200):
        os.link(_scene(tmp_path), folder / f"{number}.jpg")
    yield [*SHELL, str(folder), "-o", str(tmp_path / "out"), "-k", "blur9", "-j", "2"]
    left = [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
    assert left == []
    assert not _processes_of(tmp_path)


def _scene(folder: Path) -> Path:
    copy = folder / "scene.jpg"
    if not copy.exists():
        copy.write_bytes((SAMPLES / "scene.jpg").read_bytes())
    return copy


def _processes_of(folder: Path) -> list[str]:
    """Return the processes that work in a folder, by their open files and arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(folder) in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def _workers_of(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _has_begun(process: subprocess.Popen[bytes], out: Path) -> bool:
    """Tell whether a batch that is under way has written a few files."""
    assert process.poll() is None
    return out.exists() and len(list(out.iterdir())) >= 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
class TestSignals:
    @pytest.mark.parametrize(
        ("signals", "code"),
        [([signal.SIGINT], 130), ([signal.SIGINT] * 2, 130), ([signal.SIGTERM], 143)],
        ids=str,
    )
    def test_they_end_the_batch_and_leave_no_process_and_no_half_file(
        self, slow: list[str], tmp_path: Path, signals: list[signal.Signals], code: int
    ) -> None:
        process = subprocess.Popen(slow, stderr=subprocess.PIPE, start_new_session=True)
        assert process.stderr
        until(lambda: _has_begun(process, tmp_path / "out"))
        workers = _workers_of(process.pid)
        assert len(workers) == 2
        told = b""
        for sent in signals:
            # As a terminal does it: to the whole group.
            os.killpg(process.pid, sent)
            if len(signals) > 1:
                told += process.stderr.readline()  # it was heard
        told += process.stderr.read()
        process.stderr.close()
        assert process.wait() == code, told
        assert b"Traceback" not in told
        if signals == [signal.SIGINT]:
            assert b" left; " in told
            assert told.endswith(b"error: interrupted\n")
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
        for path in (tmp_path / "out").glob("*.jpg"):
            assert open_picture(path).width == 960
