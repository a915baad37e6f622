"""Makes the reference of commands and the man pages: ``python -m docs.make_commands``.

Both are what the program says of itself, by way of Click. Run it after any change to an option;
the test suite says when that was forgotten.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from convfilter import __version__
from convfilter.cli.main import cli

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
MANUAL = ROOT / "docs" / "man"

COMMAND = "python -m docs.make_commands"
WIDTH = 80
"""Of the help, whatever the terminal's is."""

ENVIRONMENT = """\
Every option can be given by a variable, too: `--border` of `apply` is `CONVFILTER_APPLY_BORDER`.
`CONVFILTER_KERNEL_PATH` has folders of kernels, `NO_COLOR` turns colours off, and
`CONVFILTER_DEBUG=1` shows tracebacks."""

EXIT_CODES = {
    "0": "done",
    "1": "failed",
    "2": "wrong use, or a wrong kernel",
    "3": "a batch in which some files failed",
    "130": "interrupted",
    "143": "ended by a signal",
}


def commands(
    command: click.Command = cli, name: str = "convfilter", parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Yield the context of a command, and of all the commands below it."""
    # As when it runs, but for the width, which must not depend on the terminal.
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from commands(found, below, context)


def make_page() -> str:
    """Return the reference of commands."""
    lines = [
        f"<!-- Made by {COMMAND} from the help of the program. -->",
        "# Commands",
        "",
        "What `--help` prints for each command, at a width of 80 columns.",
        "",
        ENVIRONMENT,
        "",
        "| exit code | |",
        "| --- | --- |",
        *(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()),
    ]
    for context in commands():
        level = "#" * min(3, 2 + context.command_path.count(" "))
        lines += ["", f"{level} `{context.command_path}`", "", "```text"]
        lines += [context.get_help().rstrip(), "```"]
    return "\n".join(lines) + "\n"


def make_manual() -> dict[Path, str]:
    """Return the man page of every command by its file."""
    return {
        MANUAL / f"{context.command_path.replace(' ', '-')}.1": _man_page(context)
        for context in commands()
    }


def _man_page(context: click.Context) -> str:
    command = context.command
    name = context.command_path.replace(" ", "-")
    usage = " ".join(command.collect_usage_pieces(context))
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    lines = [
        f'.TH "{name.upper()}" "1" "" "convfilter {__version__}" "convfilter"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(_summary(paragraphs[0]))}",
        ".SH SYNOPSIS",
        f".B {_roff(context.command_path)}",
        _roff(usage),
        ".SH DESCRIPTION",
    ]
    for paragraph in paragraphs:
        lines += _paragraph(paragraph)
    lines += [".SH OPTIONS"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option):
            lines += [".TP", f"\\fB{_roff(record[0])}\\fR", _roff(" ".join(record[1].split()))]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS"]
        for below in command.list_commands(context):
            lines += [".TP", f"\\fB{_roff(below)}\\fR", f"See {_roff(f'{name}-{below}')}(1)."]
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES.items():
        lines += [".TP", code, _roff(meaning)]
    return "\n".join(lines) + "\n"


def _summary(paragraph: str) -> str:
    first = " ".join(paragraph.split()).partition(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _paragraph(text: str) -> list[str]:
    if text.startswith("\b"):  # Click's mark of lines to be left as they are: examples
        examples = [_roff(line.strip()) for line in text.splitlines()[1:]]
        return [".PP", ".RS", ".nf", *examples, ".fi", ".RE"]
    return [".PP", _roff(" ".join(text.split()))]


def _roff(text: str) -> str:
    """Keep troff from reading signs of a text as its own."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", plain)


def main() -> None:
    """Write the reference and the man pages, and remove those of commands that are gone."""
    PAGE.write_text(make_page(), encoding="utf-8")
    pages = make_manual()
    MANUAL.mkdir(exist_ok=True)
    for path in set(MANUAL.glob("*.1")) - set(pages):
        path.unlink()
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
