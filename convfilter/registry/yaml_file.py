"""Kernel files in YAML: for each kind of entry its keys, and a reader for each of them."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convfilter.composite import Composite
from convfilter.errors import ConvfilterError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.kernel import Kernel, checked_divisor, checked_offset
from convfilter.mixing import MixingKernel
from convfilter.named import COMBINATIONS, OPERATIONS, PADDINGS, RANGES
from convfilter.options import FilterOptions
from convfilter.recipe import AnyKernel, Filter, Recipe, RecipeStep
from convfilter.registry.beside import is_npy_name
from convfilter.registry.fault import Fault, KernelFileError, raise_together
from convfilter.registry.npy_file import read_weights
from convfilter.registry.search_path import KERNEL_SUFFIXES
from convfilter.registry.yaml_tree import Fields, Items, Node, Text, decode, parse_tree
from convfilter.registry.yaml_values import (
    MATRIX_HINT,
    MOST_FAULTS,
    read_border,
    read_checked,
    read_each,
    read_flag,
    read_from,
    read_matrix,
    read_origin,
    read_pair,
    read_text,
    read_texts,
    read_texts_by_name,
)

Resolve = Callable[[str], Filter]
"""Looks up what a file names."""


@frozen
class Context:
    """Where a file lies, and how the names in it are looked up."""

    path: Path
    resolve: Resolve


Reader = Callable[[str, Node, Context], Any]


def read_yaml(path: Path, data: bytes, resolve: Resolve) -> Filter:
    """Read a kernel, composite or recipe from the bytes of a YAML file.

    Parameters
    ----------
    path
        Where the bytes are from: its stem is the kernel's name, and an NPY file that
        ``weights`` names is looked for beside it.
    resolve
        Looks up the kernels that a composite or recipe names.

    Raises
    ------
    KernelFileError
        With every fault, each with its line and key.
    """
    try:
        tree = parse_tree(decode(data))
        if not isinstance(tree, Fields):
            raise Fault(
                tree.line,
                "",
                "it is not a mapping of keys to values",
                "write a matrix as weights: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]",
            )
        kind = _kind(tree)
    except Fault as fault:
        raise KernelFileError(str(path), [fault]) from None
    context = Context(path, resolve)
    values, faults = _read_fields(tree, kind.keys, context)
    faults += [
        Fault(tree.line, key, "the key is missing", MISSING_HINTS.get(key))
        for key in kind.needed
        if key not in tree.fields
    ]
    # Of a matrix that was read the rest can be checked whatever else is wrong.
    if not faults or (kind is KINDS["weights"] and "weights" in values):
        try:
            built = kind.build(context, name=path.stem, file=path, **values)
            if not faults:
                return built
        except ConvfilterError as error:
            fallback = tree.lines[kind.needed[0]], kind.needed[0]
            faults.append(Fault.of(error, *_place_of(error, tree, fallback)))
    raise KernelFileError(str(path), faults)


def _read_fields(
    tree: Fields, keys: dict[str, Reader], context: Context, within: str = ""
) -> tuple[dict[str, Any], list[Fault]]:
    """Read every value that can be read; return the faults of the others.

    Parameters
    ----------
    within
        What stands before a key where faults name it: ``steps[0].`` for those of a step.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for key, node in tree.fields.items():
        if len(faults) >= MOST_FAULTS:
            break
        try:
            if key not in keys:
                hint = near_miss_hint(key, list(keys), "known keys: " + ", ".join(keys))
                raise Fault(tree.lines[key], within + key, "no such key", hint)
            values[key] = keys[key](within + key, node, context)
        except Fault as fault:
            faults += [fault, *fault.others]
    return values, faults


def _kind(tree: Fields) -> "Kind":
    markers = [key for key in KINDS if key in tree.fields]
    if not markers:
        return KINDS["weights"]
    if len(markers) > 1:
        line = tree.lines[markers[1]]
        raise Fault(line, markers[1], f"a file with {markers[0]} cannot have it too")
    return KINDS[markers[0]]


def _place_of(
    error: ConvfilterError, tree: Fields, fallback: tuple[int, str], within: str = ""
) -> tuple[int, str]:
    """Find line and key that an error is about: a parameter that it names, or its first word."""
    words = re.findall(r"\w+", error.what)
    parameters = tree.fields.get("parameters")
    if isinstance(parameters, Fields):
        for word in words:
            if word in parameters.lines:
                return parameters.lines[word], f"{within}parameters.{word}"
    return (tree.lines[words[0]], within + words[0]) if words[0] in tree.lines else fallback


def _read_weights(key: str, node: Node, context: Context) -> Any:
    return _weights_beside(node, context.path) if isinstance(node, Text) else read_matrix(key, node)


def _weights_beside(node: Text, path: Path) -> Any:
    if not is_npy_name(node.text):
        raise Fault(
            node.line,
            "weights",
            f"{node.text!r} is neither a matrix nor the plain name of an NPY file beside it",
            MATRIX_HINT,
        )
    beside = path.parent / node.text
    if os.path.islink(beside):  # the method of Path fails for a name that is too long
        cause = f"{node.text} is a link, and may lead anywhere"
        raise Fault(node.line, "weights", cause, "copy the file itself there")
    try:
        return read_weights(beside)
    except Fault as fault:
        raise Fault(node.line, "weights", f"{beside.name}: {fault.cause}", fault.hint) from None


def _read_named(key: str, node: Node, context: Context) -> AnyKernel:
    """Read the name of a kernel, or its matrix."""
    if isinstance(node, Items):
        return Kernel(read_matrix(key, node))
    text = read_text(key, node)
    if text.lower().endswith(KERNEL_SUFFIXES):
        raise Fault(node.line, key, f"{text!r} is a file", "name a kernel, or write its matrix")
    try:
        found = context.resolve(text)
    except ConvfilterError as error:
        raise Fault.of(error, node.line, key) from None
    if isinstance(found, Recipe):
        raise Fault(node.line, key, f"{text!r} is a recipe", "write its steps instead")
    return found


def _read_part(key: str, node: Node, context: Context) -> tuple[AnyKernel, FilterOptions]:
    """Read what one step or one kernel of a composite says: a kernel and what is stated of it."""
    if not isinstance(node, Fields):
        return _read_named(key, node, context), FilterOptions()
    keys = PART_KEYS | {"kernel": _read_named, "combine": _read_combine, "kernels": _read_members}
    stated, faults = _read_fields(node, keys, context, f"{key}.")
    raise_together(faults)
    try:
        kernel = _part_kernel(key, node, stated)
        options = FilterOptions(**stated)
        options.kernel_with(kernel)  # which finds out whether they go together
        return kernel, options
    except ConvfilterError as error:
        place = _place_of(error, node, (node.line, key), f"{key}.")
        raise Fault.of(error, *place) from None


def _part_kernel(key: str, node: Fields, stated: dict[str, Any]) -> AnyKernel:
    """Take the kernel out of what is stated, or the composite that is written out there."""
    named, members = stated.pop("kernel", None), stated.pop("kernels", None)
    combine = stated.pop("combine", None)
    if (named is None) == (members is None) or (members is None) != (combine is None):
        raise Fault(node.line, key, "expected kernel, or combine and kernels")
    return named if named is not None else Composite(kernels=members, combine=str(combine))


def _read_members(key: str, node: Node, context: Context) -> tuple[Kernel, ...]:
    if not isinstance(node, Items):
        raise Fault(node.line, key, "expected a list", "write it as [sobel-x, sobel-y]")
    faults: list[Fault] = []
    members = read_each(lambda k, item: _read_member(k, item, context), key, node, faults)
    raise_together(faults)
    return tuple(members)


def _read_member(key: str, node: Node, context: Context) -> Kernel:
    kernel, options = _read_part(key, node, context)
    stated = options.kernel_with(kernel)
    if not isinstance(stated, Kernel):
        raise Fault(node.line, key, f"{kernel.label} is not a single kernel")
    if (options.padding, options.stride, options.dilation) != ("same", (1, 1), (1, 1)):
        raise Fault(node.line, key, "padding, stride and dilation are for steps only")
    return stated


def _read_steps(key: str, node: Node, context: Context) -> tuple[RecipeStep, ...]:
    if not isinstance(node, Items):
        raise Fault(node.line, key, "expected a list", "write each step as - kernel: blur5")
    faults: list[Fault] = []
    parts = read_each(lambda k, item: _read_part(k, item, context), key, node, faults)
    raise_together(faults)
    return tuple(RecipeStep(kernel, options) for kernel, options in parts)


def _plain(read: Callable[[str, Node], Any]) -> Reader:
    """Return a reader that needs no context."""
    return lambda key, node, _context: read(key, node)


def _build_generated(
    context: Context, generator: str, parameters: dict[str, Any] | None = None, **fields: Any
) -> Filter:
    from convfilter.registry.generators.making import generate

    return generate(generator, parameters or {}, context.resolve).replace(**fields)


def _build_composite(_context: Context, **fields: Any) -> Filter:
    return Composite(**fields)


def _build_recipe(_context: Context, **fields: Any) -> Filter:
    return Recipe(**fields)


def _build_kernel(_context: Context, weights: Any, **fields: Any) -> Filter:
    if getattr(weights, "ndim", 2) == 4:
        return MixingKernel.of_weights(weights, **fields)
    return Kernel(weights, **fields)


_read_combine = _plain(read_from(COMBINATIONS))

DESCRIBING = {
    "title": _plain(read_text),
    "description": _plain(read_text),
    "tags": _plain(read_texts),
    "source": _plain(read_text),
}

STATED = {
    "divisor": _plain(read_checked(checked_divisor)),
    "offset": _plain(read_checked(checked_offset)),
    "range": _plain(read_from(RANGES)),
}

LAID = {
    "operation": _plain(read_from(OPERATIONS)),
    "border": _plain(read_border),
}

PART_KEYS: dict[str, Reader] = {
    **STATED,
    **LAID,
    "padding": _plain(read_from(PADDINGS)),
    "stride": _plain(read_pair),
    "dilation": _plain(read_pair),
    "normalize": _plain(read_flag),
}
"""What a step of a recipe may state of its kernel."""


MISSING_HINTS = {
    "weights": f"{MATRIX_HINT}; a file may have combine, generator or steps instead",
    "kernels": "write it as kernels: [sobel-x, sobel-y]",
}


@frozen
class Kind:
    """One kind of entry: its keys, those it cannot do without, and what is made of them."""

    keys: dict[str, Reader]
    needed: tuple[str, ...]
    build: Callable[..., Filter]


KINDS: dict[str, Kind] = {
    "weights": Kind(
        DESCRIBING | STATED | LAID | {"weights": _read_weights, "origin": _plain(read_origin)},
        ("weights",),
        _build_kernel,
    ),
    "combine": Kind(
        DESCRIBING | STATED | {"combine": _read_combine, "kernels": _read_members},
        ("combine", "kernels"),
        _build_composite,
    ),
    "generator": Kind(
        DESCRIBING
        | STATED
        | LAID
        | {"generator": _plain(read_text), "parameters": _plain(read_texts_by_name)},
        ("generator",),
        _build_generated,
    ),
    "steps": Kind(DESCRIBING | {"steps": _read_steps}, ("steps",), _build_recipe),
}
"""The kinds of entry, by the key that a file of the kind has and others have not."""
