import json
import os
from pathlib import Path
from typing import Any

import pytest

from convfilter.batch import report as report_module
from convfilter.batch.discover import Source
from convfilter.batch.perform import Treatment, perform, settle
from convfilter.batch.report import SCHEMA, Past, Report, encode_line, make_line, read_past
from convfilter.batch.targets import Task
from convfilter.errors import OutputError
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.pictures.write_options import WriteOptions
from tests.conftest import SAMPLES

BLUR = Kernel([[1, 1, 1]], divisor=3, name="blur")
TREATMENT = Treatment((BLUR,))


def task_in(folder: Path, name: str = "a.png") -> Task:
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    path.write_bytes((SAMPLES / "square-10x10.png").read_bytes())
    return Task(Source(str(path), name, path.stat()), str(folder / "out" / name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_report_goes_into_regular_files_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "report"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    for options in ({"resume": True, "overwrite": False}, {"resume": False, "overwrite": True}):
        with pytest.raises(OutputError, match=r"it is (a folder|not a regular file)"):
            Report(str(path), **options)


def test_a_line_tells_what_was_asked_and_what_came_of_it(tmp_path: Path) -> None:
    task = task_in(tmp_path)
    treatment = Treatment(
        (BLUR,), FilterOptions(stride=(2, 2)), writing=WriteOptions(overwrite=True)
    )
    line = make_line(task, treatment, settle(perform(treatment, task)))
    assert json.loads(json.dumps(line)) == line
    expected = {
        "schema": SCHEMA,
        "input": task.input,
        "output": task.output,
        "kernels": ["blur"],
        "options": {"stride": [2, 2]},
        "status": "written",
        "width": 5,
        "height": 5,
        "mode": "L",
        "format": "png",
        "clipped": 0,
        "input_bytes": os.path.getsize(task.input),
        "output_bytes": os.path.getsize(task.output),
        "error": None,
    }
    assert expected.items() <= line.items()
    assert line["seconds"] > 0
    assert len(line["kernel_hash"]) == 32


def test_a_failure_has_the_same_fields(tmp_path: Path) -> None:
    task = task_in(tmp_path)
    written = make_line(task, TREATMENT, settle(perform(TREATMENT, task)))
    Path(task.output).unlink()
    Path(task.input).unlink()
    failed = make_line(task, TREATMENT, settle(perform(TREATMENT, task)))
    assert failed.keys() == written.keys()
    assert failed["status"] == "failed"
    assert "does not exist" in failed["error"]["what"]


def past_of(task: Task, treatment: Treatment = TREATMENT, **changes: Any) -> Past:
    return Past([make_line(task, treatment, settle(perform(treatment, task))) | changes])


def test_what_is_done_is_left_out(tmp_path: Path) -> None:
    task = task_in(tmp_path)
    assert past_of(task).split([task], TREATMENT) == ([], [task])


@pytest.mark.parametrize(
    ("treatment", "changes", "existing"),
    [
        (Treatment((BLUR.replace(divisor=4),)), {}, "replace"),
        (Treatment((BLUR,), FilterOptions(range="abs")), {}, "replace"),
        (TREATMENT, {"output_bytes": 1}, "replace"),
        (TREATMENT, {"input_modified_ns": 1}, "replace"),
        (TREATMENT, {"input": "/other.png"}, "replace"),
        (TREATMENT, {"status": "failed"}, "compare"),
        (TREATMENT, {"output": "/other.png"}, "compare"),
    ],
)
def test_what_is_not_as_it_would_be_now_is_made_again(
    tmp_path: Path, treatment: Treatment, changes: dict[str, Any], existing: str
) -> None:
    task = task_in(tmp_path)
    (todo,), done = past_of(task, **changes).split([task], treatment)
    assert not done
    assert todo.existing == existing


def test_names_and_threads_make_no_difference(tmp_path: Path) -> None:
    task = task_in(tmp_path)
    other = Treatment((BLUR.replace(name="other"),), FilterOptions(workers=7))
    assert past_of(task).split([task], other) == ([], [task])


def test_what_is_gone_is_made_again(tmp_path: Path) -> None:
    task = task_in(tmp_path)
    past = past_of(task)
    Path(task.output).unlink()
    assert len(past.split([task], TREATMENT)[0]) == 1


def test_a_report_cut_off_anywhere_can_be_read_and_gone_on_with(tmp_path: Path) -> None:
    tasks = [task_in(tmp_path, f"{n}.png") for n in range(3)]
    lines = [make_line(task, TREATMENT, settle(perform(TREATMENT, task))) for task in tasks]
    path = tmp_path / "report"
    report = Report(str(path), resume=False, overwrite=False)
    for line in lines:
        report.add(line)
    report.close()
    whole = path.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    for cut in {*ends, 0, 1, *range(0, len(whole), 97)}:
        path.write_bytes(whole[:cut])
        _, done = read_past(str(path)).split(tasks, TREATMENT)
        assert len(done) == sum(end <= cut for end in ends)
        resumed = Report(str(path), resume=True, overwrite=False)
        for line in lines[len(done) :]:
            resumed.add(line)
        resumed.finish()
        resumed.close()
        assert path.read_bytes() == whole


@pytest.mark.parametrize("resume", [True, False])
def test_two_batches_do_not_write_one_report(tmp_path: Path, resume: bool) -> None:
    path = tmp_path / "report"
    first = Report(str(path), resume=False, overwrite=False)
    first.add({"schema": 1, "output": "a"})
    before = path.read_bytes()
    with pytest.raises(OutputError, match="another batch is writing the report"):
        Report(str(path), resume=resume, overwrite=True)
    assert path.read_bytes() == before
    first.close()
    Report(str(path), resume=resume, overwrite=True).close()


def test_a_report_that_has_just_been_replaced_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    opened = os.open

    def replaced(name: str, *rest: int) -> int:
        file = opened(name, *rest)
        path.unlink()
        path.write_bytes(b"new")
        return file

    monkeypatch.setattr(os, "open", replaced)
    with pytest.raises(OutputError, match="another batch is writing the report"):
        Report(str(path), resume=False, overwrite=True)
    assert path.read_bytes() == b"new"


def test_a_report_that_cannot_be_shortened_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    path.write_bytes(encode_line({"schema": SCHEMA, "output": "a"}))

    def refuse(*_: object, **__: object) -> None:
        raise OutputError("it cannot be written")

    monkeypatch.setattr(report_module, "write_atomically", refuse)
    report = Report(str(path), resume=True, overwrite=False)
    report.add({"schema": SCHEMA, "output": "a"})
    report.finish()
    report.close()
    assert path.read_bytes() == 2 * encode_line({"schema": SCHEMA, "output": "a"})


def test_in_the_end_there_is_one_line_a_file(tmp_path: Path) -> None:
    path = tmp_path / "report"
    for outputs in ("ab", "cb"):
        report = Report(str(path), resume=True, overwrite=False)
        for output in outputs:
            report.add({"schema": SCHEMA, "output": output, "run": outputs})
        report.finish()
        report.close()
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["output"], line["run"]) for line in told] == [
        ("a", "ab"),
        ("b", "cb"),
        ("c", "cb"),
    ]


def test_a_report_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"mine\n")
    with pytest.raises(OutputError, match="--resume to go on"):
        Report(str(path), resume=False, overwrite=False)
    assert path.read_bytes() == b"mine\n"
    Report(str(path), resume=False, overwrite=True).close()
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no json\n", "is not a report"),
        ('{"schema": 99, "output": "x"}\n', "schema 1"),
        ('{"schema": 1}\n', "schema 1"),
        ("[]\n", "schema 1"),
        ('{"schema": 1, "output": []}\n', "schema 1"),
        ("[" * 100_000 + "\n", "schema 1"),
        ("notes without a line end", "not a report"),
        ("\0" * 5000, "not a report"),
        ('{"schema": 1, "input": "a", "output": "b"}\nnotes', "not a report"),
    ],
)
def test_other_files_are_not_taken_for_reports(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "report"
    path.write_text(text)
    with pytest.raises(OutputError, match=word):
        read_past(str(path))


def test_a_full_disk_under_the_report_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(str(tmp_path / "report"), resume=False, overwrite=False)

    def full(_file: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OutputError, match="No space left"):
            report.add({"output": "x"})
    report.close()


def test_names_that_are_not_utf_8_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "report"
    report = Report(str(path), resume=False, overwrite=False)
    report.add({"schema": SCHEMA, "output": "a\udcff\n.png"})
    report.close()
    assert json.loads(path.read_text())["output"] == "a\udcff\n.png"
    assert path.read_bytes().count(b"\n") == 1
