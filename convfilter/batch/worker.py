"""A worker process: takes files from its standard input, one after another, until it closes.

Run as ``python -m convfilter.batch.worker`` by `convfilter.batch.workers`.
"""

import gc
import json
import os
import pickle
import signal
import sys
from contextlib import suppress

from convfilter.freed_memory import keep_freed_memory

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: the signal that a process gets when its parent ends."""


def main() -> None:
    """Answer every task with a line of JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    end_with_parent(int(sys.argv[1]))
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    keep_freed_memory()
    import convfilter.job  # noqa: F401 - everything that a task needs
    from convfilter.batch.perform import Recipe, perform
    from convfilter.engine.algorithms import load_all

    load_all()
    gc.freeze()  # all this is here to stay
    _be_silent()
    replies.write(b"{}\n")  # ready
    replies.flush()
    recipe = Recipe(())
    while True:
        try:
            # From the parent alone, over a pipe that no one else has.
            given = pickle.load(sys.stdin.buffer)  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):
            break
        if isinstance(given, Recipe):
            recipe = given
            continue
        reply = perform(recipe, given)
        try:
            replies.write(json.dumps(reply).encode() + b"\n")
            replies.flush()
        except BrokenPipeError:
            break  # the parent has gone away
        if reply.get("spent"):
            break
    os._exit(0)  # nothing is left to tidy, and a parent may be waiting


def end_with_parent(parent: int) -> None:
    """Be killed when the parent ends, however it ends; where that cannot be, the pipe closes."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)  # it had ended before


def _be_silent() -> None:
    """Send to nowhere what libraries write past Python: messages are the parent's."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


if __name__ == "__main__":
    main()
