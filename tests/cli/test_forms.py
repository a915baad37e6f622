import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convfilter.cli.kernels.forms import FORMS
from tests.cli.terminal import on_terminal
from tests.conftest import Program

SHOW = ["kernels", "show"]


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_png_goes_to_a_file_or_a_pipe(program: Program, tmp_path: Path) -> None:
    done = program(*SHOW, "sobel-x", "--format", "png", "-o", tmp_path / "x.png")
    assert (done.exit_code, done.stdout) == (0, "")
    piped = program(*SHOW, "sobel-x", "-f", "png")
    assert piped.stdout_bytes == (tmp_path / "x.png").read_bytes()
    assert Image.open(io.BytesIO(piped.stdout_bytes)).format == "PNG"
    assert program(*SHOW, "sobel-x", "-f", "png", "-o", "-").stdout_bytes == piped.stdout_bytes


def test_nothing_is_overwritten_without_force(program: Program, tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"precious")
    command = [*SHOW, "blur3", "-f", "png", "-o", target]
    done = program(*command)
    assert done.exit_code == 1
    assert "use --force" in done.stderr
    assert target.read_bytes() == b"precious"
    assert program(*command, "--force").exit_code == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.png"], "-o needs --format"),
        (["--format", "png", "--json"], "exclude each other"),
        (["--format", "pgn"], "pgn"),
    ],
)
def test_wrong_use(program: Program, arguments: list[str], said: str) -> None:
    done = program(*SHOW, "blur3", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_every_form_is_in_the_help(program: Program) -> None:
    told = " ".join(program(*SHOW, "--help").stdout.split())
    for name, form in FORMS.items():
        assert f"{name}: {form.summary}" in told


def test_a_picture_is_refused_on_a_terminal() -> None:
    code, shown, said = on_terminal(*SHOW, "blur3", "-f", "png")
    assert code == 2
    assert shown == ""
    assert "terminal" in said


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.is_binary])
def test_a_closed_pipe_is_quiet(form: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "convfilter", *SHOW, "blur3", "-f", form],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert b"error" not in done.stderr
    assert b"Traceback" not in done.stderr


class TestHeat:
    def test_off_a_terminal_it_is_plain(self, program: Program) -> None:
        done = program(*SHOW, "sobel-x", "-f", "heat")
        assert " -1   0   1\n -2  [0]  2\n -1   0   1\n" in done.stdout
        assert "\x1b" not in done.stdout
        assert "as it is written (correlate)" in done.stderr

    def test_into_a_file_it_is_plain(self, tmp_path: Path) -> None:
        code, shown, _ = on_terminal(*SHOW, "blur3", "-f", "heat", "-o", tmp_path / "x.txt")
        assert (code, shown) == (0, "")
        assert "[1]" in (tmp_path / "x.txt").read_text()
        assert "\x1b" not in (tmp_path / "x.txt").read_text()

    def test_on_a_terminal_it_is_coloured(self) -> None:
        _, shown, _ = on_terminal(*SHOW, "[[-1, 0, 2]]", "-f", "heat")
        fronts_and_backs = re.findall(r"\x1b\[38;2;[\d;]*;48;2;(\d+);(\d+);(\d+)m", shown)
        colours = [tuple(map(int, found)) for found in fronts_and_backs]
        assert len(colours) == 3
        assert colours[0][2] > colours[0][0]
        assert colours[1] == (255, 255, 255)
        assert colours[2][0] > colours[2][2]
        assert " -1  [0]  2 " in without_colours(shown)

    @pytest.mark.parametrize(
        "variable", [{"NO_COLOR": "1"}, {"NO_COLOR": ""}, {"TERM": "dumb"}, {"COLORTERM": ""}]
    )
    def test_where_colours_are_unwanted_or_few_there_are_none(
        self, variable: dict[str, str]
    ) -> None:
        _, shown, _ = on_terminal(*SHOW, "blur3", "-f", "heat", variables=variable)
        assert "\x1b" not in shown
        assert "[1]" in shown

    @pytest.mark.parametrize(
        ("columns", "first"),
        [(60, r"[ \d\[\]]{41,60}"), (30, r" {18}"), (12, "▀{9}")],
    )
    def test_narrow_terminals_get_narrower_cells(
        self, tmp_path: Path, columns: int, first: str
    ) -> None:
        np.save(tmp_path / "w.npy", np.full((9, 9), 100))
        _, shown, _ = on_terminal(*SHOW, tmp_path / "w.npy", "-f", "heat", columns=columns)
        rows = without_colours(shown).split("\n\n")[1].splitlines()
        assert len(rows) == (5 if columns == 12 else 9)
        assert re.fullmatch(first, rows[0])

    def test_too_narrow_a_terminal_gets_advice(self, tmp_path: Path) -> None:
        np.save(tmp_path / "w.npy", np.ones((1, 81)))
        code, shown, said = on_terminal(*SHOW, tmp_path / "w.npy", "-f", "heat", columns=80)
        assert (code, shown) == (2, "")
        assert "81 columns, the terminal 80" in said
        assert "--format png" in said
