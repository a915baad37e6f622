import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from convfilter.errors import KernelError
from convfilter.registry.catalogue import bare_generator
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import find_kernels, is_kernel_name, user_folder


def test_the_first_folder_that_has_the_name_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(folder: Path, divisor: int) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "blur5.yaml").write_text(f"weights: [[1]]\ndivisor: {divisor}\n")
        return folder

    assert get_kernel("blur5").divisor == 25
    put(user_folder(), 2)
    assert get_kernel("blur5").divisor == 2
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(put(tmp_path / "env", 3)))
    assert get_kernel("blur5").divisor == 3
    option = put(tmp_path / "option", 4)
    assert get_kernel("blur5", [option]).divisor == 4
    assert find_kernels([option])["blur5"].origin == "--kernel-path"
    assert "sobel-x" in find_kernels([option])


def test_nothing_in_the_current_folder_is_picked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("weights: [[1]]\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KernelError, match="unknown"):
        get_kernel("mine")
    assert get_kernel("mine.yaml").name == "mine"
    assert get_kernel("./mine.yaml").name == "mine"


def test_npy_files_are_kernels(tmp_path: Path) -> None:
    np.save(tmp_path / "weights.npy", np.array([[1, 2, 1]]))
    assert get_kernel(str(tmp_path / "weights.npy")).sum == 4
    assert get_kernel("weights", [tmp_path]).sum == 4
    np.save(tmp_path / "huge.npy", np.array([[2**60]]))
    with pytest.raises(KernelError, match=r"huge\.npy"):
        get_kernel(str(tmp_path / "huge.npy"))
    (tmp_path / "LOUD.YAML").write_text("weights: [[1]]\n")
    assert get_kernel(str(tmp_path / "LOUD.YAML")).sum == 1
    (tmp_path / "weights.yaml").write_text("weights: weights.npy\ndivisor: 4\n")
    assert get_kernel("weights", [tmp_path]).divisor == 4


@pytest.mark.parametrize(
    ("name", "near"), [("blurr5", "blur5"), ("Sobel-X", "sobel-x"), ("sharpn", "sharpen")]
)
def test_an_unknown_name_says_which_are_near(name: str, near: str) -> None:
    with pytest.raises(KernelError, match="unknown kernel") as caught:
        get_kernel(name)
    assert near in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\0b", "", ".hidden", "-x", "a/b", "ä", "x" * 300]
)
def test_names_are_never_paths(name: str) -> None:
    with pytest.raises(KernelError):
        get_kernel(name)


def test_links_that_lead_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    for made in (outside, folder):
        made.mkdir()
    (outside / "secret.yaml").write_text("weights: [[1]]\n")
    (folder / "link.yaml").symlink_to(outside / "secret.yaml")
    (folder / "sub").symlink_to(outside)
    (folder / "good.yaml").write_text("weights: [[1]]\n")
    (folder / "same.yaml").symlink_to(folder / "good.yaml")
    found = find_kernels([folder])
    assert "link" not in found
    assert "secret" not in found
    assert {"good", "same"} <= set(found)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(KernelError, match="nowhere"):
        get_kernel("blur5", [tmp_path / "nowhere"])


def test_a_folder_that_may_not_be_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(root: str, onerror: Callable[[OSError], None] | None) -> Iterator[NoReturn]:
        if onerror and root == str(tmp_path):
            onerror(PermissionError(errno.EACCES, "Permission denied", root))
        yield from ()

    monkeypatch.setattr(os, "walk", refuse)
    with pytest.raises(KernelError, match="cannot be read; Permission denied"):
        get_kernel("blur5", [tmp_path])


def test_inline_matrices_are_exact() -> None:
    kernel = get_kernel(" [[0,-1,0],[-1,5,-1],[0,-1,0]] ")
    assert kernel.weights.tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert get_kernel("[[1/9, 1e-3]]").is_integer is False
    assert get_kernel("[[1/9, 1e-3]]").numerators is not None


@pytest.mark.parametrize(
    "text", ["[", "[]", "[[1],[2,3]]", "[[a]]", "[[*x]]", "[[1]", "[1]", "[" * 99]
)
def test_wrong_inline_matrices_are_refused(text: str) -> None:
    with pytest.raises(KernelError, match="inline kernel"):
        get_kernel(text)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("blur5", True),
        ("a.b_c-d", True),
        ("5x5", True),
        ("Blur", False),
        (".a", False),
        ("a b", False),
    ],
)
def test_kernel_names(name: str, is_one: bool) -> None:
    assert is_kernel_name(name) is is_one


def test_generators_are_kernels_by_text() -> None:
    assert get_kernel(" gaussian:sigma=2.5 ").name == "gaussian:sigma=2.5"
    assert get_kernel("mitchell").sum == get_kernel("mitchell:scale=2").sum
    assert get_kernel("mitchell:").name == "mitchell"
    assert get_kernel("laplacian-of-gaussian:sigma=1").name == "log:sigma=1"


def test_a_file_comes_before_the_generator_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mitchell.yaml").write_text("weights: [[7]]\n")
    assert get_kernel("mitchell", [tmp_path]).sum == 7
    assert get_kernel("mitchell:scale=2", [tmp_path]).sum != 7
    assert bare_generator("mitchell", [tmp_path]) is None
    assert bare_generator("mitchell") is GENERATORS["mitchell"]
    assert bare_generator("sobel-x") is None


def test_a_file_may_have_a_colon_in_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a:b=c.yaml").write_text("weights: [[1]]\n")
    assert get_kernel("a:b=c.yaml").sum == 1


def test_a_missing_parameter_is_told_with_all_of_them() -> None:
    with pytest.raises(KernelError, match="needs length") as caught:
        get_kernel("motion")
    assert "angle=0 (degrees)" in str(caught.value)
    assert "motion:length=15" in str(caught.value)


@pytest.mark.parametrize(("name", "near"), [("gausian", "gaussian"), ("savgol1", "savgol")])
def test_generators_are_among_the_near_names(name: str, near: str) -> None:
    with pytest.raises(KernelError, match=near):
        get_kernel(name)
    with pytest.raises(KernelError, match=near):
        get_kernel(f"{name}:sigma=2")
