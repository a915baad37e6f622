"""Looks at kernel files and folders of them, and finds everything that is wrong."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from convfilter.errors import KernelError
from convfilter.frozen import frozen
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.fault import Fault, KernelFileError
from convfilter.registry.files import check_suffix
from convfilter.registry.search_path import KERNEL_SUFFIXES, NAME_RULE, is_kernel_name


@frozen
class Checked:
    """A file, or a folder as such, and what is wrong with it."""

    path: Path
    faults: tuple[Fault, ...] = ()


def check_paths(paths: Iterable[Path]) -> Iterator[Checked]:
    """Check kernel files, and the kernel files in folders and the folders below them.

    A file in a folder must also be one that is found there by name.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _check_folder(path)
        else:
            yield _check_file(path)


def _check_file(path: Path) -> Checked:
    try:
        check_suffix(path)
        read_kernel(path)
    except Fault as fault:
        return Checked(path, (fault,))
    except KernelFileError as error:
        return Checked(path, error.faults)
    except KernelError as error:
        return Checked(path, (Fault.of(error),))
    return Checked(path)


def _check_folder(folder: Path) -> Iterator[Checked]:
    unread: list[OSError] = []
    found = False
    for parent, folders, names in os.walk(folder, onerror=unread.append):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(KERNEL_SUFFIXES):
                found = True
                yield _check_file_of_folder(Path(parent, name), folder)
    for error in unread:
        yield _wrong(Path(error.filename), f"it cannot be read: {error.strerror}")
    if not found and not unread:
        yield _wrong(folder, "there are no kernel files in it")


def _check_file_of_folder(path: Path, folder: Path) -> Checked:
    real = Path(os.path.realpath(path))
    if path.is_symlink() and not real.is_relative_to(os.path.realpath(folder)):
        return _wrong(path, "it is a link out of the folder, which is not followed")
    faults = _check_file(path).faults
    if not is_kernel_name(path.stem):
        faults += _wrong(path, "it is not found by name", NAME_RULE).faults
    elif path.suffix not in KERNEL_SUFFIXES:
        faults += _wrong(
            path, "it is not found by name", "write its suffix in small letters"
        ).faults
    return Checked(path, faults)


def _wrong(path: Path, cause: str, hint: str | None = None) -> Checked:
    return Checked(path, (Fault(None, "", cause, hint),))
