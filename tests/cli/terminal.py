"""The program on a terminal."""

import fcntl
import os
import struct
import subprocess
import sys
import termios
import threading


def on_terminal(
    *arguments: object, columns: int = 80, variables: dict[str, str] | None = None
) -> tuple[int, str, str]:
    """Run the program on a terminal; return its code, what it shows, and its messages."""
    kept = {n: v for n, v in os.environ.items() if n not in ("COLUMNS", "LINES", "NO_COLOR")}
    kept |= {"TERM": "xterm", "COLORTERM": "truecolor"} | (variables or {})
    master, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    shown = bytearray()

    def read() -> None:
        try:
            while piece := os.read(master, 65536):
                shown.extend(piece)
        except OSError:
            return  # the other end is closed

    reader = threading.Thread(target=read)
    reader.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "convfilter", *map(str, arguments)],
            stdout=terminal,
            stderr=subprocess.PIPE,
            env=kept,
            check=False,
        )
    finally:
        os.close(terminal)
        reader.join()
        os.close(master)
    return done.returncode, shown.decode().replace("\r", ""), done.stderr.decode()
