import os
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from convfilter import temporary
from convfilter.atomic import write_atomically


def left_by(folder: Path, *, pid: int, host: str | None = None, age: float = 0) -> Path:
    """Make a temporary file as a process leaves it that was killed while it wrote."""
    path = folder / f".convfilter-{host or temporary._host()}-{pid}-0123456789ab.tmp"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def ended_process() -> int:
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def test_only_temporary_files_whose_writer_is_gone_are_swept(tmp_path: Path) -> None:
    stale = [
        left_by(tmp_path, pid=ended_process()),
        left_by(tmp_path, pid=7, host="0" * 8, age=25 * 3600),
    ]
    kept = [
        left_by(tmp_path, pid=os.getpid()),
        left_by(tmp_path, pid=8, host="0" * 8, age=3600),
        tmp_path / ".convfilter-mine.tmp",
        tmp_path / "picture.jpg",
    ]
    for path in kept[2:]:
        path.write_bytes(b"theirs")
    assert temporary.remove_stale(str(tmp_path)) == len(stale)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    assert temporary.remove_stale(str(tmp_path / "nowhere")) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_a_writer_that_is_dead_and_not_yet_asked_after_is_gone(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    left_by(tmp_path, pid=process.pid)
    assert temporary.remove_stale(str(tmp_path)) == 1
    process.wait()


def test_the_temporary_files_of_a_killed_worker_are_removed_at_once(tmp_path: Path) -> None:
    other = left_by(tmp_path, pid=os.getpid() + 1)
    left_by(tmp_path, pid=os.getpid())
    assert temporary.remove_temporaries(str(tmp_path), os.getpid()) == 1
    assert list(tmp_path.iterdir()) == [other]


def test_a_writer_names_its_process_in_the_temporary_file(tmp_path: Path) -> None:
    def look(stream: BinaryIO) -> None:
        stream.write(b"whole")
        assert temporary.remove_stale(str(tmp_path)) == 0
        (found,) = tmp_path.iterdir()
        assert f"-{os.getpid()}-" in found.name

    write_atomically(str(tmp_path / "out"), look)


def test_a_file_that_somebody_will_settle_is_not_stale(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from convfilter.atomic import Attributes, settling_postponed, write_atomically\n"
        "with settling_postponed(os.getppid()):\n"
        "    write_atomically(sys.argv[1], lambda stream: None, attributes=Attributes(0o640))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "out")], check=True)
    assert temporary.remove_stale(str(tmp_path)) == 0
    (left,) = tmp_path.iterdir()
    left.rename(tmp_path / left.name.replace(f"-{os.getpid()}-", f"-{ended_process()}-"))
    assert temporary.remove_stale(str(tmp_path)) == 1
