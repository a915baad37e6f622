import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.interchange.table import INTERCHANGE, READABLE, WRITABLE
from convfilter.registry.search_path import find_kernels
from tests.conftest import Program

EMBOSS = "3x3: -2,-1,0 -1,1,1 0,1,2"


def test_an_imported_string_is_printed_as_a_kernel_file(program: Program) -> None:
    done = program("kernels", "import", EMBOSS)
    assert done.exit_code == 0
    told = yaml.safe_load(done.stdout)
    assert told["weights"] == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    assert told["operation"] == "convolve"


def test_a_file_is_imported_into_a_file(program: Program, tmp_path: Path) -> None:
    (tmp_path / "box.mat").write_text("3 1 3 0\n1 1 1\n")
    target = tmp_path / "mine.yaml"
    assert program("kernels", "import", tmp_path / "box.mat", "-o", target).exit_code == 0
    assert get_kernel(str(target)).divisor == 3
    again = program("kernels", "import", EMBOSS, "-o", target)
    assert again.exit_code == 1
    assert "--force" in again.stderr
    assert get_kernel(str(target)).divisor == 3
    assert program("kernels", "import", EMBOSS, "-o", target, "--force").exit_code == 0
    assert get_kernel(str(target)).operation == "convolve"


def test_standard_input_is_imported(program: Program) -> None:
    assert "standard input is empty" in program("kernels", "import", "-", stdin=b"").stderr
    done = program("kernels", "import", "-", "--from", "csv", stdin=b"1;2\n3;4\n")
    assert yaml.safe_load(done.stdout)["weights"] == [[1, 2], [3, 4]]


def test_several_kernels_go_into_a_folder(program: Program, tmp_path: Path) -> None:
    done = program("kernels", "import", "Sobel:>", "-o", tmp_path)
    assert done.exit_code == 0
    assert sorted(os.listdir(tmp_path)) == [f"sobel-{n}.yaml" for n in (1, 2, 3, 4)]
    named = program("kernels", "import", "Sobel:>", "-o", tmp_path, "--name", "edge")
    assert named.exit_code == 0
    assert get_kernel("edge-2", [tmp_path]).weights.tolist() == [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]


def test_several_kernels_without_a_folder_are_refused(program: Program, tmp_path: Path) -> None:
    for target in ([], ["-o", tmp_path / "one.yaml"]):
        done = program("kernels", "import", "Sobel:>", *target)
        assert done.exit_code == 2
        assert "-o FOLDER" in done.stderr
        assert "sobel-4" in done.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_where_one_file_exists(program: Program, tmp_path: Path) -> None:
    (tmp_path / "sobel-3.yaml").write_text("kept")
    done = program("kernels", "import", "Sobel:>", "-o", tmp_path)
    assert done.exit_code == 1
    assert os.listdir(tmp_path) == ["sobel-3.yaml"]


def test_the_scale_is_the_users(program: Program) -> None:
    done = program("kernels", "import", "3x1: 1,2,1", "--scale", "!")
    assert yaml.safe_load(done.stdout)["divisor"] == 4
    wrong = program("kernels", "import", "3x1: 1,2,1", "--scale", "1/9")
    assert wrong.exit_code == 2
    assert "1,9" in wrong.stderr


@pytest.mark.parametrize("text", ["gone.mat", "./gone.txt", "hello", "3x3: 1,2", "Skeleton"])
def test_what_cannot_be_imported_is_an_error_in_three_lines(program: Program, text: str) -> None:
    done = program("kernels", "import", text)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) <= 3


def test_export_prints_text_and_tells_the_command(program: Program) -> None:
    done = program("kernels", "export", "[[1,2],[3,4]]", "--format", "imagemagick")
    assert done.stdout == "2x2+1+1: 4,3  2,1\n"
    assert "run: convert in.png" in done.stderr


def test_export_takes_the_format_from_the_file(program: Program, tmp_path: Path) -> None:
    target = tmp_path / "blur.mat"
    done = program("kernels", "export", "blur3", "-o", target)
    assert target.read_text() == "3 3 9 0\n1 1 1\n1 1 1\n1 1 1\n"
    assert f"vips conv in.png out.png {target}" in done.stderr
    assert program("kernels", "export", "blur3", "-o", target).exit_code == 1
    assert program("kernels", "export", "blur3", "-o", tmp_path / "blur.xyz").exit_code == 2
    assert program("kernels", "export", "blur3").exit_code == 2


@pytest.mark.parametrize("name", ["x.npy", "x.json", "x"])
def test_an_import_is_not_named_like_another_format(
    program: Program, tmp_path: Path, name: str
) -> None:
    done = program("kernels", "import", "1,2,1;2,4,2;1,2,1", "-o", tmp_path / name)
    assert done.exit_code == 2
    assert f"{tmp_path / 'x.yaml'}" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["sobel", "unsharp-mask"])
def test_composites_and_recipes_are_exported_as_their_file(program: Program, name: str) -> None:
    exported = program("kernels", "export", name, "--format", "yaml")
    shown = program("kernels", "show", name, "--format", "yaml")
    assert exported.stdout == shown.stdout == find_kernels()[name].path.read_text()
    assert program("kernels", "export", name, "--format", "plain").exit_code == 2


@pytest.mark.parametrize("format_name", WRITABLE)
def test_show_and_export_print_the_same(program: Program, format_name: str) -> None:
    exported = program("kernels", "export", "gaussian3", "--format", format_name)
    shown = program("kernels", "show", "gaussian3", "--format", format_name)
    assert exported.exit_code == 0
    assert shown.stdout_bytes == exported.stdout_bytes
    assert len(exported.stdout_bytes) > 10


def test_npy_goes_through_a_pipe(program: Program) -> None:
    done = program("kernels", "export", "gaussian3", "--format", "npy")
    array = np.load(io.BytesIO(done.stdout_bytes))
    assert array.tolist() == (np.outer([1, 2, 1], [1, 2, 1]) / 16).tolist()


def test_json_and_format_exclude_each_other(program: Program) -> None:
    assert program("kernels", "show", "blur3", "--json", "--format", "json").exit_code == 2
    told = json.loads(program("kernels", "show", "blur3", "--format", "json").stdout)
    assert told["name"] == "blur3"


def test_an_offset_is_refused_where_it_has_no_place(program: Program, tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text("weights: [[1, 2]]\noffset: 0.5\n")
    done = program("kernels", "export", tmp_path / "k.yaml", "--format", "csv")
    assert done.exit_code == 2
    assert "offset 0.5" in done.stderr
    assert "libvips" in done.stderr


@pytest.mark.parametrize(
    ("command", "names"), [("import", READABLE), ("export", WRITABLE)], ids=["import", "export"]
)
def test_help_tells_every_format(program: Program, command: str, names: tuple[str, ...]) -> None:
    told = " ".join(program("kernels", command, "--help").stdout.split())
    for name in names:
        assert f"{name}: {INTERCHANGE[name].summary}" in told
