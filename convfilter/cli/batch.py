"""``convfilter batch``: many pictures through one or more kernels."""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from convfilter.cli.batch_options import BATCH_HEADINGS, discovering, order_options
from convfilter.cli.grouped import GroupedCommand
from convfilter.cli.messages import printable, remark, say, tell, wants_traceback
from convfilter.cli.options import (
    debug_option,
    file_options,
    filter_options,
    kernel_options,
    talk_options,
)
from convfilter.cli.progress import ProgressBar
from convfilter.errors import UsageError
from convfilter.number import counted

if TYPE_CHECKING:
    from convfilter.batch.order import Order
    from convfilter.batch.perform import Reply, Treatment
    from convfilter.batch.report import Line
    from convfilter.batch.run import Engine, Summary
    from convfilter.batch.targets import Task
    from convfilter.options import FilterOptions
    from convfilter.pictures.read_options import ReadOptions
    from convfilter.pictures.write_options import WriteOptions
    from convfilter.recipe import Filter


@click.command("batch", cls=GroupedCommand, headings=BATCH_HEADINGS, no_args_is_help=True)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@discovering
@order_options
@kernel_options
@filter_options
@file_options
@talk_options
@debug_option
def batch_command(
    *,
    place: "Callable[[Treatment], Order]",
    engine: "Engine",
    kernels: "tuple[Filter, ...]",
    filtering: "FilterOptions",
    reading: "ReadOptions",
    writing: "WriteOptions",
    skip_existing: bool,
    dry_run: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Filter many pictures with a kernel and write the results to the folder DIR.

    \b
    convfilter batch photos -r -o blurred --kernel blur5
    convfilter batch 'photos/**/*.jpg' -o small -k gaussian5 --stride 4 -f png
    convfilter batch photos -r -o blurred -k blur5 --report done.jsonl --resume

    INPUT is a folder, a file or a quoted pattern. The tree of folders is mirrored in
    DIR. A file that fails does not stop the others; the exit code is 3 then.
    """
    from convfilter.batch.order import STANDARD_OUTPUT
    from convfilter.batch.perform import Treatment

    prepared = place(Treatment(kernels, filtering, reading, writing, skip_existing)).prepare()
    if as_json and prepared.order.report == STANDARD_OUTPUT:
        both = "both print a line for each file"
        raise UsageError("--report - with --json", both, "leave one of them out")
    if dry_run:
        for task in prepared.todo:
            if as_json:
                told = {"input": task.input, "output": task.output, "status": "planned"}
                click.echo(json.dumps(told))
            else:
                tell(f"{printable(task.input)} → {printable(task.output)}")
        return 0
    try:
        with ProgressBar(len(prepared.todo), is_wanted=not quiet) as bar:
            talk = _Talk(bar, as_json=as_json, verbose=verbose, quiet=quiet)
            summary = prepared.run(engine, talk.about, talk.say_stopping)
    except BrokenPipeError:
        sys.exit(1)  # who read the report or the JSON has gone away
    return talk.close(summary)


class _Talk:
    """What is said about each file, and about all of them in the end."""

    def __init__(self, bar: ProgressBar, *, as_json: bool, verbose: bool, quiet: bool) -> None:
        self._bar = bar
        self._as_json, self._verbose, self._quiet = as_json, verbose, quiet
        self._hints: list[str] = []

    def about(self, task: "Task", reply: "Reply", line: "Callable[[], Line]") -> None:
        """Tell what came of a file."""
        self._bar.advance()
        if self._as_json:
            click.echo(json.dumps(line()))
        if error := reply.get("error"):
            told = "; ".join(part for part in error.values() if part)
            is_named = task.input in told or task.output in told
            say("failed", told if is_named else f"{task.input}: {told}", "red")
            if wants_traceback() and "traceback" in reply:
                remark(reply["traceback"])
        if self._quiet:
            return
        for note in reply.get("notes") or ():
            say("warning", f"{task.input}: {note}", "yellow")
        if reply.get("hint"):
            self._hints.append(f"{task.input}: {reply['hint']}")
        if self._verbose and reply["status"] != "failed":
            told = f"{reply['algorithm']}, {reply['seconds']:.3f} s" if "algorithm" in reply else ""
            say(reply["status"], f"{task.output} {told}".rstrip())

    def say_stopping(self, running: int) -> None:
        """Tell that Ctrl-C was heard."""
        if running:
            say(
                "interrupted",
                f"finishing {counted(running, 'file')}; press Ctrl-C again to end at once",
            )

    def close(self, summary: "Summary") -> int:
        """Tell how it went, and return the exit code."""
        from convfilter.cli.main import ExitCode

        if self._as_json:
            click.echo(json.dumps({"schema": 1, "summary": summary.to_json()}))
        if self._hints:
            more = len(self._hints) - 1
            say("hint", self._hints[0] + (f" (so with {more} others)" if more else ""), "green")
        if not self._quiet:
            say("done", str(summary))
        if summary.interrupted:
            raise KeyboardInterrupt
        return ExitCode.SOME_FAILED if summary.failed else ExitCode.DONE
