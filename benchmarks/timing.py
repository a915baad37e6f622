"""Times of two ways to do the same, taken in turn so that a noisy machine is fair to both."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """Median seconds of ours and of the peer, from interleaved runs."""

    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """Our time as a multiple of the peer's."""
        return self.ours / self.peer


def interleave(ours: Work, peer: Work, runs: int, before: Work = lambda: None) -> Pair:
    """Run both in turn after one warm-up each.

    Parameters
    ----------
    before
        Called before each run, which is then timed without it.
    """
    before()
    ours()
    before()
    peer()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, taken in zip((ours, peer), times, strict=True):
            before()
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return Pair(*(statistics.median(taken) for taken in times))


def command(arguments: Sequence[str]) -> Work:
    """Return what runs a command, and fails if the command does."""
    return lambda: subprocess.run(arguments, check=True, capture_output=True, env=environment())


def environment() -> dict[str, str]:
    """Return this process's, in which modules are compiled once and for all.

    Where Python must not write what it has compiled, a checkout would be compiled at each start
    while the peers' packages, compiled when they were installed, are not.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Cost:
    """What one run of a command took: seconds by the clock, of the processor, and peak bytes."""

    wall: float
    cpu: float
    peak: int


WATCHER = """
import os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = status
print(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, status)
"""


def cost_of(arguments: Sequence[str]) -> Cost:
    """Run a command once, with the operating system's own accounting.

    A small process watches it: the peak memory of a child counts from that of its parent.
    """
    watched = [sys.executable, "-S", "-c", WATCHER, *arguments]
    told = subprocess.run(
        watched, check=True, capture_output=True, text=True, env=environment()
    ).stdout.split()
    if told[3] != "0":
        raise RuntimeError(f"{arguments[0]} failed")
    return Cost(float(told[0]), float(told[1]), int(told[2]))
