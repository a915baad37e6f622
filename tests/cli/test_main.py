import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from convfilter.cli.main import COMMANDS, Ended, _end, cli
from convfilter.cli.options import HEADINGS
from tests.conftest import SAMPLES, Program

SHELL = [sys.executable, "-m", "convfilter"]
SQUARE = str(SAMPLES / "square-10x10.png")


def every_command() -> list[list[str]]:
    """Return the words that lead to each command."""
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        found.append([name])
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.list_commands(click.Context(command))]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_help_has_an_example_on_a_line_of_its_own(program: Program, words: list[str]) -> None:
    done = program(*words, "--help")
    assert done.exit_code == 0
    assert "\\b" not in done.stdout
    assert any(line.startswith("  convfilter ") for line in done.stdout.splitlines())


def test_many_options_stand_under_headings(program: Program) -> None:
    told = program("apply", "--help").stdout
    headings = [line[:-1] for line in told.splitlines() if line and not line.startswith(" ")]
    assert headings[1:] == list(HEADINGS), "the first is the usage; no option is under none"
    kernels, messages = told.index("\nKernels:"), told.index("\nMessages:")
    assert kernels < told.index("--kernel-path") < told.index("--border") < messages
    assert messages < told.index("--help")


@pytest.mark.parametrize("words", [[], ["apply"], ["batch"], ["kernels"]], ids=" ".join)
def test_without_arguments_the_help_is_shown(program: Program, words: list[str]) -> None:
    done = program(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("Usage:")
    assert "\\n" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), (">&-", 0), ("2>&-", 0)])
def test_closed_streams_that_are_not_needed_do_no_harm(
    tmp_path: Path, closed: str, code: int
) -> None:
    command = f'exec "$0" -m convfilter apply "$1" "$2" -k blur3 {closed}'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, SQUARE, str(tmp_path / "o.png")],
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "o.png").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("apply $1 $2 -k blur3 --json >&-", 1),
        ("kernels list >&-", 1),
        ("apply $1 - -k blur3 >&-", 2),
        ("apply $1 $2 -k blur3 -v 2>/dev/full", 0),
        ("batch $1 -o $2.d -k blur3 2>/dev/full", 0),
    ],
)
def test_results_that_nobody_can_read_are_no_success_and_lost_messages_no_failure(
    tmp_path: Path, command: str, code: int
) -> None:
    if "/dev/full" in command and not os.path.exists("/dev/full"):
        pytest.skip("no such device")
    words = ["sh", "-c", f'exec "$0" -m convfilter {command}', sys.executable]
    done = subprocess.run([*words, SQUARE, str(tmp_path / "out.png")], capture_output=True)
    assert done.returncode == code
    assert bool(done.stderr) == (code != 0)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["apply", "in.png", "out.png", "-k"], "hint: see convfilter apply --help"),
        (["apply", "in.png", "-o", "out.png"], "hint: the output is the second name"),
        (["apply", "photos", "-r"], "hint: convfilter batch filters folders"),
        (["batch", "photos", "--overwrite"], "hint: --force replaces files"),
        (["--debg", "apply"], "hint: see convfilter"),
        (["completion"], "bash, zsh, fish, powershell\nhint: see convfilter completion --help"),
        (["apply", "", "out.png", "-k", "blur3"], "hint: name a picture file"),
        (["gallery", SQUARE, "-k", "blur3", "-o", SQUARE], "hint: use --force, or WriteOptions"),
        (["apply", "in.png", "out.png", "-k", "blur5", "blur3"], "hint: each kernel has a -k of"),
        (["gallery", "in.png", "sheet.png", "-k", "blur5"], "-o SHEET.png"),
        (["show", "blur5"], "hint: convfilter kernels show"),
        ([SQUARE, "out.png", "-k", "blur5"], f"hint: convfilter apply {SQUARE} OUT -k KERNEL"),
        (["galery"], "hint: did you mean gallery"),
        (["apply", SQUARE, "o.png", "-k", "blur5,sharpen"], "one by one: -k blur5 -k sharpen"),
        (["apply", SQUARE, "o.png", "-k", SQUARE], f"hint: convfilter kernels import {SQUARE}"),
        (["explain", "blur5", "--kernel-path", SQUARE], "is a file\nhint: check --kernel-path"),
    ],
)
def test_hints_lead_on(program: Program, words: list[str], hint: str) -> None:
    done = program(*words)
    assert done.exit_code in (1, 2)
    assert hint in done.stderr
    assert "\\n" not in done.stderr


def test_a_full_output_is_said_plainly() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*SHELL, "apply", SQUARE, "-", "-k", "blur3"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"defect" not in done.stderr


def test_no_text_of_a_kernel_file_reaches_the_terminal_raw(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "evil.yaml").write_text(
        'title: "\\e]0;pwned\\a"\nweights: [[1]]\nsource: "x\\nfile       /etc/passwd"\n'
    )
    for words in (["show", tmp_path / "evil.yaml"], ["list", "--kernel-path", tmp_path]):
        done = program("kernels", *words)
        assert "\x1b" not in done.output
        assert not any(line.startswith("file       /etc") for line in done.stdout.splitlines())


@pytest.mark.parametrize("encoding", ["utf-8:strict", "latin-1", "ascii"])
def test_what_the_locale_cannot_show_is_escaped(encoding: str) -> None:
    done = subprocess.run(
        [*SHELL, "kernels", "show", "blur5"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("CONVFILTER_VERSION", "1.2.3"), ("CONVFILTER_DEBUG", "1")]
)
def test_variables_of_other_people_do_not_break_it(variable: str, value: str) -> None:
    done = subprocess.run(
        [*SHELL, "kernels", "path"],
        capture_output=True,
        env=os.environ | {variable: value},
        check=False,
    )
    assert done.returncode == 0
    assert b"built-in" in done.stdout


def test_the_kernel_and_json_can_come_from_the_environment(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SHELL, "apply", SQUARE, str(tmp_path / "o.png")],
        capture_output=True,
        env=os.environ | {"CONVFILTER_APPLY_KERNEL": "blur3 edge", "CONVFILTER_APPLY_JSON": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b'"kernels": ["blur3", "edge"]' in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        ["--offset", "1e30"],
        ["--border", "constant:1e30"],
        ["--divisor", "1e-300"],
        ["-k", "[[1e308,1e308]]"],
        ["--dilation", "9999999999999999999999999"],
        ["--stride", "9999999999999999999999999"],
    ],
    ids=" ".join,
)
def test_absurd_numbers_are_refused(program: Program, tmp_path: Path, options: list[str]) -> None:
    done = program("apply", SQUARE, tmp_path / "o.png", "-k", "blur3", *options)
    assert done.exit_code == 2, done.stderr
    assert done.stderr.startswith("error:")
    assert "defect" not in done.stderr


def test_a_loop_of_links_breaks_nothing(program: Program, tmp_path: Path) -> None:
    (tmp_path / "l.yaml").symlink_to("l.yaml")
    assert program("kernels", "show", "blur5", "--kernel-path", tmp_path).exit_code == 0


def test_a_link_beside_a_kernel_file_is_not_followed(program: Program, tmp_path: Path) -> None:
    (tmp_path / "k").mkdir()
    (tmp_path / "k/k.yaml").write_text("weights: w.npy\n")
    (tmp_path / "k/w.npy").symlink_to("../outside.npy")
    done = program("kernels", "show", tmp_path / "k/k.yaml")
    assert done.exit_code == 2
    assert "link" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_request_to_end_is_quiet_while_the_program_is_imported(
    tmp_path: Path, name: str, code: int
) -> None:
    (tmp_path / "click.py").write_text(f"import signal; signal.raise_signal(signal.{name})")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        SHELL, env=os.environ | {"PYTHONPATH": path}, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_nothing_breaks_off_the_tidying_up_after_a_request_to_end() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        with pytest.raises(Ended):
            _end(signal.SIGTERM, None)
        assert [signal.getsignal(number) for number in numbers] == [signal.SIG_IGN] * 2
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)
