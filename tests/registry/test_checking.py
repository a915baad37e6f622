import os
from pathlib import Path

import pytest

from convfilter.registry.checking import check_paths
from convfilter.registry.search_path import built_in_folder

GOOD = "weights: [[1]]\n"


def causes(*paths: Path) -> dict[str, list[str]]:
    """Return what is wrong with each file, by its name."""
    return {
        checked.path.name: [fault.cause for fault in checked.faults]
        for checked in check_paths(paths)
    }


def test_the_built_in_kernels_are_fine() -> None:
    found = causes(built_in_folder())
    assert {"blur5.yaml", "motion-h.npy", "motion-h.yaml"} <= set(found)
    assert not any(found.values())


def test_every_fault_of_every_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("weights: [[x], [1, 2]]\ndivisr: 1\n")
    (tmp_path / "b.npy").write_bytes(b"")
    (tmp_path / "c.yaml").write_text(GOOD)
    found = causes(*sorted(tmp_path.iterdir()))
    assert [len(faults) for faults in found.values()] == [3, 1, 0]


def test_folders_are_searched_as_names_are(tmp_path: Path) -> None:
    (tmp_path / "k/below").mkdir(parents=True)
    for name in ("good.yaml", "below/deep.yml", "Big Name.yaml", "loud.YAML", "notes.txt"):
        (tmp_path / "k" / name).write_text(GOOD)
    (tmp_path / "k/Both.yaml").write_text("weights: [[x]]\n")
    (tmp_path / "secret.yaml").write_text(GOOD)
    (tmp_path / "k/link.yaml").symlink_to("../secret.yaml")
    (tmp_path / "k/same.yaml").symlink_to("good.yaml")
    (tmp_path / "k/out").symlink_to("..")
    found = causes(tmp_path / "k")
    assert set(found) == {
        "good.yaml", "deep.yml", "Big Name.yaml", "loud.YAML", "Both.yaml", "link.yaml", "same.yaml"
    }  # fmt: skip
    assert [name for name, faults in found.items() if not faults] == [
        "good.yaml", "same.yaml", "deep.yml"
    ]  # fmt: skip
    assert "by name" in found["Big Name.yaml"][0]
    assert "by name" in found["loud.YAML"][0]
    assert len(found["Both.yaml"]) == 2
    assert "link" in found["link.yaml"][0]


def test_a_file_that_is_named_need_not_have_a_kernels_name(tmp_path: Path) -> None:
    (tmp_path / "Big Name.YAML").write_text(GOOD)
    assert causes(tmp_path / "Big Name.YAML") == {"Big Name.YAML": []}


@pytest.mark.parametrize(
    ("name", "cause"),
    [("gone.yaml", "cannot be read"), ("notes.txt", "suffix"), ("empty", "no kernel files")],
)
def test_what_is_no_kernel_is_a_fault(tmp_path: Path, name: str, cause: str) -> None:
    (tmp_path / "notes.txt").write_text(GOOD)
    (tmp_path / "empty").mkdir()
    assert cause in causes(tmp_path / name)[name][0]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(0)
    assert "cannot be read" in causes(tmp_path / "shut")["shut"][0]
