"""From ``gaussian:sigma=2.5``, or a name with parameters, to a kernel."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from convfilter.errors import KernelError, near_miss_hint
from convfilter.registry.generators.generator import Generator
from convfilter.registry.generators.parameter import Parameter, Unfit, Value, format_value
from convfilter.registry.generators.table import GENERATORS, LONG_NAMES

if TYPE_CHECKING:
    from convfilter.kernel import Kernel
    from convfilter.recipe import Filter

FindKernel = Callable[[str], "Filter"]

LONGEST_TEXT = 500
"""Longer texts of a generator with its parameters are refused."""


def parse_generator(text: str) -> tuple[str, dict[str, str]]:
    """Take apart ``gaussian:sigma=2.5,size=9``: the name, and the texts of the parameters.

    Raises
    ------
    KernelError
        If there is no such generator, or what follows the colon is not ``name=value`` pairs.
    """
    if len(text) > LONGEST_TEXT:
        raise KernelError(f"generator {text[:30]}…", f"it is longer than {LONGEST_TEXT} characters")
    name, _, rest = text.partition(":")
    generator = find_generator(name.strip())
    given: dict[str, str] = {}
    for part in rest.split(",") if rest.strip() else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key or not value:
            raise KernelError(
                f"generator {generator.name}: {part.strip()!r} is not a parameter with its value",
                None,
                f"write it as {generator.example}",
            )
        if key in given:
            raise KernelError(f"generator {generator.name}: {key} stands twice")
        given[key] = value
    return generator.name, given


def find_generator(name: str) -> Generator:
    """Return the generator of a name.

    Raises
    ------
    KernelError
        If there is none, with the names that are near.
    """
    name = LONG_NAMES.get(name, name)
    if name in GENERATORS:
        return GENERATORS[name]
    otherwise = "see convfilter kernels list --generators"
    if re.match(r"\d+(x\d+)?\b", name):
        otherwise = "convfilter kernels import reads kernels as ImageMagick writes them"
    hint = near_miss_hint(name.lower(), list(GENERATORS), otherwise)
    raise KernelError(f"unknown generator {name!r}", None, hint)


def generate(
    name: str, parameters: Mapping[str, object], find_kernel: FindKernel | None = None
) -> "Kernel":
    """Make a kernel.

    Parameters
    ----------
    name
        Of the generator.
    parameters
        Numbers, or texts as they stand after ``=``.
    find_kernel
        Looks up a kernel among the parameters; None means along the search path.

    Returns
    -------
    Kernel
        Its name is the text that makes it: parameters in the table's order, without those
        that are as they would be anyway.

    Raises
    ------
    KernelError
        If the generator does not exist, a parameter is unknown, missing or not what it may
        be, or they do not go together.
    """
    generator = find_generator(name)
    values = _read(generator, parameters)
    text = canonical_text(generator, values)
    arguments = {
        p.name.lower(): _argument(p, values[p.name], find_kernel) for p in generator.parameters
    }
    try:
        kernel = generator.function(**arguments)
    except Unfit as why:
        raise KernelError(f"generator {text}", why.cause, why.hint) from None
    return kernel.replace(
        name=text,
        title=kernel.title or generator.title,
        tags=kernel.tags or generator.tags,
        source=kernel.source or generator.source,
        range=kernel.range or generator.range,
        description=" ".join(filter(None, (generator.description, kernel.description))),
    )


def canonical_text(generator: Generator, values: Mapping[str, Value | None]) -> str:
    """Write a generator with its parameters in one way only, to be read again."""
    stated = [
        f"{p.name}={format_value(value)}"
        for p in generator.parameters
        if (value := values[p.name]) is not None and value != p.default
    ]
    return f"{generator.name}:{','.join(stated)}" if stated else generator.name


def _read(generator: Generator, given: Mapping[str, object]) -> dict[str, Value | None]:
    """Return a value for every parameter."""
    names = {parameter.name.lower(): parameter.name for parameter in generator.parameters}
    stated: dict[str, object] = {}
    for key, value in given.items():
        if key.lower() not in names:
            known = list(names.values())
            raise KernelError(
                f"generator {generator.name} has no parameter {key!r}",
                None,
                near_miss_hint(key, known, f"it has {generator.signature}"),
            )
        stated[names[key.lower()]] = value
    return {p.name: _read_one(generator, p, stated) for p in generator.parameters}


def _read_one(
    generator: Generator, parameter: Parameter, stated: Mapping[str, object]
) -> Value | None:
    if parameter.name not in stated:
        if parameter.is_required:
            raise KernelError(
                f"generator {generator.name} needs {parameter.name}",
                f"it takes {generator.signature}",
                f"for example {generator.example}",
            )
        return parameter.default
    given = stated[parameter.name]
    try:
        return parameter.read(given)
    except ValueError as error:
        raise KernelError(
            f"generator {generator.name}: {parameter.name}={given}",
            str(error),
            f"{parameter.name} is {parameter.allowed}, as in {generator.example}",
        ) from None


def _argument(
    parameter: Parameter, value: Value | None, find_kernel: FindKernel | None
) -> "Value | Kernel | None":
    if parameter.kind != "kernel":
        return value
    from convfilter.registry.catalogue import get_kernel, single

    return single((find_kernel or get_kernel)(str(value)))
