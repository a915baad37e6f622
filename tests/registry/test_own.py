import os
from pathlib import Path

import numpy as np
import pytest

from convfilter.errors import KernelError, OutputError
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.fault import KernelFileError
from convfilter.registry.own import add_kernel, own_kernels, put_kernel, remove_kernel
from convfilter.registry.search_path import built_in_folder, user_folder

MINE = b"# by hand\ntitle:  Mine\nweights: [[1, 2]]\ndivisor: 3\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_bytes(MINE)
    return path


@pytest.fixture
def paired(tmp_path: Path) -> Path:
    """Return a YAML file whose weights lie in an NPY file beside it."""
    np.save(tmp_path / "w.npy", np.eye(3))
    path = tmp_path / "paired.yaml"
    path.write_text("weights: w.npy # beside\ndivisor: 3\n")
    return path


def files() -> list[str]:
    """Name what is in the user's folder."""
    folder = user_folder()
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def test_a_kernel_is_copied_byte_for_byte_and_can_be_named(mine: Path) -> None:
    assert add_kernel(mine) == [user_folder() / "mine.yaml"]
    assert (user_folder() / "mine.yaml").read_bytes() == MINE
    assert get_kernel("mine").title == "Mine"
    assert files() == ["mine.yaml"]


@pytest.mark.parametrize(
    ("name", "put"), [("a.yml", "a.yaml"), ("A.YAML", "a.yaml"), ("a.NPY", "a.npy")]
)
def test_every_suffix_is_made_the_one_that_is_looked_up(
    tmp_path: Path, name: str, put: str
) -> None:
    if name.lower().endswith("npy"):
        with (tmp_path / name).open("wb") as stream:
            np.save(stream, np.eye(2))
    else:
        (tmp_path / name).write_bytes(MINE)
    add_kernel(tmp_path / name, "a")
    assert files() == [put]
    assert (user_folder() / put).read_bytes() == (tmp_path / name).read_bytes()


def test_the_npy_file_comes_along_under_the_name_of_the_kernel(paired: Path) -> None:
    folder = user_folder()
    assert add_kernel(paired) == [folder / "paired.yaml", folder / "paired.npy"]
    assert (folder / "paired.yaml").read_text() == "weights: paired.npy # beside\ndivisor: 3\n"
    assert (folder / "paired.npy").read_bytes() == paired.with_name("w.npy").read_bytes()
    assert get_kernel("paired").weights.tolist() == np.eye(3).tolist()
    assert sorted(own_kernels()) == ["paired"]


def test_a_pair_that_is_named_alike_is_copied_as_it_is() -> None:
    built_in = built_in_folder() / "motion/motion-h.yaml"
    add_kernel(built_in)
    assert (user_folder() / "motion-h.yaml").read_bytes() == built_in.read_bytes()
    assert get_kernel("motion-h").file == (user_folder() / "motion-h.yaml").resolve()


def test_a_wrong_file_is_refused_with_all_faults(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("weights: [[x, y]]\ndivisr: 1\n")
    with pytest.raises(KernelFileError) as caught:
        add_kernel(tmp_path / "bad.yaml")
    assert len(caught.value.faults) == 3
    assert not user_folder().exists()


@pytest.mark.parametrize("suffix", [".txt", ""])
def test_a_file_with_another_suffix_is_refused(mine: Path, suffix: str) -> None:
    with pytest.raises(KernelError, match="suffix"):
        add_kernel(mine.rename(mine.with_suffix(suffix)), "mine")
    assert files() == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("../../mine", "mine"), ("/mine", "mine"), ("My Kernel!", "my-kernel"), ("", "choose"),
        (".mine", "mine"), ("-mine", "mine"), ("a\0b", "a-b"), ("a/b", "a-b"), ("mine.npy", "mine"),
        ("mine.yaml", "mine"), ("\u00e4", "choose"), ("..", "choose"),
    ],
)  # fmt: skip
def test_bad_names_are_refused_with_a_better_one(mine: Path, name: str, hint: str) -> None:
    with pytest.raises(KernelError, match="cannot be a kernel's name") as caught:
        add_kernel(mine, name)
    assert hint in (caught.value.hint or "")
    assert files() == []


def test_nothing_is_replaced_unasked(mine: Path, paired: Path) -> None:
    add_kernel(mine)
    with pytest.raises(OutputError, match="already"):
        add_kernel(paired, "mine")
    assert get_kernel("mine").title == "Mine"
    assert files() == ["mine.yaml"]


def test_what_is_replaced_leaves_nothing_behind(mine: Path, paired: Path) -> None:
    add_kernel(paired, "a")
    add_kernel(mine, "a", overwrite=True)
    assert files() == ["a.yaml"]
    add_kernel(paired.with_name("w.npy"), "a", overwrite=True)
    assert files() == ["a.npy"]
    add_kernel(paired, "a", overwrite=True)
    assert files() == ["a.npy", "a.yaml"]
    assert get_kernel("a").divisor == 3


def test_a_kernel_in_a_folder_below_is_replaced_where_it_is(mine: Path) -> None:
    below = user_folder() / "below"
    below.mkdir(parents=True)
    (below / "mine.yml").write_text("weights: [[9]]\n")
    assert add_kernel(mine, overwrite=True) == [below.resolve() / "mine.yaml"]
    assert os.listdir(below) == ["mine.yaml"]
    assert files() == ["below"]


@pytest.mark.parametrize("suffix", [".yaml", ".npy"])
def test_no_link_is_written_through(paired: Path, suffix: str) -> None:
    outside = paired.with_name("outside")
    outside.write_bytes(b"theirs")
    user_folder().mkdir(parents=True)
    (user_folder() / f"mine{suffix}").symlink_to(outside)
    with pytest.raises(OutputError, match="link"):
        add_kernel(paired, "mine", overwrite=True)
    assert outside.read_bytes() == b"theirs"
    assert files() == [f"mine{suffix}"]


def test_the_weights_of_another_kernel_are_not_replaced(paired: Path) -> None:
    add_kernel(paired, "a")
    (user_folder() / "b.yaml").write_text("weights: a.npy\n")
    with pytest.raises(OutputError, match="weights of b"):
        add_kernel(paired, "a", overwrite=True)
    (user_folder() / "c.yaml").write_text("weights: d.npy\n")  # which is missing
    with pytest.raises(OutputError, match="weights of c"):
        add_kernel(paired, "d")


def contents() -> dict[str, bytes]:
    return {name: (user_folder() / name).read_bytes() for name in files()}


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("earlier", ["nothing", "a matrix", "a pair"])
def test_a_disk_that_fails_leaves_what_was_there(
    paired: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, failing: int, earlier: str
) -> None:
    if earlier == "a matrix":
        add_kernel(mine, "a")
    elif earlier == "a pair":
        add_kernel(paired, "a")
        np.save(paired.with_name("w.npy"), np.ones((3, 3)))
    before = contents()
    calls = 0

    def fail(_descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError, match="No space left"):
        add_kernel(paired, "a", overwrite=earlier != "nothing")
    assert contents() == before


def test_a_folder_that_cannot_be_made_is_named(mine: Path) -> None:
    user_folder().parent.mkdir(parents=True)
    user_folder().write_text("in the way")
    with pytest.raises(OutputError, match="cannot be made"):
        add_kernel(mine)


def test_bytes_are_read_before_they_are_put() -> None:
    assert put_kernel("made", {".yaml": b"weights: [[1]]\n"}) == [user_folder() / "made.yaml"]
    with pytest.raises(KernelError, match="line 1, key 'weights"):
        put_kernel("wrong", {".yaml": b"weights: [[x]]\n"})
    assert files() == ["made.yaml"]


def test_a_kernel_is_removed_with_its_weights(mine: Path, paired: Path) -> None:
    add_kernel(mine)
    add_kernel(paired)
    assert [path.name for path in remove_kernel("paired")] == ["paired.yaml", "paired.npy"]
    assert files() == ["mine.yaml"]


def test_weights_that_another_kernel_needs_stay(paired: Path) -> None:
    add_kernel(paired, "a")
    (user_folder() / "b.yaml").write_text("weights: a.npy\n")
    remove_kernel("a")
    assert files() == ["a.npy", "b.yaml"]
    with pytest.raises(KernelError, match="weights of b"):
        remove_kernel("a")
    assert [path.name for path in remove_kernel("b")] == ["b.yaml", "a.npy"]


def test_a_broken_kernel_can_be_removed() -> None:
    user_folder().mkdir(parents=True)
    (user_folder() / "broken.yaml").write_text("weights: [\n")
    (user_folder() / "broken.npy").write_bytes(b"")
    remove_kernel("broken")
    assert files() == []


def test_a_link_is_removed_and_not_what_it_leads_to() -> None:
    user_folder().mkdir(parents=True)
    (user_folder() / "real.yaml").write_bytes(MINE)
    (user_folder() / "link.yaml").symlink_to("real.yaml")
    remove_kernel("link")
    assert files() == ["real.yaml"]


@pytest.mark.parametrize("npy", ["../secret.npy", "/etc/secret.npy"])
def test_a_path_in_a_broken_kernel_removes_nothing(npy: str) -> None:
    user_folder().mkdir(parents=True)
    (user_folder().parent / "secret.npy").write_bytes(b"x")
    (user_folder() / "evil.yaml").write_text(f"weights: {npy}\n")
    assert [path.name for path in remove_kernel("evil")] == ["evil.yaml"]
    assert (user_folder().parent / "secret.npy").exists()


def test_only_ones_own_kernels_are_removed(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_kernel(mine)
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(tmp_path / "theirs"))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/their.yaml").write_bytes(MINE)
    with pytest.raises(KernelError, match="comes with the program"):
        remove_kernel("blur5")
    with pytest.raises(KernelError, match="not in your folder"):
        remove_kernel("their")
    with pytest.raises(KernelError, match="did you mean mine"):
        remove_kernel("mnie")
    with pytest.raises(KernelError, match="no kernel"):
        remove_kernel("../theirs/their")
    assert (built_in_folder() / "smoothing/blur5.yaml").exists()
    assert (tmp_path / "theirs/their.yaml").exists()
