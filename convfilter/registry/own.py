"""The user's own kernels: put into the user's folder, and taken out of it.

Nothing is ever written or removed outside that folder.
"""

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from convfilter.atomic import write_atomically
from convfilter.errors import ConvfilterError, KernelError, OutputError, near_miss_hint
from convfilter.registry.beside import npy_beside, with_npy_beside
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.fault import Fault, KernelFileError
from convfilter.registry.files import check_suffix, read_bytes
from convfilter.registry.search_path import (
    KERNEL_SUFFIXES,
    NAME_RULE,
    Folder,
    KernelFile,
    is_kernel_name,
    kernel_files,
    namesakes,
    user_folder,
)


def own_kernels() -> dict[str, KernelFile]:
    """Return the kernels in the user's folder, by name."""
    return kernel_files(Folder(user_folder(), "user"))


def add_kernel(path: Path, name: str | None = None, *, overwrite: bool = False) -> list[Path]:
    """Copy a kernel file into the user's folder, so that its kernel can be named.

    An NPY file that a YAML file names as its weights comes along, under the kernel's name.

    Parameters
    ----------
    path
        A YAML or NPY file.
    name
        What the kernel is to be called; None for the file's stem.
    overwrite
        Whether a kernel of that name in the user's folder is replaced.

    Returns
    -------
    list of Path
        The files that were written, the kernel's own one first.

    Raises
    ------
    KernelError
        If the file is no kernel, with all its faults, or the name is none.
    OutputError
        If there is one of that name, or it cannot be written.
    """
    name = check_own_name(path.stem if name is None else name)
    try:
        check_suffix(path)
        read_kernel(path)
        pieces = _pieces(path, name)
    except Fault as fault:
        raise KernelFileError(str(path), [fault]) from None
    return put_kernel(name, pieces, overwrite=overwrite)


def put_kernel(name: str, pieces: Mapping[str, bytes], *, overwrite: bool = False) -> list[Path]:
    """Write a kernel to the user's folder, after reading it to see that it is one.

    Parameters
    ----------
    name
        What it is to be called.
    pieces
        For ``.yaml``, ``.npy`` or both, the bytes of the file.
    overwrite
        Whether a kernel of that name in the user's folder is replaced.

    Returns
    -------
    list of Path
        The files that were written, the kernel's own one first.

    Raises
    ------
    KernelError, OutputError
        As `add_kernel`.
    """
    check_own_name(name)
    _refuse_what_cannot_be_read(name, pieces)
    existing = own_kernels().get(name)
    if existing and not overwrite:
        hint = "use --force to replace it, or --name to choose another"
        raise OutputError(f"you have a kernel {name} already", f"it is {existing.path}", hint)
    folder = existing.path.parent if existing else user_folder()
    paths = [folder / f"{name}{suffix}" for suffix in KERNEL_SUFFIXES if suffix in pieces]
    for path in paths:
        _refuse_to_overwrite(path, name)
    old = _files_of(existing) if existing else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made", error.strerror) from None
    _write([(path, pieces[path.suffix]) for path in paths], overwrite)
    _remove([path for path in old if path not in paths])
    return paths


def remove_kernel(name: str) -> list[Path]:
    """Take a kernel out of the user's folder, with the NPY file that holds its weights.

    An NPY file that another kernel needs stays.

    Returns
    -------
    list of Path
        The files that were removed, the kernel's own one first.

    Raises
    ------
    KernelError
        If it is not one of the user's own, or another kernel needs it.
    OutputError
        If it cannot be removed.
    """
    own = own_kernels()
    if name not in own:
        raise _not_own(name, list(own))
    file = own[name]
    if users := _users(file.path, name):
        raise KernelError(
            f"kernel {name} cannot be removed",
            f"{file.path.name} holds the weights of {', '.join(users)}",
            f"remove {users[0]} first",
        )
    return _remove(_files_of(file))


def check_own_name(name: str) -> str:
    """Return a name that can be looked up.

    Raises
    ------
    KernelError
        If it is no kernel's name, or would be taken for a file's.
    """
    if not is_kernel_name(name):
        usable = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")
        hint = f"call it --name {usable}" if is_kernel_name(usable) else "choose one with --name"
        raise KernelError(f"{name!r} cannot be a kernel's name", NAME_RULE, hint)
    if name.endswith(KERNEL_SUFFIXES):
        cause = "with such a suffix it would be read as the path of a file"
        stem = os.path.splitext(name)[0]
        raise KernelError(f"{name!r} cannot be a kernel's name", cause, f"call it {stem}")
    return name


def _pieces(path: Path, name: str) -> dict[str, bytes]:
    """Read what belongs to a kernel file, as it is to be written under a name."""
    data = read_bytes(path)
    if path.suffix.lower() == ".npy":
        return {".npy": data}
    beside = npy_beside(data)
    if beside is None:
        return {".yaml": data}
    wanted = f"{name}.npy"
    renamed = data if beside == wanted else with_npy_beside(data, wanted)
    return {".yaml": renamed, ".npy": read_bytes(path.parent / beside)}


def _refuse_what_cannot_be_read(name: str, pieces: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{name}{suffix}") for suffix in KERNEL_SUFFIXES if suffix in pieces]
        try:
            for path in paths:
                path.write_bytes(pieces[path.suffix])
            read_kernel(paths[0])
        except KernelFileError as error:
            cause = "; ".join(f"{fault.place('')}: {fault.cause}" for fault in error.faults)
            raise KernelError(f"kernel {name} cannot be added", cause.lstrip(", ")) from None
        except OSError as error:
            raise OutputError(f"kernel {name} cannot be added", error.strerror) from None


def _refuse_to_overwrite(path: Path, name: str) -> None:
    """Refuse a place where writing would change something else than the kernel."""
    if path.is_symlink():
        cause = "it is a link, and may lead out of your folder"
        raise OutputError(f"{path} cannot be written", cause, "remove the link, or use --name")
    if users := _users(path, name):
        cause = f"it holds the weights of {', '.join(users)}"
        raise OutputError(f"{path} cannot be written", cause, "choose another name with --name")


def _write(files: list[tuple[Path, bytes]], overwrite: bool) -> None:
    """Write the first file so that it appears when the others are there."""
    (path, data), *others = files

    def fill(stream: BinaryIO) -> None:
        stream.write(data)
        stream.flush()  # what the disk has no room for fails before another file is touched
        for other, content in others:
            write_atomically(str(other), _filling(content), overwrite=overwrite)

    before = {other: other.read_bytes() if other.is_file() else None for other, _ in others}
    file_before = _file_number(path)
    try:
        write_atomically(str(path), fill, overwrite=overwrite)
    except BaseException:
        if _file_number(path) == file_before:  # else it is in place, and needs the others
            _put_back(before)
        raise


def _file_number(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _put_back(before: Mapping[Path, bytes | None]) -> None:
    for path, content in before.items():
        with suppress(OSError, OutputError):
            if content is None:
                path.unlink()
            else:
                write_atomically(str(path), _filling(content), overwrite=True)


def _filling(content: bytes) -> Callable[[BinaryIO], None]:
    def fill(stream: BinaryIO) -> None:
        stream.write(content)

    return fill


def _remove(paths: list[Path]) -> list[Path]:
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path} cannot be removed", error.strerror) from None
    return paths


def _files_of(file: KernelFile) -> list[Path]:
    """Return the files that belong to a kernel and to no other, YAML before NPY."""
    folder = file.path.parent
    names = [f"{file.name}{suffix}" for suffix in KERNEL_SUFFIXES]
    names += [npy for name in names if (npy := _npy_of(folder / name))]
    present = (folder / name for name in dict.fromkeys(names))
    return [
        path
        for path in present
        if (path.is_file() or path.is_symlink()) and not _users(path, file.name)
    ]


def _users(path: Path, name: str) -> list[str]:
    """Name the kernels but the given one whose weights an NPY file holds."""
    if path.suffix != ".npy" or not path.parent.is_dir():
        return []
    users = (user for user in path.parent.iterdir() if user.stem != name)
    return sorted(user.stem for user in users if _npy_of(user) == path.name)


def _npy_of(path: Path) -> str | None:
    """Return the name of the NPY file that a YAML file names; None for any other file."""
    if path.suffix not in (".yaml", ".yml"):
        return None
    try:
        return npy_beside(read_bytes(path))
    except Fault:
        return None


def _not_own(name: str, own: list[str]) -> ConvfilterError:
    try:
        others = namesakes(name)
    except KernelError:
        others = []
    if not others:
        return KernelError(
            f"you have no kernel {name!r}",
            f"nothing of that name is in {user_folder()}",
            near_miss_hint(name, own, "see convfilter kernels list"),
        )
    if others[0].origin == "built-in":
        cause = "it comes with the program"
        hint = "a kernel of your own with that name would hide it"
    else:
        cause = f"it is {others[0].path}, which is not in your folder"
        hint = "remove that file yourself"
    return KernelError(f"kernel {name} is not one of your own", cause, hint)
