"""What is said on standard error, and how names of files are made safe to print."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from convfilter.errors import ConvfilterError


def wants_traceback(arguments: Sequence[str] | None = None) -> bool:
    """Whether ``--debug`` is among the program's arguments, or the environment asks for it."""
    given = sys.argv if arguments is None else arguments
    return "--debug" in given or os.environ.get("CONVFILTER_DEBUG", "0") not in ("", "0")


def printable(text: str) -> str:
    """Escape control characters and bytes that are not UTF-8, so that no name can forge lines."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return safe.encode("utf-8", "backslashreplace").decode()


def tell(text: str) -> None:
    """Print lines to standard output, each made safe."""
    for line in text.split("\n"):
        click.echo(printable(line))


def remark(text: str) -> None:
    """Print a line to standard error; where that cannot be written to, the work goes on."""
    if sys.stderr is not None:  # which is so if it was closed before the program began
        with suppress(OSError):
            click.echo(text, err=True)


def say(label: str, text: str | None, colour: str | None = None) -> None:
    """Print one line to standard error, such as ``hint: use --force``."""
    if not text:
        return
    plain = "NO_COLOR" in os.environ or sys.stderr is None or not sys.stderr.isatty()
    shown = f"{label}:" if plain else click.style(f"{label}:", fg=colour, bold=True)
    remark(f"{shown} {printable(text)}")


def say_error(error: ConvfilterError) -> None:
    """Print an error: what, why, what to do."""
    say("error", error.what, "red")
    say("cause", error.cause, "yellow")
    say("hint", error.hint, "green")
