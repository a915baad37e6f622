"""Tidying up that no signal breaks off."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Signals that end the program."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal break off what has to be done to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, answer in before.items():
            signal.signal(number, answer or signal.SIG_DFL)
