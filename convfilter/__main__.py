"""The command, also as ``python -m convfilter``: quiet about Ctrl-C from the beginning."""

import os
import signal
from types import FrameType


def main() -> None:
    """Run the program; until it has been imported, end without a word when asked to."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    # Those that whoever called it lets it ignore stay ignored.
    heeded = {n: handler for n, handler in usual.items() if signal.getsignal(n) == handler}
    for number in heeded:
        signal.signal(number, _leave)
    from convfilter.cli.main import main as run

    for number, handler in heeded.items():
        signal.signal(number, handler)
    run()


def _leave(number: int, _frame: FrameType | None) -> None:
    os._exit(128 + number)


if __name__ == "__main__":
    main()
