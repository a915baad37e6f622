"""The forms that ``kernels show --format`` gives a kernel, in one table."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from convfilter.cli.kernels.export import say_what_to_know
from convfilter.cli.kernels.writing import write_files
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.registry.interchange.table import INTERCHANGE, WRITABLE

if TYPE_CHECKING:
    from convfilter.recipe import Filter

STANDARD_OUTPUT = "-"


@frozen
class Form:
    """One row of the table.

    Parameters
    ----------
    summary
        For the help.
    render
        Makes text or bytes of a kernel; told whether they go to a terminal.
    is_binary
        Whether a terminal cannot show it.
    """

    summary: str
    render: "Callable[[Filter, bool], str | bytes]"
    is_binary: bool = False


def _heat(kernel: "Filter", to_terminal: bool) -> str:
    from convfilter.cli.kernels.heat import heat_map
    from convfilter.registry.catalogue import single

    return heat_map(single(kernel), to_terminal)


def _png(kernel: "Filter", _to_terminal: bool) -> bytes:
    from convfilter.drawing.card import encode_kernel_card
    from convfilter.registry.catalogue import single

    return encode_kernel_card(single(kernel))


def _written(name: str) -> "Callable[[Filter, bool], bytes]":
    """Return what renders a kernel for another tool, and says what the format cannot."""

    def render(kernel: "Filter", _to_terminal: bool) -> bytes:
        from convfilter.registry.interchange.exporting import write_kernel

        written = write_kernel(kernel, name)
        say_what_to_know(written)
        return written.data

    return render


FORMS = {
    "heat": Form("the matrix in colours, on a terminal", _heat),
    "png": Form("a picture of the matrix and its frequency response", _png, is_binary=True),
} | {
    name: Form(INTERCHANGE[name].summary, _written(name), not INTERCHANGE[name].is_text)
    for name in WRITABLE
}


def check_form(name: str | None, output: str | None, as_json: bool) -> None:
    """Refuse what does not go together, before any work is done.

    Raises
    ------
    UsageError
        For --format with --json, -o without --format, or a picture on a terminal.
    """
    if name is None:
        if output is not None:
            raise UsageError("-o needs --format", None, f"add one of {', '.join(FORMS)}")
        return
    if as_json:
        raise UsageError("--json and --format exclude each other", None, "give one of them")
    if FORMS[name].is_binary and output in (None, STANDARD_OUTPUT) and _is_terminal():
        raise UsageError(
            "standard output is a terminal",
            f"{name} would garble it",
            f"use -o FILE, or redirect with > kernel.{name}",
        )


def put_form(given: "Filter", name: str, output: str | None, force: bool) -> None:
    """Write a kernel in a form to a file, whole or not at all, or to standard output.

    Raises
    ------
    KernelError
        If it is not a single kernel, and the form takes no other.
    OutputError
        If the file exists and ``force`` is off, or it cannot be written.
    """
    to_file = output not in (None, STANDARD_OUTPUT)
    rendered = FORMS[name].render(given, not to_file and _is_terminal())
    if output is None or not to_file:
        click.echo(rendered, nl=False)
        return
    write_files({output: rendered.encode() if isinstance(rendered, str) else rendered}, force)


def _is_terminal() -> bool:
    return sys.stdout.isatty()
