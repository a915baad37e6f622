import os
from pathlib import Path

import pytest

from convfilter.batch.discover import Source, discover
from convfilter.batch.targets import (
    NAME_FIELDS,
    Naming,
    Task,
    is_in_place,
    make_folders,
    plan_tasks,
)
from convfilter.errors import OutputError, UsageError


def source(path: Path, place: str | None = None) -> Source:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return discover([str(path)])[0] if place is None else Source(str(path), place, path.stat())


@pytest.mark.parametrize(
    ("naming", "place", "target"),
    [
        (Naming("out"), "x/y/a.jpg", "x/y/a.jpg"),
        (Naming("out", flat=True), "x/y/a.jpg", "a.jpg"),
        (Naming("out", format="png"), "x/a.b.jpg", "x/a.b.png"),
        (Naming("out", format="jpeg"), "a.JPEG", "a.JPEG"),
        (Naming("out", format="tiff"), "a.raw", "a.tif"),
        (Naming("out", format="tiff"), "a", "a.tif"),
        (
            Naming("out", "blur5+[[1]] x/y", "{stem}-{kernel}{suffix}"),
            "a.gif",
            "a-blur5+-1-x-y.gif",
        ),
        (Naming("out", template="{parent}-{stem}.png"), "a.gif", "in-a.png"),
        (Naming("out", template="{stem}{stem}.png"), "{suffix}.gif", "{suffix}{suffix}.png"),
    ],
)
def test_targets_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, naming: Naming, place: str, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "in" / os.path.basename(place))
    assert naming.target(Source(path, place)) == str(tmp_path / "out" / target)


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{stam}", "did you mean stem"),
        ("{0}", "known: {stem}"),
        ("a/{stem}", "-o"),
        ("", "-o"),
        ("{stem}", "no suffix.*end it in {suffix}"),
        ("{stem}.xyz", "suffix '.xyz' is not known"),
        ("{suffix}{kernel}", "says no format"),
    ],
)
def test_wrong_templates_are_refused(template: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        Naming("out", template=template)


def test_every_field_can_stand_in_a_name() -> None:
    template = "".join(f"<{name}={{{name}}}>" for name in sorted(NAME_FIELDS))
    naming = Naming("out", "blur5", f"{template}.png")
    target = os.path.basename(naming.target(Source("/in/disc.jpg", "disc.jpg")))
    assert target == "<kernel=blur5><parent=in><stem=disc><suffix=.jpg>.png"


@pytest.mark.parametrize(
    ("names", "written_as"),
    [
        (["a.jpg", "a.png"], "png"),
        (["a.jpg", "A.jpg"], None),
        (["a.jpg", "A.JPG"], None),
        (["caf\u00e9.jpg", "cafe\u0301.jpg"], None),
        (["stra\u00dfe.jpg", "STRASSE.jpg"], None),
    ],
)
def test_two_inputs_with_one_output_are_refused(
    tmp_path: Path, names: list[str], written_as: str | None
) -> None:
    sources = [source(tmp_path / "in" / name) for name in names]
    with pytest.raises(OutputError, match="would both become"):
        plan_tasks(sources, Naming(str(tmp_path / "out"), format=written_as))


@pytest.mark.parametrize("way", ["same", "relative", "symlink", "hardlink", "case", "folder link"])
@pytest.mark.parametrize("existing", ["refuse", "replace"])
def test_no_output_may_be_an_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, existing: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = source(tmp_path / "in/a.jpg")
    other = source(tmp_path / "in/b.jpg", "target.jpg")  # its target is ours, one way or another
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "target.jpg"
    if way == "symlink":
        target.symlink_to(tmp_path / "in/a.jpg")
    elif way == "hardlink":
        os.link(tmp_path / "in/a.jpg", target)
    else:
        other = Source(other.path, {"case": "A.JPG"}.get(way, "a.jpg"), other.status)
        if way == "folder link":
            folder.rmdir()
            folder.symlink_to(tmp_path / "in")
    output = {"same": str(tmp_path / "in"), "relative": "out/../in", "case": "in"}.get(way, "out")
    ours = Source(ours.path, "elsewhere.jpg", ours.status)
    with pytest.raises(OutputError, match="is an input of this batch"):
        plan_tasks([ours, other], Naming(output), existing=existing)


def test_with_force_a_file_may_replace_itself(tmp_path: Path) -> None:
    sources = [source(tmp_path / "in" / name) for name in ("a.jpg", "b.jpg")]
    naming, folders = Naming(str(tmp_path / "in")), [str(tmp_path / "in")]
    with pytest.raises(OutputError, match="is an input"):
        plan_tasks(sources, naming, folders)
    tasks = plan_tasks(sources, naming, folders, existing="replace")
    assert [task.output for task in tasks] == [source.path for source in sources]
    assert is_in_place(tasks)


def test_results_do_not_go_among_the_inputs(tmp_path: Path) -> None:
    sources = [source(tmp_path / "in/a.jpg")]
    naming = Naming(str(tmp_path / "in"), template="{stem}-x{suffix}")
    with pytest.raises(OutputError, match="is an input folder"):
        plan_tasks(sources, naming, [str(tmp_path / "in")])
    assert not is_in_place(plan_tasks(sources, naming))


def test_existing_outputs_are_refused_before_any_work(tmp_path: Path) -> None:
    sources = [source(tmp_path / "in" / f"{n}.jpg") for n in range(3)]
    for n in range(2):
        source(tmp_path / "out" / f"{n}.jpg")
    naming = Naming(str(tmp_path / "out"))
    with pytest.raises(OutputError, match="with 2 files; nothing was done"):
        plan_tasks(sources, naming)
    assert len(plan_tasks(sources, naming, may_exist=True)) == 3
    assert len(plan_tasks(sources, naming, existing="replace")) == 3


def test_folders_are_made_and_a_file_in_their_way_is_left_to_its_task(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x").write_bytes(b"in the way")
    tasks = [
        Task(Source("/a.jpg", "a.jpg"), str(tmp_path / "out" / folder / "a.jpg"))
        for folder in ("x", "y/z")
    ]
    make_folders(tasks, str(tmp_path / "out"))
    assert (tmp_path / "out/y/z").is_dir()
    with pytest.raises(OutputError, match="cannot be made"):
        make_folders(tasks, str(tmp_path / "out/x/y"))
