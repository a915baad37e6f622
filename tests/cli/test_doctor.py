"""The doctor says what is there, and what is not."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import features

import convfilter
from convfilter.cli import doctor
from convfilter.cli.doctor import requirements
from convfilter.pictures.formats import FORMATS
from convfilter.registry.search_path import built_in_folder, kernel_files, search_folders
from tests.conftest import Program


def test_a_sound_installation_has_no_problems(program: Program) -> None:
    done = program("doctor", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["problems"]) == (0, [])
    assert told["convfilter"] == convfilter.__version__
    assert told["packages"]["numpy"] == np.__version__
    assert told["formats"].keys() == FORMATS.keys()
    assert told["threads"] >= 1
    built_in = told["kernel_folders"][-1]
    assert built_in["folder"] == str(built_in_folder())
    assert built_in["kernels"] == len(kernel_files(list(search_folders())[-1]))


def test_formats_whose_packages_are_missing_are_not_told_as_there(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    done = program("doctor", "--json")
    assert json.loads(done.stdout)["formats"]["heif"] is False
    assert done.exit_code == 0  # nobody needs an extra


def test_people_read_the_same(program: Program) -> None:
    done = program("doctor")
    assert done.exit_code == 0
    labels = {line[:11].strip() for line in done.stdout.splitlines()}
    assert labels >= {"python", "packages", "formats", "kernels", "threads", "terminal"}
    assert f"numpy {np.__version__}" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["problems", "none", "found"]


def test_a_folder_that_is_not_there_is_a_problem(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(tmp_path / "gone"))
    done = program("doctor")
    assert done.exit_code == 1
    assert (
        done.stderr
        == f"problem: CONVFILTER_KERNEL_PATH names {tmp_path / 'gone'}, which is not there\n"
    )


def test_a_missing_extra_names_the_command_that_installs_it(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = ["numpy>=2", "no-such-package>=3; extra == 'deep'", "numpy; extra == 'swift'"]
    monkeypatch.setattr(doctor, "_stated_requirements", lambda: stated)
    done = program("doctor")
    assert done.exit_code == 0, "an extra is not a problem"
    assert "deep: pip install 'convfilter[deep]'\n" in done.stdout
    assert f"swift: numpy {np.__version__}\n" in done.stdout


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ("numpy>=2", None),
        ("numpy>=999", f"numpy {np.__version__} is older than 999"),
        ("no-such-package", "no-such-package is not installed"),
        ("numpy", None),
    ],
)
def test_what_is_needed_is_checked(
    program: Program, monkeypatch: pytest.MonkeyPatch, stated: str, fault: str | None
) -> None:
    assert [requirement.fault for requirement in requirements([stated])] == [fault]
    monkeypatch.setattr(doctor, "_stated_requirements", lambda: [stated])
    assert program("doctor").exit_code == (1 if fault else 0)


def test_a_format_that_is_missing_is_a_problem(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda codec: codec != "avif")
    done = program("doctor")
    assert (done.exit_code, done.stderr) == (1, "problem: Pillow was built without avif\n")
