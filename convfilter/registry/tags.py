"""Kernels by what they are tagged with."""

from collections.abc import Iterable
from pathlib import Path

from convfilter.errors import KernelError, near_miss_hint
from convfilter.recipe import Filter
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.search_path import find_kernels


def find_tagged(
    tags: Iterable[str], kernel_path: Iterable[str | Path] = ()
) -> tuple[list[Filter], list[KernelError]]:
    """Return the kernels that have every one of some tags, family by family.

    Returns
    -------
    kernels
        Of the search path.
    faults
        Of kernel files that could not be read, and so not be asked.

    Raises
    ------
    KernelError
        If no kernel has all the tags, with the tags that are near.
    """
    wanted, kernel_path = list(tags), tuple(kernel_path)
    found, faults, known = [], [], set[str]()
    files = find_kernels(kernel_path).values()
    for file in sorted(files, key=lambda file: (file.path.parent, file.path.stem)):
        try:
            kernel = read_kernel(file, kernel_path)
        except KernelError as fault:
            faults.append(fault)
            continue
        known |= set(kernel.tags)
        if set(wanted) <= set(kernel.tags):
            found.append(kernel)
    if not found:
        raise _nothing_tagged(wanted, known)
    return found, faults


def _nothing_tagged(wanted: list[str], known: set[str]) -> KernelError:
    unknown = [tag for tag in wanted if tag not in known]
    if not unknown:
        together = " and ".join(wanted)
        return KernelError(
            f"no kernel has the tags {together} together", None, "leave one of them out"
        )
    tags = sorted(known)
    near = near_miss_hint(unknown[0].lower(), tags, f"known tags: {', '.join(tags)}")
    return KernelError(f"no kernel has the tag {unknown[0]!r}", None, near)
