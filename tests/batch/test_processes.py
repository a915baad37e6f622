"""Worker processes begin as copies of a program with one thread, and afresh otherwise."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLES


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="copies are made on Linux only")
@pytest.mark.parametrize("threads", [0, 1])
def test_only_a_program_with_one_thread_is_copied(threads: int) -> None:
    script = (
        "import threading\n"
        "from convfilter.batch.processes import Copy, start_process\n"
        f"for _ in range({threads}):\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "one, two = start_process(), start_process()\n"
        "print([isinstance(p, Copy) for p in (one, two)], one.stdout.readline())\n"
        "one.kill()\n"
        "print(one.wait(), one.poll(), two.poll(), two.stdout.readline())\n"
        "two.stdin.close()\n"
        "print(two.wait())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    copied = not threads
    assert told.stdout == f"[{copied}, {copied}] b'{{}}\\n'\n-9 -9 None b'{{}}\\n'\n0\n"


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_streams_harm_no_worker(tmp_path: Path, closed: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(6):
        shutil.copy(SAMPLES / "square-10x10.png", folder / f"{number}.png")
    program = shlex.join([sys.executable, "-m", "convfilter", "batch", str(folder)])
    batch = f"{program} -o {shlex.quote(str(tmp_path / 'out'))} -k blur3 -j 2 -q {closed}"
    assert subprocess.run(["/bin/sh", "-c", batch], check=False).returncode == 0
    assert len(list((tmp_path / "out").iterdir())) == 6
