"""A worker process: takes tasks from a pipe, one after another, until it closes.

`convfilter.batch.processes` starts it, as a copy of itself or with
``python -m convfilter.batch.worker``.
"""

import gc
import json
import os
import pickle
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, NoReturn

from convfilter.freed_memory import keep_freed_memory

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: the signal that a process gets when its parent ends."""


def main() -> None:
    """Be a worker whose tasks come from standard input and whose replies go to standard output."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    serve(sys.stdin.buffer, replies, int(sys.argv[1]))


def import_all() -> None:
    """Import everything that a task may need."""
    import convfilter.job  # noqa: F401
    from convfilter.engine.algorithms import load_all
    from convfilter.pictures.writing import prepare_to_write

    load_all()
    prepare_to_write()


def serve(tasks: BinaryIO, replies: BinaryIO, parent: int) -> NoReturn:
    """Answer every task with a line of JSON, until there are no more; then end the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    end_with_parent(parent)
    keep_freed_memory()
    import_all()
    gc.freeze()  # all this is here to stay
    be_silent(1, 2)
    replies.write(b"{}\n")  # ready
    replies.flush()
    _perform_all(tasks, replies)
    os._exit(0)  # nothing is left to tidy, and a parent may be waiting


def _perform_all(tasks: BinaryIO, replies: BinaryIO) -> None:
    from convfilter.batch.perform import Treatment, perform

    treatment = Treatment(())
    while True:
        try:
            # From the parent alone, over a pipe that no one else has.
            given = pickle.load(tasks)  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):
            return
        if isinstance(given, Treatment):
            treatment = given
            continue
        reply = perform(treatment, given)
        try:
            replies.write(json.dumps(reply).encode() + b"\n")
            replies.flush()
        except BrokenPipeError:
            return  # the parent has gone away
        if reply.get("spent"):
            return


def end_with_parent(parent: int) -> None:
    """Be killed when the parent ends, however it ends; where that cannot be, the pipe closes."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)  # it had ended before


def be_silent(*descriptors: int) -> None:
    """Lead streams to nowhere, such as what libraries write past Python: messages are the parent's.

    Standard input among them is empty then.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


if __name__ == "__main__":
    main()
