"""The folders that kernels are looked up in, and the names that they hold.

Imports neither NumPy nor YAML, so that completing a name costs nothing.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from convfilter.errors import KernelError
from convfilter.frozen import frozen

ENVIRONMENT_VARIABLE = "CONVFILTER_KERNEL_PATH"

KERNEL_SUFFIXES = (".yaml", ".yml", ".npy")
"""Of two files with one stem the earlier suffix is the kernel; the other holds its weights."""

NAME_RULE = "a name has only a-z, 0-9, '.', '_' and '-', and begins with a letter or digit"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@frozen
class Folder:
    """One folder of the search path; ``origin`` says how it got there."""

    path: Path
    origin: str


@frozen
class KernelFile:
    """A kernel that can be read: its name, its file, and the folder that it was found in."""

    name: str
    path: Path
    origin: str
    folder: Path


def is_kernel_name(text: str) -> bool:
    """Whether the text may name a kernel: ``[a-z0-9][a-z0-9._-]*``."""
    return _NAME.fullmatch(text) is not None


def user_folder() -> Path:
    """Return the folder for the user's own kernels, which need not exist."""
    import platformdirs

    return platformdirs.user_data_path("convfilter", appauthor=False) / "kernels"


def built_in_folder() -> Path:
    """Return the folder of the kernels that come with the program.

    In an installed wheel it lies in the package, in a checkout beside it.
    """
    package = Path(__file__).resolve().parent.parent
    installed = package / "kernels"
    return installed if installed.is_dir() else package.parent / "kernels"


def stated_folders(kernel_path: Iterable[str | Path]) -> tuple[Path, ...]:
    """Return the folders of a kernel path.

    Raises
    ------
    KernelError
        For an empty text, which would be the current folder.
    """
    stated = tuple(kernel_path)
    if "" in stated:
        raise KernelError("--kernel-path is empty", None, "name a folder")
    return tuple(map(Path, stated))


def search_folders(kernel_path: Iterable[str | Path] = ()) -> Iterator[Folder]:
    """Yield the folders in the order of look-up; lazily, since most names need few.

    Raises
    ------
    KernelError
        If a folder of ``kernel_path`` does not exist, or is the empty text.
    """
    for path in stated_folders(kernel_path):
        if not os.path.isdir(path):
            wrong = "is a file" if os.path.lexists(path) else "does not exist"
            raise KernelError(f"kernel folder {path} {wrong}", None, "check --kernel-path")
        yield Folder(path, "--kernel-path")
    for text in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep):
        if text:
            yield Folder(Path(text), ENVIRONMENT_VARIABLE)
    # The built-in names come last, but are known to be there: the user's folder is asked first.
    yield Folder(user_folder(), "user")
    yield Folder(built_in_folder(), "built-in")


def kernel_files(folder: Folder) -> dict[str, KernelFile]:
    """Return the kernels in a folder and the folders below it, by name.

    Files whose names are not kernel names are left out, and so are links that lead
    out of the folder.

    Raises
    ------
    KernelError
        If a folder that was named may not be read.
    """
    root = folder.path.resolve()
    return {
        name: KernelFile(name, Path(path), folder.origin, root)
        for name, path in _paths(str(root), folder.origin).items()
    }


def kernel_file(folder: Folder, name: str) -> KernelFile | None:
    """Return the kernel of one name in a folder and the folders below it; see `kernel_files`."""
    root = folder.path.resolve()
    path = _paths(str(root), folder.origin).get(name)
    return KernelFile(name, Path(path), folder.origin, root) if path else None


def _paths(root: str, origin: str) -> dict[str, str]:
    """Return where each name lies; texts, since most of them are not wanted."""
    found: dict[str, str] = {}
    # Nobody has named the user's folder, which somebody else's home may hold.
    unread = None if origin == "user" else _refuse_unreadable
    for parent, folders, names in os.walk(root, onerror=unread):
        folders.sort()
        for name in sorted(names, key=_by_suffix):
            stem, suffix = os.path.splitext(name)
            if suffix not in KERNEL_SUFFIXES or not is_kernel_name(stem):
                continue
            path = os.path.join(parent, name)
            if os.path.islink(path) and not Path(os.path.realpath(path)).is_relative_to(root):
                continue
            found.setdefault(stem, path)
    return found


def _refuse_unreadable(error: OSError) -> None:
    if isinstance(error, PermissionError):
        wrong = f"kernel folder {error.filename} cannot be read"
        raise KernelError(wrong, error.strerror, "another kernel of the same name might be taken")


def namesakes(name: str, kernel_path: Iterable[str | Path] = ()) -> list[KernelFile]:
    """Return the kernels of one name, in the order of look-up; the first hides the others."""
    folders = search_folders(kernel_path)
    return [file for folder in folders if (file := kernel_file(folder, name))]


def find_kernels(kernel_path: Iterable[str | Path] = ()) -> dict[str, KernelFile]:
    """Return all kernels that can be looked up, by name; the first folder wins."""
    found: dict[str, KernelFile] = {}
    for folder in search_folders(kernel_path):
        for name, file in kernel_files(folder).items():
            found.setdefault(name, file)
    return dict(sorted(found.items()))


def _by_suffix(name: str) -> tuple[int, str]:
    suffix = os.path.splitext(name)[1]
    place = KERNEL_SUFFIXES.index(suffix) if suffix in KERNEL_SUFFIXES else len(KERNEL_SUFFIXES)
    return place, name
