"""What someone sees who meets the program for the first time.

Their mistakes are in ``tests/cli/test_apply.py``, what shells complete in ``tests/cli``, the
README's examples in ``tests/test_examples.py``; that the wheel holds all it needs is checked
where it is built, by ``.ci/run``.
"""

import inspect
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from statistics import median
from types import FunctionType

import pytest

import convfilter
from tests.conftest import SAMPLES, Program

SCRIPT = Path(sysconfig.get_path("scripts")) / "convfilter"
MODULE = [sys.executable, "-m", "convfilter"]


@pytest.mark.skipif(not SCRIPT.exists(), reason="the program is not installed beside this Python")
@pytest.mark.parametrize(
    "words", [["--help"], ["apply", "--help"], ["kernels", "path", "--json"], ["aply"], []], ids=str
)
def test_the_script_and_the_module_are_one_program(words: list[str]) -> None:
    script, module = (
        subprocess.run([*command, *words], capture_output=True, check=False)
        for command in ([str(SCRIPT)], MODULE)
    )
    assert (script.returncode, script.stdout, script.stderr) == (
        module.returncode,
        module.stdout,
        module.stderr,
    )


@pytest.mark.soak  # a time, so not beside other tests
def test_help_takes_less_than_five_times_as_long_as_python_alone() -> None:
    def seconds(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - began

    runs = [(seconds("-c", "pass"), seconds("-m", "convfilter", "--help")) for _ in range(15)]
    alone, told = (median(column) for column in zip(*runs, strict=True))
    assert told < 5 * alone


def test_the_package_says_that_it_is_typed() -> None:
    folder = Path(inspect.getfile(convfilter)).parent
    assert (folder / "py.typed").is_file()


@pytest.mark.parametrize("name", [n for n in convfilter.__all__ if not n.startswith("_")])
def test_every_public_name_is_documented_and_typed(name: str) -> None:
    public = getattr(convfilter, name)
    assert inspect.getdoc(public)
    members = [public]
    if isinstance(public, type):
        members = [m for key, m in vars(public).items() if not key.startswith("_")]
    for member in members:
        if isinstance(member, FunctionType):
            signature = inspect.signature(member)
            assert signature.return_annotation is not inspect.Signature.empty
            stated = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
            assert all(p.annotation is not inspect.Parameter.empty for p in stated), member


def test_a_read_only_folder_is_one_message_whoever_asks(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    allowed = os.access

    def access(path: str | Path, mode: int) -> bool:
        # Root may write anywhere, so the refusal is played.
        return Path(path) != locked and allowed(path, mode)

    monkeypatch.setattr(os, "access", access)
    done = program("apply", SAMPLES / "disc.png", locked / "out.png", "-k", "blur5")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {locked / 'out.png'} cannot be written\n")
    assert "permission" in done.stderr
    assert not list(locked.iterdir())


def test_a_read_only_picture_is_no_obstacle(program: Program, tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    shutil.copy(SAMPLES / "disc.png", source)
    source.chmod(0o444)
    assert program("apply", source, tmp_path / "out.png", "-k", "blur5").exit_code == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["aply", "a", "b"], "apply"),
        (["kernel", "list"], "kernels"),
        (["kernels", "lst"], "list"),
        (["kernels", "show", "gausian5"], "gaussian5"),
        (["completion", "bsh"], "bash"),
        (["apply", "a.png", "b.png", "--boarder", "edge"], "--border"),
        (["apply", "a.png", "b.png", "-k", "blur5", "--range", "clipp"], "clip"),
    ],
    ids=" ".join,
)
def test_a_slip_of_the_pen_is_guessed(program: Program, typed: list[str], meant: str) -> None:
    done = program(*typed)
    assert done.exit_code == 2
    assert meant in done.stderr
    assert len(done.stderr.splitlines()) <= 3
