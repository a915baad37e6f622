"""From the text after ``-k`` to a kernel: matrix, file, generator, or name on the search path."""

from collections.abc import Iterable
from pathlib import Path

from convfilter.errors import KernelError, near_miss_hint
from convfilter.kernel import Kernel
from convfilter.registry.fault import Fault, KernelFileError
from convfilter.registry.files import read_bytes
from convfilter.registry.generators.generator import Generator
from convfilter.registry.generators.making import generate, parse_generator
from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import (
    KERNEL_SUFFIXES,
    KernelFile,
    find_kernels,
    is_kernel_name,
    kernel_files,
    search_folders,
)


def get_kernel(text: str, kernel_path: Iterable[str | Path] = ()) -> Kernel:
    """Return the kernel that a text names.

    Parameters
    ----------
    text
        A name (``blur5``), a file with its suffix (``./mine.yaml``, ``mine.npy``), a
        generator with its parameters (``gaussian:sigma=2.5``), or a matrix
        (``[[0,-1,0],[-1,5,-1],[0,-1,0]]``).
    kernel_path
        Folders to look in before the others.

    Raises
    ------
    KernelError
        For an unknown name, with those near it; for a wrong file, with the line and key;
        for a wrong parameter, with what it may be.
    """
    text = text.strip()
    kernel_path = tuple(kernel_path)
    if text.startswith("["):
        return _inline(text)
    is_file = text.lower().endswith(KERNEL_SUFFIXES)
    name, colon, _ = text.partition(":")
    if colon and (name in GENERATORS or not is_file):
        return generate(*parse_generator(text), kernel_path)
    if is_file:
        return read_kernel(Path(text))
    if generator := bare_generator(text, kernel_path):
        return generate(generator.name, {}, kernel_path)
    return read_kernel(look_up(text, kernel_path).path)


def bare_generator(text: str, kernel_path: Iterable[str | Path] = ()) -> Generator | None:
    """Return the generator that a text names without parameters; None if a file has the name."""
    kernel_path = tuple(kernel_path)
    if text not in GENERATORS:
        return None
    taken = any(text in kernel_files(folder) for folder in search_folders(kernel_path))
    return None if taken else GENERATORS[text]


def look_up(name: str, kernel_path: Iterable[str | Path] = ()) -> KernelFile:
    """Find the file of a named kernel; the first folder that has it wins.

    Raises
    ------
    KernelError
        If no folder has it.
    """
    kernel_path = tuple(kernel_path)
    if is_kernel_name(name):
        for folder in search_folders(kernel_path):
            if file := kernel_files(folder).get(name):
                return file
    known = [*find_kernels(kernel_path), *GENERATORS]
    raise KernelError(
        f"unknown kernel {name!r}",
        None if is_kernel_name(name) else "a name has only a-z, 0-9, '.', '_' and '-'",
        near_miss_hint(name.lower(), known, "see convfilter kernels list"),
    )


def read_kernel(path: Path) -> Kernel:
    """Read a kernel file, YAML or NPY by its suffix.

    Raises
    ------
    KernelFileError
        If it cannot be read as a kernel.
    """
    try:
        data = read_bytes(path)
        if path.suffix.lower() == ".npy":
            from convfilter.registry.npy_file import parse_weights

            try:
                return Kernel(parse_weights(data), name=path.stem, file=path)
            except KernelError as error:
                raise Fault(None, "", f"{error.what}: {error.cause}", error.hint) from None
    except Fault as fault:
        raise KernelFileError(str(path), [fault]) from None
    from convfilter.registry.yaml_file import read_yaml

    return read_yaml(path, data)


def _inline(text: str) -> Kernel:
    from convfilter.registry.yaml_file import read_matrix
    from convfilter.registry.yaml_tree import decode, parse_tree

    try:
        return Kernel(read_matrix("", parse_tree(decode(text.encode()))))
    except Fault as fault:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise KernelError(f"inline kernel {shown}", fault.cause, fault.hint) from None
