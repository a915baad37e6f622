"""Reads kernels in a process of its own, within limits, and tells what came of it.

For hostile files: a reader that takes too long or too much memory dies, and its parent says
so instead of dying with it.
"""

import json
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent

MOST_SECONDS = 5
"""Of the processor's time for one kernel: the largest take one, on a slow machine two."""

MOST_SECONDS_WAITING = 60

MOST_BYTES = 200 * 1024 * 1024
"""What reading may take on top of what the imported packages take."""


@dataclass(frozen=True)
class Answer:
    """What came of one reading.

    ``outcome`` is ``kernel``, ``refused`` (a `KernelError`), ``defect`` (anything else that
    was raised) or ``died``; ``opened`` are the files that were opened meanwhile.
    """

    outcome: str
    error: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)


class LimitedReader:
    """The parent's end; starts the process when it is first asked, and anew when it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def read(self, text: str, folder: Path | None = None) -> Answer:
        """Return what `get_kernel` makes of a text, with ``folder`` to look names up in."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.registry.limited"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([text, str(folder) if folder else None]), file=self._process.stdin)
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            code = self.close()
            name = signal.Signals(-code).name if code < 0 else f"code {code}"
            return Answer(
                "died", f"ended by {name}; SIGPROF and SIGALRM mean that it took too long"
            )
        return Answer(**json.loads(line))

    def close(self) -> int:
        """End the process."""
        if self._process is None:
            return 0
        with self._process as process:
            self._process = None
        return process.returncode


def serve() -> None:
    """Read kernels until the input ends."""
    from convfilter.errors import KernelError
    from convfilter.registry.catalogue import get_kernel
    from convfilter.registry.fault import KernelFileError

    opened: list[str] = []
    for known in (
        "blur5",
        "motion-h",
        "sketch",
        "gaussian:sigma=1",
        "no such kernel",
        "[[1/2, x]]",
    ):
        with suppress(KernelError):  # so that nothing is left to import
            get_kernel(known)
    sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
    _limit_memory()
    for line in sys.stdin:
        text, folder = json.loads(line)
        opened.clear()
        answer = Answer("kernel")
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS_WAITING)
        try:
            get_kernel(text, [folder] if folder else [])
        except KernelFileError as error:
            faults = [
                {"line": fault.line, "key": fault.key, "cause": fault.cause}
                for fault in error.faults
            ]
            answer = Answer("refused", str(error), faults)
        except KernelError as error:
            answer = Answer("refused", str(error))
        except BaseException as error:
            answer = Answer("defect", f"{type(error).__name__}: {error}")
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps({**vars(answer), "opened": opened}), flush=True)  # noqa: T201


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    serve()
