"""``convfilter kernels add``, ``remove`` and ``check``."""

import json
from pathlib import Path

import numpy as np
import pytest

from convfilter.registry.search_path import built_in_folder, user_folder
from tests.conftest import SAMPLES, Program


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text("weights: [[1, 2]]\ndivisor: 3\n")
    return path


def test_what_is_added_can_be_applied_and_removed(
    program: Program, tmp_path: Path, mine: Path
) -> None:
    done = program("kernels", "add", mine)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"added mine: {user_folder() / 'mine.yaml'}\n"
    assert done.stderr == ""
    mine.unlink()
    square = SAMPLES / "square-10x10.png"
    assert program("apply", square, tmp_path / "o.png", "-k", "mine").exit_code == 0
    done = program("kernels", "remove", "mine")
    assert done.stdout == f"removed mine: {user_folder() / 'mine.yaml'}\n"
    assert program("apply", square, tmp_path / "p.png", "-k", "mine").exit_code == 2


def test_add_replaces_only_with_force(program: Program, mine: Path) -> None:
    assert program("kernels", "add", mine).exit_code == 0
    done = program("kernels", "add", mine)
    assert done.exit_code == 1
    assert "--force" in done.stderr
    assert program("kernels", "add", mine, "--force").exit_code == 0


def test_add_tells_which_kernels_hide_each_other(
    program: Program, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = program("kernels", "add", mine, "--name", "blur5")
    assert f"warning: blur5 now hides {built_in_folder() / 'smoothing/blur5.yaml'}" in done.stderr
    done = program("kernels", "add", mine, "--name", "gaussian")
    assert "warning: gaussian now hides the generator of that name" in done.stderr
    for folder in ("option", "variable"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.yaml").write_text("weights: [[1]]\n")
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(tmp_path / "variable"))
    done = program("kernels", "add", mine)
    assert f"mine is hidden by {tmp_path / 'variable/mine.yaml'}" in done.stderr
    told = json.loads(
        program(
            "kernels", "add", mine, "--force", "--json", "--kernel-path", tmp_path / "option"
        ).stdout
    )
    assert told == {
        "name": "mine",
        "files": [str(user_folder() / "mine.yaml")],
        "hides": [],
        "hidden_by": [str(tmp_path / f"{name}/mine.yaml") for name in ("option", "variable")],
    }


def test_add_does_nothing_when_a_folder_is_missing(program: Program, mine: Path) -> None:
    done = program("kernels", "add", mine, "--kernel-path", "/nowhere")
    assert done.exit_code == 2
    assert not user_folder().exists()


def test_a_folder_of_ones_own_that_is_also_on_the_path_hides_nothing(
    program: Program, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_folder().mkdir(parents=True)
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(user_folder()))
    assert program("kernels", "add", mine).stderr == ""


@pytest.mark.parametrize("name", ["../x", "/x", "X", "x.yaml", ""])
def test_add_refuses_bad_names(program: Program, mine: Path, name: str) -> None:
    done = program("kernels", "add", mine, "--name", name)
    assert done.exit_code == 2
    assert "cannot be a kernel's name" in done.stderr


def test_a_wrong_file_is_not_added(program: Program, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("weights: [[x]]\ndivisr: 3\n")
    done = program("kernels", "add", tmp_path / "bad.yaml")
    assert done.exit_code == 2
    assert "bad.yaml, line 1, key 'weights[0][0]'" in done.stderr
    assert "1 more; convfilter kernels check tells all" in done.stderr


def test_remove_says_what_the_name_means_now(program: Program, mine: Path) -> None:
    program("kernels", "add", mine, "--name", "blur5")
    done = program("kernels", "remove", "blur5")
    there = built_in_folder() / "smoothing/blur5.yaml"
    assert f"note: blur5 is now {there} (built-in)" in done.stderr
    done = program("kernels", "remove", "blur5")
    assert done.exit_code == 2
    assert "comes with the program" in done.stderr
    program("kernels", "add", mine, "--name", "blur5")
    told = json.loads(program("kernels", "remove", "blur5", "--json").stdout)
    assert told["files"] == [str((user_folder() / "blur5.yaml").resolve())]
    assert told["now"] == str(built_in_folder() / "smoothing/blur5.yaml")


def test_check_tells_each_fault_on_a_line_that_editors_read(
    program: Program, tmp_path: Path, mine: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("weights:\n  - [1, x]\n  - [1]\ndivisr: 3\n")
    np.save(tmp_path / "flat.npy", np.ones(3))
    done = program("kernels", "check", bad, mine, tmp_path / "flat.npy")
    assert done.exit_code == 2
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{bad}:2: weights[0][1]: 'x' is not a number")
    assert lines[1] == f"{bad}:3: weights[1]: the row has 1 number, the first one 2"
    assert lines[2] == f"{bad}:4: divisr: no such key (did you mean divisor?)"
    assert lines[3] == f"{mine}: fine"
    assert lines[4].startswith(f"{tmp_path / 'flat.npy'}: it has shape (3,)")


def test_check_is_content_with_what_is_fine(program: Program, mine: Path) -> None:
    done = program("kernels", "check", mine, built_in_folder())
    assert done.exit_code == 0
    assert all(line.endswith(": fine") for line in done.stdout.splitlines())


def test_check_as_json_has_every_fault(program: Program, tmp_path: Path, mine: Path) -> None:
    (tmp_path / "bad.yaml").write_text("weights: [[1]]\ndivisr: 3\n")
    done = program("kernels", "check", mine, tmp_path / "bad.yaml", "--json")
    assert done.exit_code == 2
    good, bad = json.loads(done.stdout)
    assert good == {"file": str(mine), "fine": True, "faults": []}
    assert bad["faults"] == [
        {"line": 2, "key": "divisr", "cause": "no such key", "hint": "did you mean divisor?"}
    ]


def test_no_name_of_a_file_forges_a_line(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a\nb.yaml").write_text("weights: [[1]]\n")
    done = program("kernels", "check", tmp_path / "a\nb.yaml")
    assert len(done.stdout.splitlines()) == 1
