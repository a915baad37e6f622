"""Which files a batch is about: folders, patterns, names and lists of names become sources.

Imports no NumPy: the workers can start while a parent process is still importing it.
"""

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from convfilter.errors import UsageError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.pictures.formats import FORMATS

PICTURE_SUFFIXES = tuple(suffix for entry in FORMATS.values() for suffix in entry.suffixes)


@frozen
class Source:
    """One input.

    Parameters
    ----------
    path
        Absolute.
    place
        Where it belongs under the output folder: its path from the folder it was found in.
    status
        What the system says of the file; None if it says nothing.
    fault
        Why it cannot even be tried, such as a folder that cannot be listed.
    """

    path: str
    place: str
    status: os.stat_result | None = None
    fault: str | None = None

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return self.status.st_size if self.status else 0


@frozen
class Selection:
    """What to take of what is found.

    Parameters
    ----------
    recursive
        Also from the folders within folders.
    include, exclude
        Patterns for names, or with a slash for paths below the folder; what matches none
        of ``include``, if there is any, or one of ``exclude`` is left.
    output
        The folder of the results; nothing in it is an input.
    """

    recursive: bool = False
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    output: str | None = None

    def takes(self, place: str) -> bool:
        """Whether the patterns let a file pass."""
        name = os.path.basename(place)

        def fits(pattern: str) -> bool:
            return fnmatchcase(place if "/" in pattern else name, pattern)

        wanted = not self.include or any(map(fits, self.include))
        return wanted and not any(map(fits, self.exclude))


def discover(
    inputs: Iterable[str], listed: Iterable[str] = (), selection: Selection | None = None
) -> list[Source]:
    """Find the files of a batch, each once, in natural order within each input.

    Parameters
    ----------
    inputs
        Folders, files, and patterns such as ``photos/**/*.jpg``.
    listed
        Files that a list names; they keep their folders where the list has them relative.

    Raises
    ------
    UsageError
        If an input does not exist or nothing is found.
    """
    selection = selection or Selection()
    inputs = list(inputs)
    found: dict[str, Source] = {}
    for given in inputs:
        for source in sorted(_expand(given, selection), key=lambda s: natural_key(s.place)):
            found.setdefault(source.path, source)
    for name in listed:
        if selection.takes(place := _listed_place(name)):
            found.setdefault(os.path.abspath(name), _source(name, place))
    if not found:
        raise _nothing_found(inputs, selection)
    return list(found.values())


def read_list(data: bytes, *, nul: bool) -> list[str]:
    """Return the names in a list, one a line or, with ``nul``, ended by NUL bytes.

    Raises
    ------
    UsageError
        For NUL bytes where lines are expected.
    """
    if not nul and b"\0" in data:
        raise UsageError(
            "the list of files holds NUL bytes", "it is read as one name a line", "add -0"
        )
    names = data.split(b"\0") if nul else (line.rstrip(b"\r") for line in data.split(b"\n"))
    return [os.fsdecode(name) for name in names if name]


def natural_key(text: str) -> list[tuple[int, int | str]]:
    """Return a key by which ``a2`` sorts before ``a10``."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in parts]


def input_folders(inputs: Iterable[str]) -> list[str]:
    """Return those inputs that are folders."""
    return [given for given in inputs if os.path.isdir(given)]


def _expand(given: str, selection: Selection) -> Iterator[Source]:
    if os.path.isdir(given):
        yield from _walk(given, selection)
    elif os.path.lexists(given):
        if selection.takes(name := os.path.basename(given)):
            yield _source(given, name)
    elif glob.has_magic(given):
        yield from _match(given, selection)
    else:
        raise _missing(given)


def _walk(root: str, selection: Selection) -> Iterator[Source]:
    """Yield the pictures of a folder by their suffixes; links to folders are not followed."""
    output = _identity(_status(selection.output)) if selection.output else None
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            place = os.path.relpath(folder, root)
            yield Source(os.path.abspath(folder), place, None, error.strerror or str(error))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            place = os.path.relpath(entry.path, root)
            if entry.is_dir(follow_symlinks=False):
                if selection.recursive and (not output or _identity(_status(entry.path)) != output):
                    folders.append(entry.path)
            elif entry.name.lower().endswith(PICTURE_SUFFIXES) and selection.takes(place):
                source = _source(entry.path, place)
                if not _is_folder(source):
                    yield source


def _match(pattern: str, selection: Selection) -> Iterator[Source]:
    """Yield what a pattern matches, each placed by its path below the folder before it."""
    parts = pattern.replace(os.sep, "/").split("/")
    fixed = next(n for n, part in enumerate(parts) if glob.has_magic(part))
    root = Path("/".join(parts[:fixed]) + "/" if fixed else ".")
    # pathlib's ** does not follow links to folders; that of glob goes round in loops of them.
    paths = list(root.glob("/".join(parts[fixed:])))
    if not paths:
        raise UsageError(f"nothing matches {pattern}", None, "a pattern is matched from here")
    output = Path(os.path.realpath(selection.output)) if selection.output else None
    for path in paths:
        place = path.relative_to(root)
        hidden = any(part.startswith(".") for part in place.parts)
        if hidden or (output and output in Path(os.path.realpath(path)).parents):
            continue
        if path.name.lower().endswith(PICTURE_SUFFIXES) and selection.takes(str(place)):
            source = _source(str(path), str(place))
            if not _is_folder(source):
                yield source


def _source(path: str, place: str) -> Source:
    return Source(os.path.abspath(path), place, _status(path))


def _is_folder(source: Source) -> bool:
    return source.status is not None and stat.S_ISDIR(source.status.st_mode)


def _status(path: str) -> os.stat_result | None:
    with suppress(OSError, ValueError):
        return os.stat(path)
    return None


def _identity(status: os.stat_result | None) -> tuple[int, int] | None:
    return (status.st_dev, status.st_ino) if status else None


def _listed_place(name: str) -> str:
    """Return a listed name's own path where it lies below the current folder, else its name."""
    place = os.path.normpath(name)
    outside = os.path.isabs(place) or place.split(os.sep)[0] == os.pardir
    return os.path.basename(place) if outside else place


def _missing(given: str) -> UsageError:
    folder, name = os.path.split(given.rstrip("/"))
    try:
        known = os.listdir(folder or ".")
    except OSError:
        return UsageError(f"{given} does not exist", f"nor can its folder {folder} be listed")
    hint = near_miss_hint(name, known, "name a folder, files, or a quoted pattern")
    return UsageError(f"{given} does not exist", None, hint)


def _nothing_found(inputs: list[str], selection: Selection) -> UsageError:
    if not inputs:
        return UsageError("the list of files is empty", None, "name folders or files")
    cause = f"looked in {', '.join(inputs[:3])}{' …' if len(inputs) > 3 else ''}"
    if selection.output and os.path.isdir(selection.output):
        cause += f", but not in the output folder {selection.output}"
    if selection.include or selection.exclude:
        return UsageError("no picture is left", cause, "check --include and --exclude")
    hint = f"pictures are known by their suffix: {' '.join(PICTURE_SUFFIXES)}"
    deeper = "-r looks into the folders within, too"
    return UsageError("no picture found", cause, hint if selection.recursive else deeper)
