"""The options of ``convfilter batch`` alone: what goes in, where it goes, who does the work."""

import functools
import sys
from contextlib import nullcontext
from typing import Any

import click

from convfilter.batch.targets import DEFAULT_NAME, NAME_FIELDS
from convfilter.cli.messages import say
from convfilter.cli.options import HEADINGS, Command, decorate, option_names
from convfilter.cores import available_cores
from convfilter.errors import UsageError

INPUT_OPTIONS = (
    click.option("-r", "--recursive", is_flag=True, help="Look into folders within folders."),
    click.option(
        "--files-from",
        metavar="FILE",
        help="Also take the files that FILE names, one a line; - is standard input.",
    ),
    click.option("-0", "--null", is_flag=True, help="Names in the list end with a NUL byte."),
    click.option("--include", multiple=True, metavar="PATTERN", help="Take only files that match."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave files that match."),
)

TARGET_OPTIONS = (
    click.option("-o", "--output", metavar="DIR", help="The folder of the results.  [required]"),
    click.option("--flat", is_flag=True, help="Put all results into DIR itself."),
    click.option(
        "--name",
        default=DEFAULT_NAME,
        show_default=True,
        metavar="TEMPLATE",
        help="Of a result, from "
        + ", ".join(f"{{{field}}} ({meaning})" for field, meaning in NAME_FIELDS.items())
        + ".",
    ),
)

WORK_OPTIONS = (
    click.option(
        "-j", "--jobs", type=click.IntRange(1), help="Worker processes.  [default: all cores]"
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=600,
        show_default=True,
        metavar="SECONDS",
        help="Give a file up that takes longer.",
    ),
    click.option("--fail-fast", is_flag=True, help="Stop at the first file that fails."),
    click.option("--report", metavar="FILE", help="Write one line of JSON a file to FILE."),
    click.option("--resume", is_flag=True, help="Go on with the batch that the report is from."),
    click.option(
        "--engine",
        type=click.Choice(["processes", "dask"]),
        default="processes",
        show_default=True,
        help="Who does the work: this machine, or a Dask cluster.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Of a Dask cluster: tcp://… or tls://…  [default: one on this machine]",
    ),
)


BATCH_HEADINGS = {
    "Inputs and outputs": option_names(INPUT_OPTIONS + TARGET_OPTIONS),
    "Work": option_names(WORK_OPTIONS),
    **HEADINGS,
}
"""For the help: where all options of a batch stand."""


def discovering(command: Command) -> Command:
    """Find the files, and start the workers, before anything else; hands on both.

    It stands above the decorators that import NumPy: the workers import it meanwhile.
    """

    @functools.wraps(command)
    def with_sources(
        *,
        inputs: tuple[str, ...],
        recursive: bool,
        files_from: str | None,
        null: bool,
        include: tuple[str, ...],
        exclude: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        from convfilter.batch.discover import Selection, discover, input_folders

        if not rest["output"]:
            raise UsageError("no folder for the results", None, "name one with -o DIR")
        if rest["output"] == "-":
            raise UsageError(
                "standard output is no folder",
                None,
                "name one with -o DIR, or ./- if it is called so",
            )
        if not inputs and not files_from:
            raise UsageError("no input", None, "name folders, files, or a list with --files-from")
        selection = Selection(recursive, include, exclude, rest["output"])
        listed = _read_list(files_from, null) if files_from else []
        sources = discover(inputs, listed, selection)
        with _engine(rest, len(sources)) as engine:
            return command(sources=sources, folders=input_folders(inputs), engine=engine, **rest)

    return decorate(with_sources, INPUT_OPTIONS)


def order_options(command: Command) -> Command:
    """Add where results go and how the work is done; hands on ``place``, a function.

    It takes the treatment, and returns the `Order`.
    """

    @functools.wraps(command)
    def with_order(
        *,
        sources: list[Any],
        folders: list[str],
        output: str,
        flat: bool,
        name: str,
        report: str | None,
        resume: bool,
        timeout: float,
        fail_fast: bool,
        **rest: Any,
    ) -> Any:
        def place(treatment: Any) -> Any:
            from convfilter.batch.order import Order
            from convfilter.batch.targets import Naming

            naming = Naming(output, "+".join(treatment.names), name, flat, treatment.writing.format)
            return Order(sources, folders, naming, treatment, report, resume, timeout, fail_fast)

        return command(place=place, **rest)

    return decorate(with_order, TARGET_OPTIONS + WORK_OPTIONS)


def _engine(stated: dict[str, Any], files: int) -> Any:
    """Return what will do the work, already on its way; closed at the end of a ``with``."""
    scheduler, jobs = stated.pop("scheduler"), stated.pop("jobs")
    count = jobs or available_cores()
    engine = stated.pop("engine")
    if scheduler and engine != "dask":
        raise UsageError("--scheduler without --engine dask", None, "add --engine dask")
    if stated["dry_run"]:
        return nullcontext()
    if engine == "dask":
        from convfilter.batch.cluster import Cluster, exposure

        if scheduler and not stated["quiet"]:
            say("warning", exposure(scheduler), "yellow")
        return Cluster(scheduler, count)
    from convfilter.batch.workers import Workers

    return Workers(min(count, files))


def _read_list(path: str, null: bool) -> list[str]:
    from convfilter.batch.discover import read_list

    if path == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no list on standard input", None, "pipe one, as find does")
        return read_list(sys.stdin.buffer.read(), nul=null)
    try:
        with open(path, "rb") as file:
            return read_list(file.read(), nul=null)
    except OSError as error:
        raise UsageError(f"the list {path} cannot be read", error.strerror) from None
