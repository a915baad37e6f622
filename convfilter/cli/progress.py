"""A bar with rate and time left on a terminal; nothing anywhere else."""

import sys
from typing import Any, Self


class ProgressBar:
    """Shows how far a batch is.

    Parameters
    ----------
    total
        Files.
    is_wanted
        Whether to show it, if standard error is a terminal.
    """

    def __init__(self, total: int, *, is_wanted: bool) -> None:
        self._total = total
        self._is_shown = is_wanted and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._is_shown:
            self._bar = _make_bar()
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self) -> None:
        """Count one more file."""
        if self._bar:
            self._bar.advance(self._task)


def _make_bar() -> Any:
    # Imported here: off a terminal nobody waits for it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task
    from rich.progress import TimeRemainingColumn as TimeLeft
    from rich.text import Text

    class Rate(ProgressColumn):
        """Files a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} files/s" if task.speed else "")

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeLeft())
    return Progress(*columns, console=console, transient=True, redirect_stdout=False)
