"""The plan: which algorithm will run, over which bands, and why.

It is made before any sample is read, it prints itself, and the engine runs just what it says.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from convfilter.engine.algorithms import (
    ALGORITHMS,
    METHODS,
    Algorithm,
    NotApplicable,
    Prepared,
)
from convfilter.engine.finish import Finish
from convfilter.engine.problem import Problem, Samples, pose
from convfilter.errors import UsageError
from convfilter.kernel import Kernel
from convfilter.named import check_name
from convfilter.options import FilterOptions, Pair

BAND_BYTES = 1_500_000
"""Of the padded band in the algorithm's dtype: it and two arrays of sums stay in the cache."""

PLANS_KEPT = 8
"""Pictures of one folder are of few sizes, and a small one is filtered as fast as planned."""


@dataclass(frozen=True)
class Rejected:
    """An algorithm that will not run, and why."""

    algorithm: str
    reason: str


@dataclass(frozen=True)
class Step:
    """One kernel of the plan.

    Parameters
    ----------
    bias
        What is added to the sums of a step that others follow: its kernel's offset.
    """

    kernel: Kernel
    problem: Problem
    algorithm: Algorithm
    prepared: Prepared
    reason: str
    rejected: tuple[Rejected, ...]
    bias: int | float = 0


@dataclass(frozen=True)
class Plan:
    """What the engine would run.

    Parameters
    ----------
    samples
        What is filtered.
    steps
        One for each kernel.
    finish
        What makes samples of the last step's sums.
    band_rows
        Rows of the result that are made at a time.
    workers
        Threads; 0 means the caller's own.
    """

    samples: Samples
    steps: tuple[Step, ...]
    finish: Finish
    band_rows: int
    workers: int

    @property
    def algorithm(self) -> str:
        """Names of the algorithms, joined by ``+`` where the steps differ."""
        return "+".join(dict.fromkeys(step.algorithm.name for step in self.steps))

    @property
    def reason(self) -> str:
        """Why these algorithms."""
        return "; ".join(dict.fromkeys(step.reason for step in self.steps))

    @property
    def size(self) -> Pair:
        """Height and width of the result in pixels."""
        return self.steps[-1].problem.size

    @property
    def bands(self) -> list[Pair]:
        """First row and row after the last, for every band of the result."""
        height = self.size[0]
        tops = range(0, height, self.band_rows)
        return [(top, min(top + self.band_rows, height)) for top in tops]

    @property
    def memory(self) -> int:
        """Bytes that the engine needs besides the picture and the result."""
        return max(1, self.workers) * sum(
            3 * _padded_bytes(step.problem, step.prepared, self.band_rows + step.problem.window[0])
            for step in self.steps
        )

    def __str__(self) -> str:
        first, height, width = self.samples, *self.size
        sizes = f"{first.width}×{first.height}×{first.channels} {first.dtype}"
        facts = [("picture", f"{sizes} → {width}×{height}×{first.channels} {self.finish.dtype}")]
        for step in self.steps:
            rows, columns = step.problem.window
            laid = f"{step.kernel.operation}, border {step.problem.border}"
            facts.append(("kernel", f"{step.kernel.label}, window {columns}×{rows}, {laid}"))
            facts.append(("algorithm", f"{step.algorithm.name}: {step.reason}"))
            facts += [("rejected", f"{other.algorithm}: {other.reason}") for other in step.rejected]
        facts.append(("range", self.finish.range or "none"))
        threads = f"{self.workers} threads" if self.workers else "the caller's thread"
        spent = f"{threads}, {self.memory / 1e6:.1f} MB"
        facts.append(("bands", f"{len(self.bands)} of {self.band_rows} rows, {spent}"))
        return "\n".join(f"{name:<10} {fact}" for name, fact in facts)


def make_plan(
    samples: Samples,
    kernels: Sequence[Kernel],
    options: FilterOptions,
    out_dtype: np.dtype[Any] | None = None,
    result_dtype: np.dtype[Any] | None = None,
) -> Plan:
    """Decide how to filter samples with kernels, one after another.

    Border, padding, dilation and operation hold for every kernel; stride, divisor, offset
    and range, where the options state them, for the last.

    Parameters
    ----------
    out_dtype
        None gives the samples' own; a float dtype gives the values unrounded and unclipped,
        and without a range unless the options state one.
    result_dtype
        Of the result where the samples are only a working form of it.

    Raises
    ------
    UsageError
        If there is no kernel, nothing is left of the picture, or the method asked for
        cannot solve the problem.
    """
    if not kernels:
        raise UsageError("no kernel given", None, "name one, as in --kernel blur5")
    return _made_plan(samples, tuple(kernels), options, out_dtype, result_dtype)


@lru_cache(PLANS_KEPT)
def _made_plan(
    samples: Samples,
    kernels: tuple[Kernel, ...],
    options: FilterOptions,
    out_dtype: np.dtype[Any] | None,
    result_dtype: np.dtype[Any] | None,
) -> Plan:
    before = FilterOptions(
        border=options.border,
        padding=options.padding,
        dilation=options.dilation,
        operation=options.operation,
        normalize=options.normalize,
        method=options.method,
    )
    steps: list[Step] = []
    current = samples
    for kernel in kernels[:-1]:
        step = _plan_step(current, before.kernel_with(kernel), before)
        steps.append(step)
        current = _between(step)
    steps.append(_plan_step(current, options.kernel_with(kernels[-1]), options))
    value_range = options.range
    if value_range is None and out_dtype is None:
        stated = [kernel.range for kernel in reversed(kernels) if kernel.range]
        value_range = stated[0] if stated else "clip"
        if samples.limits is None and value_range == "clip":
            value_range = None  # floats have room for everything, unless clipping is asked for
    if out_dtype is not None and value_range == "clip":
        value_range = None
    last = steps[-1]
    dtype = out_dtype or result_dtype or samples.dtype
    offset = Fraction(last.kernel.offset)
    finish = Finish.of(last.problem, samples.full, offset, value_range, dtype)
    band_rows = _band_rows(last.problem, last.prepared)
    bands = -(-last.problem.size[0] // band_rows)
    threads = available_cores() if options.workers is None else options.workers
    workers = min(threads, bands)
    return Plan(samples, tuple(steps), finish, band_rows, workers)


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _plan_step(samples: Samples, kernel: Kernel, options: FilterOptions) -> Step:
    problem = pose(samples, kernel, options)
    check_name(METHODS, options.method, "method")
    able: dict[str, Prepared] = {}
    rejected: list[Rejected] = []
    for name, algorithm in ALGORITHMS.items():
        try:
            able[name] = algorithm.prepare(problem)
        except NotApplicable as why:
            rejected.append(Rejected(name, str(why)))
            if name == options.method:
                raise UsageError(
                    f"method {name} cannot filter this picture with {kernel.label}",
                    str(why),
                    "use --method auto",
                ) from None
    seconds = {
        name: prepared.seconds(_band_rows(problem, prepared)) for name, prepared in able.items()
    }
    cheapest = min(seconds, key=seconds.__getitem__)
    chosen = cheapest if options.method == "auto" else options.method
    for name in sorted(set(able) - {chosen}, key=seconds.__getitem__):
        ratio = seconds[name] / seconds[chosen]
        rejected.append(Rejected(name, f"estimated at {ratio:.2g} times the cost"))
    prepared = able[chosen]
    exactness = "exact" if problem.is_exact else "precise"
    reason = f"{exactness} in {prepared.sum_dtype}, "
    reason += "asked for" if options.method != "auto" else "estimated to be the cheapest"
    bias = _bias(kernel, problem)
    return Step(kernel, problem, ALGORITHMS[chosen], prepared, reason, tuple(rejected), bias)


def _bias(kernel: Kernel, problem: Problem) -> int | float:
    bias = Fraction(kernel.offset) * Fraction(problem.samples.full) * Fraction(problem.divisor)
    return int(bias) if bias.denominator == 1 else float(bias)


def _between(step: Step) -> Samples:
    """Describe a step's sums as the samples of the next: divided only at the very end."""
    problem, bias = step.problem, step.bias
    height, width = problem.size
    full = problem.samples.full * problem.divisor
    if problem.is_exact and isinstance(bias, int):
        low, high = (limit + bias for limit in problem.sum_limits)
        sums = np.dtype(np.int64)
        return Samples(height, width, problem.samples.names, sums, (low, high), int(full))
    return Samples(height, width, problem.samples.names, np.dtype(np.float64), None, full)


def _band_rows(problem: Problem, prepared: Prepared) -> int:
    """Return how many rows of the result to make at a time: whole blocks, cache permitting."""
    bytes_a_row = _padded_bytes(problem, prepared, 1)
    halo = problem.window[0] - 1
    rows = max(BAND_BYTES // bytes_a_row, halo) // problem.stride[0]
    blocks = max(1, round(rows / prepared.block_rows))
    return min(blocks * prepared.block_rows, problem.size[0])


def _padded_bytes(problem: Problem, prepared: Prepared, rows: int) -> int:
    left, right = problem.padding[1]
    width = (left + problem.samples.width + right) * problem.samples.channels
    return rows * width * prepared.dtype.itemsize
