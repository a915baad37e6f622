"""From the text after ``-k`` to a kernel: matrix, file, generator, or name on the search path."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from convfilter.arguments import expect
from convfilter.errors import KernelError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.recipe import Filter
from convfilter.registry.fault import Fault, KernelFileError
from convfilter.registry.files import read_bytes
from convfilter.registry.search_path import (
    KERNEL_SUFFIXES,
    NAME_RULE,
    KernelFile,
    find_kernels,
    is_kernel_name,
    kernel_file,
    search_folders,
    stated_folders,
)

if TYPE_CHECKING:
    from convfilter.registry.generators.generator import Generator

DEEPEST_NAMING = 4
"""Files name files only so deep: a recipe names a composite, and that a kernel."""


def get_kernel(text: str | os.PathLike[str], kernel_path: Iterable[str | Path] = ()) -> Filter:
    """Return the kernel, composite or recipe that a text names.

    Parameters
    ----------
    text
        A name (``blur5``), a generator (``gaussian:sigma=2.5``), a file with its suffix
        (``./mine.yaml``, ``mine.npy``), or a matrix (``[[0,-1,0],[-1,5,-1],[0,-1,0]]``).
        A path is always a file.
    kernel_path
        Folders to look in before the others.

    Returns
    -------
    Kernel, Composite, MixingKernel or Recipe
        What the name stands for; a generator and a matrix make a `Kernel`.

    Raises
    ------
    KernelError
        For an unknown name, with those near it; for a wrong file, with the line and key;
        for a wrong parameter, with what it may be; for a folder that does not exist.
    UsageError
        If it is neither a text nor a path.
    """
    names = Names(stated_folders(kernel_path))
    if isinstance(text, os.PathLike):
        return names.read(Path(text))
    return names.get(expect(text, str, "the name of a kernel", 'as in get_kernel("blur5")'))


def get_single_kernel(text: str, kernel_path: Iterable[str | Path] = ()) -> Kernel:
    """Return the kernel that a text names, where only one matrix will do.

    Raises
    ------
    KernelError
        As `get_kernel`; or if it names a composite, a recipe, or a kernel that mixes channels.
    """
    return single(get_kernel(text, kernel_path))


def single(found: Filter) -> Kernel:
    """Return a kernel, where only one matrix will do.

    Raises
    ------
    KernelError
        For a composite, a recipe, or a kernel that mixes channels.
    """
    if isinstance(found, Kernel):
        return found
    raise KernelError(
        f"{found.label} is not a single kernel",
        "it has several matrices",
        f"name one of its parts; see convfilter kernels show {found.name or 'NAME'}",
    )


def bare_generator(text: str, kernel_path: Iterable[str | Path] = ()) -> "Generator | None":
    """Return the generator that a text names without parameters; None if a file has the name."""
    from convfilter.registry.generators.table import GENERATORS

    return None if find_file(text, kernel_path) else GENERATORS.get(text)


def find_file(name: str, kernel_path: Iterable[str | Path] = ()) -> KernelFile | None:
    """Return the file of a named kernel; the first folder that has it wins."""
    if not is_kernel_name(name):
        return None
    folders = search_folders(tuple(kernel_path))
    return next((file for folder in folders if (file := kernel_file(folder, name))), None)


def look_up(name: str, kernel_path: Iterable[str | Path] = ()) -> KernelFile:
    """Find the file of a named kernel; the first folder that has it wins.

    Raises
    ------
    KernelError
        If no folder has it, with the names that are near.
    """
    kernel_path = tuple(kernel_path)
    if file := find_file(name, kernel_path):
        return file
    raise _unknown(name, kernel_path)


def _unknown(name: str, kernel_path: tuple[str | Path, ...]) -> KernelError:
    """Say what may have been meant by a name that no folder has."""
    from convfilter.registry.generators.table import GENERATORS

    if os.path.isfile(name):
        return KernelError(
            f"{name} is no kernel file",
            f"kernel files end in {', '.join(KERNEL_SUFFIXES)}",
            f"convfilter kernels import {name} -o {Path(name).stem}.yaml, if it holds a kernel",
        )
    listed = name.split(",")
    if len(listed) > 1 and all(find_file(one, kernel_path) for one in listed):
        several = " ".join(f"-k {one}" for one in listed)
        return KernelError(f"{name!r} is several kernels", None, f"give them one by one: {several}")
    known = [*find_kernels(kernel_path), *GENERATORS]
    return KernelError(
        f"unknown kernel {name!r}",
        None if is_kernel_name(name) else NAME_RULE,
        near_miss_hint(name.lower(), known, "see convfilter kernels list"),
    )


def read_kernel(file: KernelFile | Path, kernel_path: Iterable[str | Path] = ()) -> Filter:
    """Read a kernel file, YAML or NPY by its suffix.

    Parameters
    ----------
    kernel_path
        Where the kernels that it names are looked for first; those beside a file of the
        search path come before.

    Raises
    ------
    KernelFileError
        If it cannot be read as a kernel.
    """
    return Names(stated_folders(kernel_path)).read(file)


@frozen
class Names:
    """How names are looked up: where first, and inside which files.

    Parameters
    ----------
    within
        The files being read, the outermost first.
    """

    kernel_path: tuple[Path, ...]
    within: tuple[Path, ...] = ()

    def get(self, text: str) -> Filter:
        """Return what a text names; see `get_kernel`."""
        text = text.strip()
        if text.startswith("["):
            return _inline(text)
        is_path = text.lower().endswith(KERNEL_SUFFIXES)
        if ":" in text and not (is_path and os.path.exists(text)):
            return self._generated(text)
        if is_path:
            return self.read(Path(text))
        if file := find_file(text, self.kernel_path):
            return self.read(file)
        if bare_generator(text, self.kernel_path):
            return self._generated(text)
        return self.read(look_up(text, self.kernel_path))

    def _generated(self, text: str) -> Kernel:
        from convfilter.registry.generators.making import generate, parse_generator

        return generate(*parse_generator(text), self.get)

    def read(self, file: KernelFile | Path) -> Filter:
        """Read a file; see `read_kernel`."""
        path = file if isinstance(file, Path) else file.path
        if path in self.within or len(self.within) == DEEPEST_NAMING:
            names = " → ".join(outer.stem for outer in (*self.within, path))
            raise KernelError(f"kernel {path.stem!r} is named by itself", f"it goes {names}")
        # What a file names is found beside it first: the parts of a built-in stay its own.
        beside = () if isinstance(file, Path) else (file.folder,)
        inside = Names((*beside, *self.kernel_path), (*self.within, path))
        try:
            data = read_bytes(path)
            if path.suffix.lower() == ".npy":
                return _of_npy(path, data)
        except Fault as fault:
            raise KernelFileError(str(path), [fault]) from None
        from convfilter.registry.yaml_file import read_yaml

        return read_yaml(path, data, inside.get)


def _of_npy(path: Path, data: bytes) -> Kernel | MixingKernel:
    from convfilter.registry.npy_file import parse_weights

    weights = parse_weights(data)
    try:
        if weights.ndim == 4:
            return MixingKernel.of_weights(weights, name=path.stem, file=path)
        return Kernel(weights, name=path.stem, file=path)
    except KernelError as error:
        raise Fault.of(error) from None


def _inline(text: str) -> Kernel:
    from convfilter.registry.yaml_tree import decode, parse_tree
    from convfilter.registry.yaml_values import read_matrix

    try:
        return Kernel(read_matrix("", parse_tree(decode(text.encode("utf-8", "surrogatepass")))))
    except Fault as fault:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise KernelError(f"inline kernel {shown}", fault.cause, fault.hint) from None
