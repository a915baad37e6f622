"""Where each result goes: names and folders of all targets, checked before any work is done."""

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache

from convfilter.batch.discover import Source
from convfilter.errors import ConvfilterError, OutputError, UsageError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.parts import Share
from convfilter.pictures.formats import FORMATS, format_by_suffix

NAME_FIELDS = {
    "stem": "the input's name without its suffix",
    "suffix": "the input's suffix, or that of --format",
    "kernel": "the kernels' names",
    "parent": "the name of the input's folder",
}
"""What may stand in braces in ``--name``."""

DEFAULT_NAME = "{stem}{suffix}"


@frozen
class Task:
    """One file of a batch.

    Parameters
    ----------
    input, output
        Absolute paths.
    existing
        What to do about an output that exists: ``refuse``, ``replace``, or ``compare``:
        be content if it holds what would be written.
    share
        What to do of it, where several do it.
    """

    source: Source
    output: str
    existing: str = "refuse"
    share: Share | None = None

    @property
    def input(self) -> str:
        """Path of the input."""
        return self.source.path

    @property
    def bare(self) -> "Task":
        """The same with no more than who performs it needs, which travels in a fraction of time."""
        return replace(self, source=Source(self.source.path, self.source.place))


@frozen
class Naming:
    """How a target is named.

    Parameters
    ----------
    folder
        Of all results.
    kernel
        What stands for ``{kernel}``.
    template
        With fields of `NAME_FIELDS` in braces.
    flat
        Leave out the folders that the input was found in.
    format
        Of the output, by its name; None keeps the input's suffix.

    Raises
    ------
    UsageError
        For an unknown field, a brace without the other, or a slash.
    """

    folder: str
    kernel: str = ""
    template: str = DEFAULT_NAME
    flat: bool = False
    format: str | None = None

    def __post_init__(self) -> None:
        for field in re.findall(r"\{(.*?)\}", self.template):
            if field not in NAME_FIELDS:
                known = ", ".join(f"{{{name}}}" for name in NAME_FIELDS)
                hint = near_miss_hint(field, list(NAME_FIELDS), f"known: {known}")
                raise UsageError(f"--name has the unknown field {{{field}}}", None, hint)
        if re.search(r"[{}]", re.sub(r"\{.*?\}", "", self.template)):
            raise UsageError(
                f"--name {self.template!r} has a brace without the other",
                None,
                f"known: {', '.join(f'{{{name}}}' for name in NAME_FIELDS)}",
            )
        if re.search(r"[/\\\0]", self.template) or not self.template:
            raise UsageError(
                f"--name {self.template!r} is not a file's name",
                "the tree of folders is mirrored as it is",
                "name the folder with -o",
            )
        self._check_suffix()

    def _check_suffix(self) -> None:
        """Refuse names that say no format, if none is stated."""
        if self.format or self.template.endswith("{suffix}"):
            return
        try:
            format_by_suffix(self.template)
        except OutputError as error:
            raise UsageError(
                f"--name {self.template!r} says no format",
                error.cause,
                "end it in {suffix}, or in one such as .png, or state --format",
            ) from None

    def target(self, source: Source) -> str:
        """Return the absolute path of a source's result."""
        folder, name = os.path.split(source.place)
        stem, suffix = os.path.splitext(name)
        values = {
            "stem": stem,
            "suffix": self._suffix(name, suffix),
            "kernel": re.sub(r"[^\w.+-]+", "-", self.kernel),
            "parent": os.path.basename(os.path.dirname(source.path)),
        }
        named = re.sub(r"\{(.*?)\}", lambda field: values[field[1]], self.template)
        return os.path.join(os.path.abspath(self.folder), "" if self.flat else folder, named)

    def _suffix(self, name: str, suffix: str) -> str:
        if not self.format:
            return suffix
        entry = FORMATS[self.format]
        try:
            return suffix if format_by_suffix(name) is entry else entry.suffixes[0]
        except OutputError:
            return entry.suffixes[0]


def plan_tasks(
    sources: Iterable[Source],
    naming: Naming,
    folders: Collection[str] = (),
    *,
    existing: str = "refuse",
    may_exist: bool = False,
) -> list[Task]:
    """Return a task for every source, or refuse them all.

    Parameters
    ----------
    folders
        Inputs that are folders.
    existing
        As in `Task`; with ``replace`` an input may be its own output.
    may_exist
        Whether outputs that exist already are somebody else's concern.

    Raises
    ------
    OutputError
        If two inputs have one output, an output is an input, the output folder is an
        input folder, or an output exists already.
    """
    tasks = [Task(source, naming.target(source), existing) for source in sources]
    possible = [task for task in tasks if not task.source.fault]
    _refuse_collisions(possible)
    _refuse_inputs(possible)
    if existing != "replace":
        _refuse_own_folder(naming.folder, folders)
    if existing == "refuse" and not may_exist:
        _refuse_existing(possible)
    return tasks


def folded(path: str) -> str:
    """Return what two paths share that some file system would take for the same."""
    return unicodedata.normalize("NFC", path).casefold()


def make_folders(tasks: Sequence[Task], folder: str) -> None:
    """Make the output folder and those below it.

    Raises
    ------
    OutputError
        If the output folder itself cannot be made; any other is told for each of its files.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"the folder {folder} cannot be made", reason) from None
    for below in target_folders(tasks):
        try:
            os.makedirs(below, exist_ok=True)
        except OSError:
            continue  # the files that belong there will say so


def target_folders(tasks: Iterable[Task]) -> list[str]:
    """Return the folders of all targets."""
    return list(dict.fromkeys(os.path.dirname(task.output) for task in tasks))


def is_in_place(tasks: Iterable[Task]) -> bool:
    """Whether some input is its own output."""
    return any(_same_file(task.output, task.source) for task in tasks)


def _refuse_collisions(tasks: Sequence[Task]) -> None:
    first: dict[str, Task] = {}
    clashes = []
    for task in tasks:
        other = first.setdefault(folded(task.output), task)
        if other is not task:
            clashes.append((other, task))
    if clashes:
        other, task = clashes[0]
        raise _refused(
            f"{other.input} and {task.input} would both become {task.output}",
            clashes,
            "name them apart with --name, as in '{stem}-{parent}{suffix}', or run them apart",
        )


def refuse_report(tasks: Sequence[Task], report: str) -> None:
    """Refuse a report that would be written over a picture, or a picture over it.

    Raises
    ------
    OutputError
        If the report is an input or an output.
    """
    identities = _Identities()
    own = identities.of(os.path.abspath(report), _status(report))
    for task in tasks:
        if own & identities.of(task.input, task.source.status):
            role = "an input"
        elif own & identities.of(task.output, _status(task.output)):
            role = "a result"
        else:
            continue
        raise OutputError(
            f"the report {report} is {role} of this batch",
            "nothing was done",
            "name another file with --report",
        )


class _Identities:
    """By what files are known to be the same: their real places, and what the system says."""

    def __init__(self) -> None:
        self._real = cache(os.path.realpath)

    def of(self, path: str, status: os.stat_result | None) -> set[object]:
        folder, name = os.path.split(path)
        place = folded(os.path.join(self._real(folder), name))
        return {place, (status.st_dev, status.st_ino)} if status else {place}


def _refuse_inputs(tasks: Sequence[Task]) -> None:
    identities = _Identities()
    owners = {
        identity: task
        for task in tasks
        for identity in identities.of(task.input, task.source.status)
    }
    hits = []
    for task in tasks:
        found = map(owners.get, identities.of(task.output, _status(task.output)))
        if any(owner and not (owner is task and task.existing == "replace") for owner in found):
            hits.append(task)
    if hits:
        raise _refused(
            f"{hits[0].output} is an input of this batch",
            hits,
            "name another folder with -o; --force lets a file replace itself",
        )


def _refuse_own_folder(output: str, folders: Iterable[str]) -> None:
    for folder in folders:
        if os.path.exists(output) and os.path.samefile(output, folder):
            raise OutputError(
                f"the output folder {output} is an input folder",
                "the next run would take the results for pictures to filter",
                "name another folder with -o, or use --force",
            )


def _refuse_existing(tasks: Sequence[Task]) -> None:
    there = [task for task in tasks if os.path.lexists(task.output)]
    if there:
        raise _refused(
            f"{there[0].output} exists",
            there,
            "use --force, --skip-existing, or --resume with the report of the earlier run",
        )


def _refused(what: str, cases: Sequence[object], hint: str) -> ConvfilterError:
    more = f"so it is with {len(cases)} files; " if len(cases) > 1 else ""
    return OutputError(what, f"{more}nothing was done", hint)


def _same_file(path: str, source: Source) -> bool:
    status = _status(path)
    return bool(status and source.status and os.path.samestat(status, source.status))


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None
