"""``convfilter apply``: one picture through one or more kernels."""

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from convfilter.cli.completing import complete_file
from convfilter.cli.grouped import GroupedCommand
from convfilter.cli.messages import printable, remark, say, tell
from convfilter.cli.options import (
    HEADINGS,
    debug_option,
    decode_ahead,
    file_options,
    filter_options,
    kernel_options,
    talk_options,
)
from convfilter.errors import UsageError
from convfilter.freed_memory import keep_freed_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convfilter.job import Outcome
    from convfilter.options import FilterOptions
    from convfilter.pictures.decoding import DecodingAhead
    from convfilter.pictures.read_options import ReadOptions
    from convfilter.pictures.write_options import WriteOptions
    from convfilter.recipe import Filter


def _output_or_preview(command: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a call that asks for neither, before anything else of it is looked at."""

    @functools.wraps(command)
    def checked(**values: Any) -> Any:
        if values["output_path"] is None and not values["with_preview"]:
            hint = "name a file, - for a pipe, or look first with --preview"
            raise UsageError("no OUTPUT given", None, hint)
        return command(**values)

    return checked


@click.command("apply", cls=GroupedCommand, headings=HEADINGS, no_args_is_help=True)
@click.argument("input_path", metavar="INPUT", shell_complete=complete_file)
@click.argument("output_path", metavar="OUTPUT", required=False, shell_complete=complete_file)
@_output_or_preview
@decode_ahead
@kernel_options
@filter_options
@file_options
@click.option(
    "--preview",
    "with_preview",
    is_flag=True,
    help="Show before and after on the terminal; OUTPUT may be left out then.",
)
@talk_options
@debug_option
def apply_command(
    *,
    input_path: str,
    output_path: str | None,
    kernels: "tuple[Filter, ...]",
    filtering: "FilterOptions",
    reading: "ReadOptions",
    writing: "WriteOptions",
    skip_existing: bool,
    dry_run: bool,
    with_preview: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    decoding: "DecodingAhead | None",
) -> None:
    """Filter the picture INPUT with a kernel and write OUTPUT.

    \b
    convfilter apply in.jpg out.jpg --kernel blur5
    convfilter apply in.png edges.png -k gaussian5 -k sobel-x --range abs
    cat in.jpg | convfilter apply - - -k sharpen > out.jpg
    convfilter apply in.jpg --kernel sobel --preview

    A dash is standard input or output. A kernel is laid on the picture as it is
    written (correlation); --operation convolve turns it by 180 degrees first.
    """
    from convfilter.job import Job, look, run_job

    keep_freed_memory()
    if with_preview:
        from convfilter.cli.preview import check_preview

        check_preview(as_json, dry_run)
    _check_streams(input_path, output_path, as_json)
    job = Job(
        input_path,
        output_path or "",
        kernels,
        filtering,
        reading,
        writing,
        skip_existing,
        dry_run,
        decoding,
        keep_input=with_preview,
    )
    stdin = sys.stdin.buffer if input_path == "-" else None
    stdout = sys.stdout.buffer if output_path == "-" else None
    try:
        outcome = look(job, stdin) if output_path is None else run_job(job, stdin, stdout)
    except BrokenPipeError:
        sys.exit(1)  # the reader has gone away: nothing to say, but the picture is not whole
    _print(outcome, as_json=as_json, with_preview=with_preview)
    if not quiet:
        _report(outcome, verbose)


def _check_streams(input_path: str, output_path: str | None, as_json: bool) -> None:
    if input_path == "-" and sys.stdin is None:
        raise UsageError("standard input is closed", None, "name a file, or pipe one")
    if output_path == "-" and not hasattr(sys.stdout, "buffer"):
        raise UsageError("standard output is closed", None, "name a file, or redirect it")
    if input_path == "-" and sys.stdin.isatty():
        raise UsageError(
            "standard input is a terminal",
            "a picture is expected there",
            "name a file, or pipe one",
        )
    if output_path != "-":
        return
    if sys.stdout.isatty():
        raise UsageError(
            "standard output is a terminal",
            "a picture would garble it",
            "name a file, or redirect with > out.png",
        )
    if as_json:
        raise UsageError(
            "--json and the output - exclude each other",
            "both are written to standard output",
            "name a file as output",
        )


def _print(outcome: "Outcome", *, as_json: bool, with_preview: bool) -> None:
    """Print what was asked for besides the picture."""
    job = outcome.job
    if as_json:
        import json

        click.echo(json.dumps(outcome.to_json(), ensure_ascii=True))
    elif job.dry_run and outcome.planned:
        tell(f"{printable(job.input)} → {printable(job.output)}")
        _tell_steps(job.kernels)
        tell(str(outcome.planned.plan))
    elif with_preview and outcome.planned and outcome.filtered:
        from convfilter.cli.preview import preview

        label = " → ".join(kernel.label for kernel in job.kernels)
        click.echo(preview(outcome.planned.picture, outcome.filtered.picture, label), nl=False)


def _tell_steps(kernels: "Sequence[Filter]") -> None:
    """Print what the recipes among some kernels are made of."""
    from convfilter.cli.kernels.telling import step_lines
    from convfilter.recipe import Recipe

    for recipe in kernels:
        if isinstance(recipe, Recipe):
            tell("\n".join([f"recipe     {recipe.label}", *step_lines(recipe)]))


def _report(outcome: "Outcome", verbose: bool) -> None:
    """Say what is worth knowing on standard error."""
    for note in outcome.notes:
        say("warning", f"{outcome.job.input}: {note}", "yellow")
    if verbose and outcome.status == "skipped":
        say("skipped", f"{outcome.job.output} exists")
    filtered = outcome.filtered
    if filtered is None:
        return
    if verbose:
        for line in str(filtered.plan).splitlines():
            remark(printable(line))
        remark(f"clipped    {filtered.clipped} samples, {filtered.clipped_share:.2%}")
        remark(f"seconds    {outcome.seconds:.3f}")
    say("hint", filtered.advice, "green")
