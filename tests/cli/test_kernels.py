import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np

from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import find_kernels
from tests.conftest import Program


def test_list_as_json_tells_every_kernel(program: Program) -> None:
    done = program("kernels", "list", "--json")
    told = json.loads(done.stdout)
    assert [kernel["name"] for kernel in told] == list(find_kernels())
    for kernel in told:
        assert {"name", "kind", "title", "tags", "source", "file"} <= set(kernel)
        assert {"rows", "columns", "sum", "divisor"} <= set(kernel)
        assert Path(kernel["file"]).is_file()
    (blur,) = [kernel for kernel in told if kernel["name"] == "blur5"]
    assert (blur["rows"], blur["columns"], blur["sum"], blur["divisor"]) == (5, 5, 25, 25)


def test_list_is_a_line_a_kernel(program: Program) -> None:
    lines = program("kernels", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(find_kernels())
    edges = program("kernels", "list", "--tag", "edges").stdout
    assert "sobel-x" in edges
    assert "blur5" not in edges


def test_a_broken_file_does_not_hide_the_others(program: Program, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("weights: [[x]]\n")
    done = program("kernels", "list", "--kernel-path", tmp_path)
    assert done.exit_code == 1
    assert "blur5" in done.stdout
    assert "broken.yaml, line 1" in done.stderr


def test_show_tells_matrix_sum_and_file(program: Program) -> None:
    done = program("kernels", "show", "sobel-x")
    assert "-2   0   2" in done.stdout
    assert "sum        0" in done.stdout
    assert str(find_kernels()["sobel-x"].path) in done.stdout
    assert "as it is written (correlate)" in done.stderr
    assert program("kernels", "show", "blur5").stderr == ""


def test_show_as_json_has_the_weights(program: Program) -> None:
    told = json.loads(program("kernels", "show", "[[1/2, 1, 2.5]]", "--json").stdout)
    assert told["weights"] == [[0.5, 1.0, 2.5]]
    assert told["sum"] == 4
    assert told["file"] is None


def test_show_writes_fractions_as_fractions(program: Program) -> None:
    assert "1/9  0.5" in program("kernels", "show", "[[1/9, 1/2]]").stdout


def test_show_reads_npy_files(program: Program, tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.eye(2))
    assert "1  0\n0  1" in program("kernels", "show", tmp_path / "w.npy").stdout


def test_path_prints_the_folders_in_order(program: Program, tmp_path: Path) -> None:
    told = json.loads(program("kernels", "path", "--kernel-path", tmp_path, "--json").stdout)
    assert [folder["origin"] for folder in told] == ["--kernel-path", "user", "built-in"]
    assert told[0]["folder"] == str(tmp_path)
    assert (told[0]["exists"], told[1]["exists"]) == (True, False)
    assert "built-in" in program("kernels", "path").stdout


def test_an_unknown_command_says_which_is_near(program: Program) -> None:
    done = program("kernel")
    assert done.exit_code == 2
    assert "kernels" in done.stderr
    assert program("kernels", "shw").exit_code == 2


def test_on_a_terminal_the_list_is_a_table() -> None:
    master, terminal = pty.openpty()
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100", "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "convfilter", "kernels", "list", "--tag", "gaussian"],
        stdout=terminal,
        env=environment,
        check=True,
    )
    os.close(terminal)
    shown = os.read(master, 10000).decode()
    os.close(master)
    assert "name" in shown.splitlines()[0]
    assert "gaussian5" in shown


def test_generators_are_listed_with_parameters_and_units(program: Program) -> None:
    lines = program("kernels", "list", "--generators").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(GENERATORS)
    for line, generator in zip(lines, GENERATORS.values(), strict=True):
        assert generator.signature in line
        assert line.endswith(generator.title)
    tagged = program("kernels", "list", "--generators", "--tag", "texture").stdout
    assert "gabor" in tagged
    assert "gaussian" not in tagged


def test_generators_as_json_tell_every_parameter(program: Program) -> None:
    told = json.loads(program("kernels", "list", "--generators", "--json").stdout)
    assert [generator["name"] for generator in told] == list(GENERATORS)
    (motion,) = [generator for generator in told if generator["name"] == "motion"]
    assert motion["kind"] == "generator"
    length, angle = motion["parameters"]
    assert (length["name"], length["unit"], length["required"]) == ("length", "pixels", True)
    assert (angle["default"], angle["unit"], angle["highest"]) == (0, "degrees", 360)
    assert json.loads(program("kernels", "show", "motion", "--json").stdout) == motion


def test_show_explains_a_generator(program: Program) -> None:
    for generator in GENERATORS.values():
        told = program("kernels", "show", generator.name).stdout
        assert generator.example in told
        assert generator.description in told
        for parameter in generator.parameters:
            assert parameter.allowed in told
            assert parameter.summary in told
    told = program("kernels", "show", "gaussian").stdout
    assert "covers all but 0.01 % of the mass" in told
    assert "0 unless stated" in told
    assert "needed" in program("kernels", "show", "disk").stdout


def test_show_shortens_large_matrices_and_says_so(program: Program) -> None:
    told = program("kernels", "show", "gaussian:sigma=2.5").stdout
    matrix = told.split("\n\n")[1].splitlines()
    assert len(matrix) == 3 + 1 + 5 + 1 + 3 + 1
    assert {len(line.split()) for line in matrix[:-1]} == {13}
    assert "21 × 21 cells, not all are shown; rounded to 4 digits" in matrix[-1]
    assert "0.02547" in matrix[6]
    assert "1 outer product" in told
    whole = program("kernels", "show", "box:size=15,rows=2").stdout
    assert "\n" + "  ".join("1" * 15) + "\n" in whole
    assert "shown" not in whole


def test_wrong_parameters_end_with_wrong_use(program: Program) -> None:
    done = program("kernels", "show", "gaussian:sigma=-1")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "error: generator gaussian: sigma=-1",
        "cause: it is below 0.1",
        "hint: sigma is a number of pixels from 0.1 to 240, as in gaussian:sigma=2.5",
    ]


def test_an_unknown_tag_is_told_with_those_that_are_near(program: Program) -> None:
    done = program("kernels", "list", "--tag", "edge")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean edges?" in done.stderr


def test_a_generator_is_drawn_if_it_needs_no_parameters(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "k.png"
    done = program("kernels", "show", "gaussian", "--format", "png", "-o", path)
    assert (done.exit_code, path.exists()) == (2, False)
    assert "needs sigma or size" in done.stderr
    assert program("kernels", "show", "lanczos", "--format", "png", "-o", path).exit_code == 0
    assert path.stat().st_size
