"""One kernel on samples: the algorithm that is chosen for it, and why."""

from dataclasses import replace
from functools import cached_property

from convfilter.engine.algorithms import ALGORITHMS, METHODS, Algorithm, NotApplicable, Prepared
from convfilter.engine.problem import Problem, pose
from convfilter.engine.samples import NEAR_TIE, Samples, Sums
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.named import check_name
from convfilter.options import FilterOptions

BAND_BYTES = 1_800_000
"""Size of a padded band or of its sums, whichever is larger: both stay in the cache, and the
threads seldom wait for each other."""


@frozen
class Rejected:
    """An algorithm that will not run, and why."""

    algorithm: str
    reason: str


@frozen
class Step:
    """One kernel of the plan."""

    kernel: Kernel
    problem: Problem
    algorithm: Algorithm
    prepared: Prepared
    reason: str
    rejected: tuple[Rejected, ...]

    @property
    def band_rows(self) -> int:
        """Rows of the result to make at a time."""
        return _band_rows(self.problem, self.prepared)

    @cached_property
    def sums(self) -> Sums:
        """What is known of the sums."""
        problem = self.problem
        if problem.is_exact:
            return problem.sums
        # What the samples are off by grows with the weights.
        given = problem.samples.near_tie * max(1.0, self.kernel.amplification)
        near = max(given, NEAR_TIE[self.prepared.sum_dtype])
        return replace(problem.sums, near_tie=near)

    def padded_bytes(self, rows: int) -> int:
        """Return the size of a padded band of so many rows."""
        return _padded_bytes(self.problem, self.prepared, rows)


def make_step(
    samples: Samples, kernel: Kernel, options: FilterOptions, *, in_order: bool = True
) -> Step:
    """Choose the algorithm for a kernel on samples.

    Parameters
    ----------
    in_order
        See `Problem`.

    Raises
    ------
    UsageError
        If nothing is left of the picture, or the method asked for cannot solve the problem.
    """
    problem = pose(samples, kernel, options, in_order=in_order)
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
        digits = 3 if ratio < 1.1 else 2
        rejected.append(Rejected(name, f"estimated at {ratio:.{digits}g} times the cost"))
    prepared = able[chosen]
    exactness = "exact" if problem.is_exact else "precise"
    reason = f"{exactness} in {prepared.sum_dtype}, "
    reason += "asked for" if options.method != "auto" else "estimated to be the cheapest"
    return Step(kernel, problem, ALGORITHMS[chosen], prepared, reason, tuple(rejected))


def _band_rows(problem: Problem, prepared: Prepared) -> int:
    """Return how many rows of the result to make at a time: whole blocks, cache permitting."""
    bytes_a_row = _padded_bytes(problem, prepared, 1)
    halo = problem.window[0] - 1 - prepared.carried_rows
    rows = max(BAND_BYTES // bytes_a_row, halo) // problem.stride[0]
    blocks = max(1, round(rows / prepared.block_rows))
    height = problem.size[0]
    # As many bands as that makes, but all of about the same height.
    bands = -(-height // (blocks * prepared.block_rows))
    blocks = -(-height // (bands * prepared.block_rows))
    return min(blocks * prepared.block_rows, height)


def _padded_bytes(problem: Problem, prepared: Prepared, rows: int) -> int:
    width = problem.padded_width * problem.samples.channels
    return rows * width * max(prepared.dtype.itemsize, prepared.sum_dtype.itemsize)
