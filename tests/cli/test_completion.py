"""The scripts for shells are right as far as the shells are here to say so."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convfilter.cli.completion import SHELLS
from tests.conftest import Program

CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
"""How each shell checks a script without running it."""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_calls_the_program(program: Program, shell: str) -> None:
    done = program("completion", shell)
    assert done.exit_code == 0
    assert "_CONVFILTER_COMPLETE" in done.stdout
    assert f"{shell}_complete" in done.stdout
    assert "%(" not in done.stdout


@pytest.mark.parametrize("shell", CHECKS)
def test_the_shell_reads_its_script(program: Program, tmp_path: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(program("completion", shell).stdout)
    done = subprocess.run([*CHECKS[shell], str(script)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_unknown_shell_is_refused(program: Program) -> None:
    done = program("completion", "tcsh")
    assert done.exit_code == 2
    assert "bash" in done.stderr


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "words", "expected"),
    [
        ("convfilter ker", ["convfilter", "ker"], ["kernels"]),
        ("convfilter kernels sh", ["convfilter", "kernels", "sh"], ["show"]),
        (
            "convfilter kernels show motion-h",
            ["convfilter", "kernels", "show", "motion-h"],
            ["motion-h"],
        ),
        # As Bash splits them: the part in front of a colon or an equals sign is not replaced.
        (
            "convfilter apply a b -k motion:len",
            ["convfilter", "apply", "a", "b", "-k", "motion", ":", "len"],
            ["length="],
        ),
        (
            "convfilter apply a b -k motion:length=5,a",
            ["convfilter", "apply", "a", "b", "-k", "motion", ":", "length", "=", "5,a"],
            ["5,angle="],
        ),
        (r"convfilter apply my\ file.jpg o.jpg --ra", ["convfilter"], ["--range"]),
        ("convfilter apply 'my file.jpg' o.jpg --ra", ["convfilter"], ["--range"]),
        ('convfilter apply "it\'s mine.jpg" "o o.jpg" -k sobel-', ["convfilter"], ["sobel-x"]),
        ("convfilter kernels ", ["convfilter", "kernels", ""], ["list", "show", "check"]),
    ],
)
def test_bash_offers_what_completes_the_word(
    program: Program, tmp_path: Path, line: str, words: list[str], expected: list[str]
) -> None:
    entry = tmp_path / "convfilter"
    entry.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m convfilter "$@"\n')
    entry.chmod(0o755)
    script = [
        program("completion", "bash").stdout,
        "compopt() { :; }",  # it works only while readline completes
        f"COMP_LINE={shlex.quote(line)}",
        "COMP_POINT=${#COMP_LINE}",
        f"COMP_WORDS=({shlex.join(words)})",
        f"COMP_CWORD={len(words) - 1}",
        "_convfilter_completion convfilter",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(
        ["/usr/bin/env", "bash", "--norc", "-c", "\n".join(script)],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split()[: len(expected)] == expected
