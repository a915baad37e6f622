"""Makes the reference of generators from their table: ``python -m docs.make_generators``.

Run it after any change to a generator; the test suite says when that was forgotten.
"""

from pathlib import Path

from convfilter.cli.kernels.telling import note_of_operation
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.generators.generator import Generator
from convfilter.registry.generators.parameter import Parameter, format_value
from convfilter.registry.generators.table import GENERATORS

PAGE = Path(__file__).resolve().parent / "generators.md"
COMMAND = "python -m docs.make_generators"

INTRODUCTION = """\
A generator makes a kernel from parameters. It is named with them wherever a kernel is named:
`-k gaussian:sigma=2.5,size=15`. `convfilter kernels show gaussian` prints what stands below,
`convfilter kernels show gaussian:sigma=2.5` the kernel that comes out."""


def make_page() -> str:
    """Return the text of the page."""
    lines = [f"<!-- Made by {COMMAND} from the table of generators. -->", "# Generators", ""]
    lines += [INTRODUCTION]
    for generator in GENERATORS.values():
        lines += ["", f"## `{generator.name}`", "", *_section(generator)]
    return "\n".join(lines) + "\n"


def _section(generator: Generator) -> list[str]:
    note = note_of_operation(get_kernel(generator.example))
    lines = [
        f"{generator.title}. {generator.description}".strip(),
        "",
        "| parameter | what it is | allowed | if it is not given |",
        "| --- | --- | --- | --- |",
        *(_row(parameter) for parameter in generator.parameters),
        "",
        "```console",
        f"$ convfilter kernels show {generator.example} --format png -o {generator.name}.png",
        f"wrote: {generator.name}.png",
        *([f"note: {note}"] if note else []),
        "```",
        "",
    ]
    if generator.range:
        lines += [f"Its range is `{generator.range}` unless another is asked for.", ""]
    return [*lines, f"Source: {generator.source}"]


def _row(parameter: Parameter) -> str:
    if parameter.default is not None:
        otherwise = format_value(parameter.default)
    else:
        otherwise = parameter.otherwise or "it is needed"
    cells = f"`{parameter.name}`", parameter.summary, parameter.allowed, otherwise
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
