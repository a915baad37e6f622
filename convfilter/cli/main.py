"""The group of commands, and the one place where errors become messages and exit codes."""

import atexit
import enum
import errno
import gc
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

import click

from convfilter import __version__
from convfilter.cli.lazy import Entry, LazyGroup
from convfilter.cli.messages import remark, say, say_error, wants_traceback
from convfilter.errors import ConvfilterError, KernelError, OutputError, UsageError

COMMANDS = {
    "apply": Entry("convfilter.cli.apply", "filters one picture with one or more kernels"),
    "batch": Entry("convfilter.cli.batch", "filters many pictures, on all cores or on a cluster"),
    "explain": Entry(
        "convfilter.cli.explain.command", "explains a kernel, or every number behind one pixel"
    ),
    "gallery": Entry(
        "convfilter.cli.gallery", "shows what many kernels make of a picture, or one step by step"
    ),
    "kernels": Entry("convfilter.cli.kernels", "lists, shows, checks, keeps and exchanges kernels"),
    "doctor": Entry("convfilter.cli.doctor", "tells what is installed, and what is missing"),
    "completion": Entry("convfilter.cli.completion", "prints what makes a shell complete names"),
}
"""The commands."""

ELSEWHERE = {
    ("apply", "-o"): "the output is the second name: convfilter apply IN OUT -k KERNEL",
    (
        "apply",
        "--output",
    ): "the output is the second name: convfilter apply in.jpg out.jpg -k blur5",
    ("apply", "-r"): "convfilter batch filters folders",
    ("apply", "--recursive"): "convfilter batch filters folders",
    ("batch", "--overwrite"): "--force replaces files",
    ("apply", "--overwrite"): "--force replaces files",
}
"""Options that other programs have, and what there is instead, by command."""

TOO_MANY = {
    "apply": "each kernel has a -k of its own, and convfilter batch takes several pictures",
    "gallery": "convfilter gallery IN -o SHEET.png -k KERNEL",
}
"""What to do where more words are given than a command takes, by command."""

GARBAGE_THRESHOLD = 100_000
"""New objects between two garbage collections: importing makes many, none of them garbage."""


class ExitCode(enum.IntEnum):
    """What the program's exit tells."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    SOME_FAILED = 3
    INTERRUPTED = 130
    ENDED = 143


class Ended(BaseException):
    """The signal that asks the program to end; raised so that temporary files are removed."""


class ClosedOutput(io.TextIOBase):
    """Standard output that was closed before the program began: what is written fails aloud."""

    def write(self, _text: str, /) -> int:
        """Fail."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class ProgramGroup(LazyGroup):
    """The group that shows every error."""

    def main(  # type: ignore[override]  # always leaves, whatever standalone_mode says
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> NoReturn:
        """Run, and leave with an exit code."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            result = super().main(args=given, **extra)
            code = result if isinstance(result, int) else ExitCode.DONE
        except BaseException as error:
            if wants_traceback(given) and not isinstance(error, SystemExit):
                sys.excepthook(type(error), error, error.__traceback__)
            code = _show(error, given)
        _flush_output()
        sys.exit(int(code))

    def hint(self, ctx: click.Context, unknown: str) -> str:
        """Say what may have been meant: a command of a group, or a picture's name."""
        from convfilter.cli.kernels import COMMANDS as KERNELS_COMMANDS

        if unknown in KERNELS_COMMANDS:
            return f"convfilter kernels {unknown}"
        if os.path.isfile(unknown):
            return f"convfilter apply {unknown} OUT -k KERNEL"
        return super().hint(ctx, unknown)


def _show(error: BaseException, given: Sequence[str]) -> int:
    """Say what went wrong, and return the exit code that goes with it."""
    if isinstance(error, ConvfilterError):
        say_error(error)
        wrong_use = isinstance(error, UsageError | KernelError)
        return ExitCode.WRONG_USE if wrong_use else ExitCode.FAILED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        remark(error.format_message())
        return ExitCode.WRONG_USE
    if isinstance(error, click.ClickException):
        say_error(_wrong_use(error, given))
        return ExitCode.WRONG_USE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.FAILED
    if isinstance(error, click.Abort | KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not change the code
        say("error", "interrupted", "red")
        return ExitCode.INTERRUPTED
    if isinstance(error, Ended):
        return ExitCode.ENDED
    if isinstance(error, OSError):
        say_error(OutputError("the result cannot be written", error.strerror or str(error)))
        return ExitCode.FAILED
    if isinstance(error, MemoryError):
        say_error(
            ConvfilterError(
                "there is not enough memory", None, "use a smaller picture, kernel or dilation"
            )
        )
        return ExitCode.FAILED
    hint = "this is a defect of convfilter; --debug shows where"
    say_error(ConvfilterError(f"unexpected {type(error).__name__}", str(error), hint))
    return ExitCode.FAILED


def _wrong_use(error: click.ClickException, given: Sequence[str]) -> UsageError:
    """Say what Click found wrong with the words that were given."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = next((word for word in given if word in COMMANDS), None)
    # An option without its value is found before there is a context.
    path = context.command_path if context else " ".join(filter(None, ("convfilter", command)))
    hint = f"see {path} --help"
    if isinstance(error, click.NoSuchOption):
        hint = ELSEWHERE.get((command or "", error.option_name), hint)
    elif error.message.startswith("Got unexpected extra argument"):
        hint = TOO_MANY.get(command or "", hint)
    return UsageError(re.sub(r"\n\t?", " ", error.format_message()), None, hint)


def _flush_output() -> None:
    """Flush, and let what is left for a reader that has gone away vanish without a word."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@click.group(
    cls=ProgramGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="convfilter", allow_from_autoenv=False)
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    allow_from_autoenv=False,
    help="Show tracebacks.",
)
def cli() -> None:
    """Filter pictures by convolution with named kernels.

    \b
    convfilter apply in.jpg out.jpg --kernel blur5
    convfilter batch photos -o blurred --kernel blur5
    convfilter kernels list
    """


def main() -> None:
    """Run the program, as the script and ``python -m convfilter`` do."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    # The bands are the parallelism; threads of BLAS would be started for nothing.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _end)
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever the locale cannot show
    try:
        cli(auto_envvar_prefix="CONVFILTER", prog_name="convfilter")
    except SystemExit as end:
        if threading.active_count() > 1:
            raise
        _leave(end.code)


def _end(_signal: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # another must not break off the tidying up
    raise Ended


def _leave(code: Any) -> NoReturn:
    """End at once: to take the interpreter apart takes longer than to filter a small picture."""
    atexit._run_exitfuncs()
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.flush()
    os._exit(code)
