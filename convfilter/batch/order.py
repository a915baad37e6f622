"""All that is said about a batch, and the steps from there to its summary."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from functools import cache, partial

from convfilter.batch.discover import Source
from convfilter.batch.perform import Reply, Treatment
from convfilter.batch.report import Line, Past, Report, encode_line, make_line, read_past
from convfilter.batch.run import Engine, Summary, run_batch
from convfilter.batch.targets import (
    Naming,
    Task,
    is_in_place,
    make_folders,
    plan_tasks,
    refuse_report,
    target_folders,
)
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.temporary import remove_stale

STANDARD_OUTPUT = "-"


@frozen
class Order:
    """A batch as it was asked for.

    Parameters
    ----------
    sources, folders
        The inputs, and those of them that are folders.
    naming, treatment
        Where results go, and what they are.
    report
        Path of the report; ``-`` is standard output.
    resume
        Leave out what the report says is done.
    timeout
        Seconds for a file.
    fail_fast
        Stop at the first failure.

    Raises
    ------
    UsageError
        If there is nothing to resume from, or the seconds are no number.
    """

    sources: Sequence[Source]
    folders: Sequence[str]
    naming: Naming
    treatment: Treatment
    report: str | None = None
    resume: bool = False
    timeout: float | None = None
    fail_fast: bool = False

    def __post_init__(self) -> None:
        if self.timeout is not None and not self.timeout > 0:
            raise UsageError(f"--timeout {self.timeout}", "it is no number of seconds", None)
        if self.resume and self.report in (None, STANDARD_OUTPUT):
            raise UsageError(
                "--resume without a report", None, "name the earlier run's with --report FILE"
            )

    def prepare(self) -> "Prepared":
        """Compute every target and check them all; nothing has been touched then.

        Raises
        ------
        OutputError
            If a target must not be written.
        UsageError
            If a batch is to be resumed that replaced its inputs.
        """
        treatment = self.treatment
        tasks = plan_tasks(
            self.sources,
            self.naming,
            self.folders,
            existing="replace" if treatment.writing.overwrite else "refuse",
            may_exist=treatment.skip_existing or self.resume,
        )
        if self.report and self.report != STANDARD_OUTPUT:
            refuse_report(tasks, self.report)
        if not self.resume:
            return Prepared(self, tasks)
        if is_in_place(tasks):
            raise UsageError(
                "--resume where results replace their inputs", "the originals are gone", None
            )
        past = read_past(self.report) if self.report else Past([])
        return Prepared(self, *past.split(tasks, treatment))


@frozen
class Prepared:
    """A batch that has been checked.

    Parameters
    ----------
    todo
        What is to be done.
    done
        What an earlier run did already.
    """

    order: Order
    todo: list[Task]
    done: list[Task] = field(default_factory=list)

    def run(
        self,
        engine: Engine,
        tell: Callable[[Task, Reply, Callable[[], Line]], None],
        say_stopping: Callable[[int], None] = lambda _running: None,
    ) -> Summary:
        """Do it; call ``tell`` for every file, with what makes its line of a report.

        Raises
        ------
        UsageError
            If inputs are to be replaced and the engine might filter one twice.
        """
        order = self.order
        if engine.repeats and is_in_place(self.todo):
            raise UsageError(
                "a cluster must not replace its inputs",
                "a file whose worker is lost is filtered again",
                "name another folder with -o",
            )
        make_folders(self.todo, order.naming.folder)
        self._sweep()
        with self._report() as write:

            def record(task: Task, reply: Reply) -> None:
                line = cache(partial(make_line, task, order.treatment, reply))
                if write:
                    write(line())
                tell(task, reply, line)

            summary = run_batch(
                self.todo,
                order.treatment,
                engine,
                record,
                timeout=order.timeout,
                fail_fast=order.fail_fast,
                say_stopping=say_stopping,
            )
        self._sweep()  # a run that was killed a moment ago may have been dying at the first one
        summary.skipped += len(self.done)
        return summary

    def _sweep(self) -> None:
        for folder in target_folders(self.todo + self.done):
            remove_stale(folder)

    @contextmanager
    def _report(self) -> Iterator[Callable[[Line], None] | None]:
        order = self.order
        if order.report is None:
            yield None
        elif order.report == STANDARD_OUTPUT:
            yield write_to_output
        else:
            overwrite = order.treatment.writing.overwrite
            report = Report(order.report, resume=order.resume, overwrite=overwrite)
            try:
                yield report.add
                report.finish()
            finally:
                report.close()


def write_to_output(line: Line) -> None:
    """Write a line to standard output at once."""
    sys.stdout.write(encode_line(line).decode())
    sys.stdout.flush()
