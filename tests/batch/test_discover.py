import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.batch.discover import Selection, discover, natural_key, read_list
from convfilter.errors import UsageError


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with pictures and other things in it."""
    names = ["a1.jpg", "a2.JPG", "a10.jpg", "notes.txt", ".hidden.jpg", "sub/b.png"]
    names += ["sub/deep/c.tif", ".git/d.jpg", "out/a1.jpg"]
    for name in names:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(
    inputs: Sequence[str], listed: Sequence[str] = (), selection: Selection | None = None
) -> list[str]:
    return [source.place for source in discover(inputs, listed, selection)]


def test_a_folder_gives_its_pictures_in_natural_order(tree: Path) -> None:
    assert places(["in"]) == ["a1.jpg", "a2.JPG", "a10.jpg"]
    found = discover(["in"])
    assert [source.path for source in found] == [str(tree / "in" / s.place) for s in found]
    assert found[0].bytes == 1


ALL = ["a1.jpg", "a2.JPG", "a10.jpg", "out/a1.jpg", "sub/b.png", "sub/deep/c.tif"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(True), ALL),
        (Selection(True, output="in/out"), [name for name in ALL if name != "out/a1.jpg"]),
        (Selection(True, include=["*.png", "a10*"]), ["a10.jpg", "sub/b.png"]),
        (Selection(True, exclude=["*.jpg", "*.JPG"]), ["sub/b.png", "sub/deep/c.tif"]),
        (Selection(True, exclude=["sub/*", "out/*"]), ["a1.jpg", "a2.JPG", "a10.jpg"]),
        (Selection(False, include=["a?.*"]), ["a1.jpg", "a2.JPG"]),
    ],
)
@pytest.mark.usefixtures("tree")
def test_what_is_taken_of_a_tree(selection: Selection, expected: list[str]) -> None:
    assert places(["in"], selection=selection) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.jpg", ["a1.jpg", "a10.jpg"]),
        ("in/**/*.jpg", ["a1.jpg", "a10.jpg"]),
        ("in/s*/*", ["sub/b.png"]),
        ("in/**/[bc].*", ["sub/b.png", "sub/deep/c.tif"]),
    ],
)
@pytest.mark.usefixtures("tree")
def test_patterns_are_mirrored_from_the_folder_before_them(
    pattern: str, expected: list[str]
) -> None:
    assert places([pattern], selection=Selection(output="in/out")) == expected


def test_a_name_with_brackets_is_a_name_if_there_is_such_a_file(tree: Path) -> None:
    (tree / "[x].jpg").write_bytes(b"x")
    assert places(["[x].jpg"]) == ["[x].jpg"]


def test_links_to_folders_are_not_followed_and_loops_do_no_harm(tree: Path) -> None:
    (tree / "in/loop").symlink_to(".")
    (tree / "in/away").symlink_to(tree / "in/sub")
    (tree / "in/round.jpg").symlink_to("round.jpg")
    taken = places(["in"], selection=Selection(True, exclude=["*/*"]))
    assert taken == ["a1.jpg", "a2.JPG", "a10.jpg", "round.jpg"]
    assert all("loop" not in place for place in places(["in/**/*.jpg"]))


def test_a_file_is_taken_once(tree: Path) -> None:
    assert places(["in/a1.jpg", "in", str(tree / "in/a1.jpg")])[:2] == ["a1.jpg", "a2.JPG"]


def test_listed_files_keep_their_folders_below_the_current_one(tree: Path) -> None:
    listed = ["./in/sub/b.png", str(tree / "in/a1.jpg"), "../gone.jpg", "in/a1.jpg"]
    assert places([], listed) == ["in/sub/b.png", "a1.jpg", "gone.jpg"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may list anything")
def test_a_folder_that_cannot_be_listed_is_a_source_with_a_fault(tree: Path) -> None:
    (tree / "in/sub").chmod(0)
    found = {s.place: s for s in discover(["in"], selection=Selection(True))}
    (tree / "in/sub").chmod(0o755)
    assert found["sub"].fault == "Permission denied"


@pytest.mark.parametrize(
    ("inputs", "selection", "words"),
    [
        (["inn"], None, ["inn does not exist", "did you mean in?"]),
        (["no/such"], None, ["no/such does not exist", "folder no"]),
        (["in/*.bmp"], None, ["nothing matches in/*.bmp"]),
        (["empty"], None, ["no picture found", "-r"]),
        (["in"], Selection(include=["*.bmp"]), ["--include"]),
        ([], None, ["list of files is empty"]),
    ],
)
def test_what_is_not_found_is_told(
    tree: Path, inputs: list[str], selection: Selection | None, words: list[str]
) -> None:
    (tree / "empty/deeper").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        discover(inputs, [], selection)
    for word in words:
        assert word in str(caught.value)


def test_a_hidden_folder_can_be_named(tree: Path) -> None:
    assert places([str(tree / "in/.git")]) == ["d.jpg"]


@pytest.mark.parametrize(
    ("data", "nul", "names"),
    [
        (b"a.jpg\r\nb c.jpg\n\n", False, ["a.jpg", "b c.jpg"]),
        (b"a\nb.jpg\0c.jpg\0", True, ["a\nb.jpg", "c.jpg"]),
        (b"\xff.jpg\n", False, ["\udcff.jpg"]),
        (b"", True, []),
    ],
)
def test_lists_are_read(data: bytes, nul: bool, names: list[str]) -> None:
    assert read_list(data, nul=nul) == names


@given(st.lists(st.text(), min_size=2))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    assert sorted(sorted(names, key=natural_key, reverse=True)) == sorted(names)


def test_numbers_sort_by_their_value() -> None:
    assert sorted(["b", "a10b", "a9", "A1"], key=natural_key) == ["A1", "a9", "a10b", "b"]
