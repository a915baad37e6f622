"""The report: one line of JSON a file, by which a batch that was stopped goes on later."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

from convfilter.atomic import write_atomically
from convfilter.batch.perform import Reply, Treatment
from convfilter.batch.targets import Task
from convfilter.errors import OutputError

SCHEMA = 1
"""Raised when a field changes its meaning; fields may be added without."""

BEGINNING = f'{{"schema": {SCHEMA}, "'.encode()
"""What every line begins with, one that was cut off too."""

Line = dict[str, Any]

FIELDS = (
    "status",
    "algorithm",
    "range",
    "width",
    "height",
    "mode",
    "format",
    "clipped",
    "clipped_share",
    "notes",
    "input_bytes",
    "input_modified_ns",
    "output_bytes",
    "seconds",
    "error",
)
"""What a line tells of a task's reply, after the schema and what was asked for."""


def make_line(task: Task, treatment: Treatment, reply: Reply) -> Line:
    """Return what the report says of a file."""
    told = _input_state(task) | reply
    asked = {
        "schema": SCHEMA,
        "input": task.input,
        "output": task.output,
        "kernels": treatment.names,
        "kernel_hash": treatment.kernel_hash,
        "options": treatment.options,
    }
    return asked | {name: told.get(name) for name in FIELDS}


def _input_state(task: Task) -> Line:
    modified = task.source.status.st_mtime_ns if task.source.status else None
    return {"input_bytes": task.source.bytes, "input_modified_ns": modified}


def encode_line(line: Line) -> bytes:
    """Return a line as it is written; bytes of names that are not UTF-8 become escapes."""
    return json.dumps(line, ensure_ascii=True).encode() + b"\n"


class Past:
    """What an earlier run of the same report did, by output.

    Parameters
    ----------
    lines
        Of the report, oldest first; a later line replaces an earlier one.
    """

    def __init__(self, lines: list[Line]) -> None:
        self._lines = {line["output"]: line for line in lines}

    def is_done(self, task: Task, treatment: Treatment) -> bool:
        """Whether the output is there as the same kernels and options made it of this input."""
        line = self._lines.get(task.output)
        if line is None or line.get("status") != "written":
            return False
        asked = task.input, treatment.kernel_hash, treatment.options
        if (line.get("input"), line.get("kernel_hash"), line.get("options")) != asked:
            return False
        if any(line.get(name) != value for name, value in _input_state(task).items()):
            return False
        with suppress(OSError):
            return os.stat(task.output).st_size == line.get("output_bytes")
        return False

    def split(self, tasks: Iterable[Task], treatment: Treatment) -> tuple[list[Task], list[Task]]:
        """Return the tasks that are still to be done, and those that need not be done again.

        An output that the earlier run wrote may be replaced. One that it may have written
        just before it was killed is accepted if it holds what is made now.
        """
        todo, done = [], []
        for task in tasks:
            if self.is_done(task, treatment):
                done.append(task)
            elif task.existing == "replace" or self._is_ours(task):
                todo.append(replace(task, existing="replace"))
            else:
                todo.append(replace(task, existing="compare"))
        return todo, done

    def _is_ours(self, task: Task) -> bool:
        """Whether the earlier run wrote the output, however."""
        line = self._lines.get(task.output)
        return line is not None and line.get("status") == "written"


def read_past(path: str) -> Past:
    """Read a report, if there is one; a last line that was cut off is passed over.

    Raises
    ------
    OutputError
        If it is there and is no report, or one of a later schema.
    """
    try:
        with open(path, "rb") as file:
            return Past(list(_lines(file, path)))
    except FileNotFoundError:
        return Past([])
    except OSError as error:
        raise OutputError(f"the report {path} cannot be read", error.strerror) from None


def _lines(file: BinaryIO, path: str) -> Iterator[Line]:
    """Yield the whole lines; what a killed run began to write after them is left out."""
    for data in file:
        if not data.endswith(b"\n") and BEGINNING.startswith(data[: len(BEGINNING)]):
            return
        line: Any = None
        with suppress(ValueError, RecursionError):
            line = json.loads(data) if data.endswith(b"\n") else None
        known = isinstance(line, dict) and line.get("schema") == SCHEMA
        if not known or not isinstance(line.get("output"), str):
            raise OutputError(
                f"{path} is not a report of schema {SCHEMA}",
                None,
                "name the report of the batch to resume",
            )
        yield line


class Report:
    """A report that is being written.

    Parameters
    ----------
    path
        Where to.
    resume
        Go on behind what it holds.
    overwrite
        Begin anew where there is one.

    Raises
    ------
    OutputError
        If it cannot be opened, or exists and is neither resumed nor replaced.
    """

    def __init__(self, path: str, *, resume: bool, overwrite: bool) -> None:
        self._path = path
        if os.path.exists(path) and not os.path.isfile(path):
            kind = "a folder" if os.path.isdir(path) else "not a regular file"
            hint = "name a file, or - for standard output"
            raise OutputError(f"the report {path} cannot be written", f"it is {kind}", hint)
        if os.path.exists(path) and not resume and not overwrite:
            raise OutputError(
                f"the report {path} exists", None, "use --resume to go on, or --force to begin anew"
            )
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            self._file = os.open(path, flags, 0o666)
            try:
                self._lock()
                self._has_past = resume and self._cut_torn_line() > 0
                if not resume:
                    os.ftruncate(self._file, 0)
            except BaseException:
                os.close(self._file)
                raise
        except OSError as error:
            raise self._fault(error) from None

    def add(self, line: Line) -> None:
        """Write a line, whole: a kill can only cut off the last one.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        left = memoryview(encode_line(line))
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            raise self._fault(error) from None

    def finish(self) -> None:
        """Leave one line a file: the last one."""
        if not self._has_past:
            return
        with open(self._path, "rb") as file:
            lines = list(_lines(file, self._path))
        last = {line["output"]: line for line in lines}
        if len(last) < len(lines):
            text = b"".join(map(encode_line, last.values()))
            with suppress(OutputError):  # as it is it is right, and only longer
                write_atomically(self._path, lambda stream: _write(stream, text), overwrite=True)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _lock(self) -> None:
        """Keep the file to this batch until it is closed, where the system can."""
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._taken() from None
        except OSError:
            return  # not every file system has locks
        if not os.path.samestat(os.fstat(self._file), os.stat(self._path)):
            raise self._taken()  # it has just been replaced, as at the end of a batch

    def _taken(self) -> OutputError:
        return OutputError(
            f"another batch is writing the report {self._path}",
            None,
            "wait for it, or name another report",
        )

    def _cut_torn_line(self) -> int:
        """Go to the end of the last whole line; return where that is."""
        with open(self._path, "rb") as file:
            whole = file.read().rpartition(b"\n")
        os.ftruncate(self._file, len(whole[0]) + len(whole[1]))
        return os.lseek(self._file, 0, os.SEEK_END)

    def _fault(self, error: OSError) -> OutputError:
        return OutputError(f"the report {self._path} cannot be written", error.strerror)


def _write(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
