"""Long runs: batches that are killed, folders that are hostile, memory that must not grow.

``CONVFILTER_KILLS=100 pytest -m soak`` kills more often.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convfilter.pictures.extras import load_plugin
from convfilter.pictures.formats import FORMATS

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="watches /proc"),
]

KILLS = int(os.environ.get("CONVFILTER_KILLS", "10"))
FILES = 500
HOSTILE = 2000

SHELL = [sys.executable, "-m", "convfilter", "batch"]


def make_pictures(folder: Path, count: int) -> None:
    """Make small pictures of noise, in folders of a hundred."""
    noise = np.random.default_rng(1)
    for number in range(count):
        path = folder / str(number // 100) / f"{number}.{('jpg', 'png')[number % 2]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        side = 20 + number % 60
        Image.fromarray(noise.integers(0, 256, (side, 2 * side, 3), np.uint8)).save(path)


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of every file in a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines_of(report: Path) -> list[dict[str, Any]]:
    """Return a report's lines without their times, in the order of the inputs."""
    lines = [json.loads(line) for line in report.read_bytes().splitlines()]
    for line in lines:
        del line["seconds"]
    return sorted(lines, key=lambda line: str(line["input"]))


def test_a_batch_killed_at_any_moment_and_resumed_gives_what_an_undisturbed_one_gives(
    tmp_path: Path,
) -> None:
    source, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report"
    make_pictures(source, FILES)
    inputs = digests(source)
    options = ["-r", "-k", "sharpen", "-j", "2", "-q", "--report"]
    command = [*SHELL, str(source), "-o", str(out), *options, str(report)]

    began = time.monotonic()
    subprocess.run(command, check=True)
    duration = time.monotonic() - began
    expected, told = digests(out), lines_of(report)
    assert len(expected) == FILES

    def begin_anew() -> None:
        out.rename(tmp_path / f"out-{time.monotonic_ns()}")
        report.unlink()

    begin_anew()
    moments = random.Random(2)  # noqa: S311 - no secret
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen([*command, "--resume"], start_new_session=True)
        try:
            code = process.wait(moments.uniform(0, 0.8 * duration))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            assert code == 0
            assert digests(out) == expected
            assert lines_of(report) == told
            begin_anew()
        found = digests(out) if out.exists() else {}
        whole = {name: digest for name, digest in found.items() if ".convfilter-" not in name}
        assert whole.items() <= expected.items(), "a target is not whole"
        assert digests(source) == inputs
    subprocess.run([*command, "--resume"], check=True)
    assert digests(out) == expected
    assert lines_of(report) == told
    assert digests(source) == inputs


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut a file, or flip some of its bytes, mostly near its beginning."""
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    wrong = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 40))):
        place = chance.randrange(min(len(data), chance.choice((32, 200, len(data)))))
        wrong[place] = chance.randrange(256)
    return bytes(wrong)


def make_hostile(folder: Path) -> None:
    """Damage small pictures of every format and mode."""
    chance = random.Random(3)  # noqa: S311 - no secret
    noise = np.random.default_rng(3).integers(0, 256, (40, 56, 4), np.uint8)
    pictures = []
    for entry in FORMATS.values():
        if entry.plugin:
            load_plugin(entry.plugin)
        for mode in entry.modes:
            if mode == "F":
                image = Image.fromarray(noise[..., 0].astype(np.float32))
            elif mode == "I;16":
                image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257)
            else:
                image = Image.fromarray(noise).convert(mode)
            path = folder / f"whole-{mode.replace(';', '')}{entry.suffixes[0]}"
            image.convert(entry.modes[mode]).save(path, format=entry.pillow)
            pictures.append(path)
    for number in range(HOSTILE):
        path = pictures[number % len(pictures)]
        (folder / f"{number}{path.suffix}").write_bytes(damaged(path.read_bytes(), chance))


def test_a_hostile_folder_harms_nothing(tmp_path: Path) -> None:
    source, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report"
    source.mkdir()
    make_hostile(source)
    corpus = Path(os.environ.get("CONVFILTER_CORPUS", "/nowhere"), "pngsuite/png")
    for path in corpus.glob("*.png"):
        (source / f"suite-{path.name}").write_bytes(path.read_bytes())
    options = ["-k", "sharpen", "-j", "2", "-q", "--timeout", "10", "--report", str(report)]
    command = [*SHELL, str(source), "-o", str(out), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr
    with process.stderr as stderr:
        told = stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 3
    assert b"Traceback" not in told
    lines = lines_of(report)
    assert len(lines) == len(list(source.iterdir()))
    failed = {line["output"] for line in lines if line["error"]}
    written = {line["output"] for line in lines if line["status"] == "written"}
    assert {str(path) for path in out.iterdir()} == written
    assert len(failed) > HOSTILE / 4
    assert len(written) > len(FORMATS)
    assert not failed & written
    causes = [
        f"{line['error']['what']} {line['error']['cause']}" for line in lines if line["error"]
    ]
    assert not [cause for cause in causes if "longer than" in cause]
    assert not [cause for cause in causes if "unexpected" in cause]
    assert usage.ru_maxrss * 1024 < 1e9


def test_memory_does_not_grow(tmp_path: Path) -> None:
    source, report = tmp_path / "in", tmp_path / "report"
    make_pictures(source, FILES)
    for number, path in enumerate(sorted(source.rglob("*.*"))):
        for copy in range(5):
            os.link(path, path.with_name(f"{number}-{copy}{path.suffix}"))
    options = ["-r", "-k", "blur5", "-j", "1", "-q", "--report", str(report)]
    process = subprocess.Popen([*SHELL, str(source), "-o", str(tmp_path / "out"), *options])
    early = late = 0
    while process.poll() is None:
        done = report.read_bytes().count(b"\n") if report.exists() else 0
        if done >= FILES:
            late = _bytes_of_tree(process.pid) or late
            early = early or late
        time.sleep(0.02)
    assert process.returncode == 0
    assert early
    assert late <= 1.05 * early


def _bytes_of_tree(pid: int) -> int:
    """Return the memory of a process and its children; 0 if they are ending."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in [pid, *children]]
    except OSError:
        return 0
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") if children else 0
