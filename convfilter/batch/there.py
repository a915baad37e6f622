"""What is done on the machine of a Dask worker, which is sent the functions of this module.

It hands each task to a process of its own, watched as those of this machine are: a decoder that
crashes costs a file, and not the Dask worker.
"""

import os
import platform
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from convfilter import __version__
from convfilter.batch.crew import Crew
from convfilter.batch.perform import Reply, failure
from convfilter.batch.targets import Task
from convfilter.errors import ConvfilterError
from convfilter.parts import Joined, Part

SILENT_SECONDS = 60.0
"""After so long without a task, a batch is taken to be gone, and its processes here are ended."""


class _Stay:
    """The worker processes that a batch has on this machine."""

    def __init__(self) -> None:
        self.crew = Crew()
        self.tasks = 0
        self.silence: threading.Timer | None = None


_stays: dict[str, _Stay] = {}
_dismissed: set[str] = set()
_stays_lock = threading.Lock()


def perform_there(token: str, treatment: bytes, task: Task, timeout: float | None) -> Reply:
    """Do a task on the machine of a Dask worker.

    Parameters
    ----------
    token
        Of the batch: it has worker processes of its own.
    """
    for path in (task.input, os.path.dirname(task.output)):
        if task.source.status and not os.path.exists(path):
            return failure(_not_shared(path))
    with _crew_of(token) as crew:
        return crew.perform(treatment, task, timeout)


def make_piece_there(
    offered: Reply, token: str, treatment: bytes, task: Task, timeout: float | None
) -> Reply:
    """Do a piece of a task, unless the answer to the offer says that it has been done whole."""
    if offered["status"] != "shared":
        return offered
    return perform_there(token, treatment, task, timeout)


def join_there(
    offered: Reply,
    made: Sequence[Reply],
    path: str,
    token: str,
    treatment: bytes,
    task: Task,
    timeout: float | None,
) -> Reply:
    """Do what is left of a task when its pieces have been made.

    Parameters
    ----------
    made
        Replies to the pieces.
    path
        Of the file that they were put into.
    """
    if offered["status"] != "shared":
        return offered
    for reply in made:
        if reply["status"] == "failed":
            return reply
    joined = Joined(path, tuple(Part(**reply["part"]) for reply in made))
    last = perform_there(token, treatment, replace(task, share=joined), timeout)
    spent = (reply["seconds"] for reply in (offered, *made, last) if "seconds" in reply)
    return last | {"seconds": round(sum(spent), 6)}


@contextmanager
def _crew_of(token: str) -> Iterator[Crew]:
    """Keep the worker processes of a batch until it dismisses them, or falls silent.

    Raises
    ------
    CancelledError
        If it has dismissed them: what it left waiting is not done any more.
    """
    with _stays_lock:
        if token in _dismissed:
            raise CancelledError
        stay = _stays.get(token) or _stays.setdefault(token, _Stay())
        stay.tasks += 1
        if stay.silence:
            stay.silence.cancel()
    try:
        yield stay.crew
    finally:
        with _stays_lock:
            stay.tasks -= 1
            if not stay.tasks and token in _stays:
                later = partial(dismiss, token, if_silent=True)
                stay.silence = threading.Timer(SILENT_SECONDS, later)
                stay.silence.daemon = True
                stay.silence.start()


def dismiss(token: str, *, if_silent: bool = False) -> None:
    """End the worker processes that a batch has on this machine."""
    with _stays_lock:
        if if_silent and token in _stays and _stays[token].tasks:
            return
        if not if_silent:
            _dismissed.add(token)
        stay = _stays.pop(token, None)
    if stay:
        if stay.silence:
            stay.silence.cancel()
        stay.crew.end()


def version_there() -> str:
    """Return the version of this package on the machine of a Dask worker."""
    return __version__


def _not_shared(path: str) -> ConvfilterError:
    return ConvfilterError(
        f"{path} does not exist",
        f"the worker on {platform.node()} cannot see it",
        "inputs and outputs must lie on storage that every machine has under the same path",
    )
