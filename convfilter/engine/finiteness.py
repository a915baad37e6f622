"""NaN and infinity, kept to the windows that hold them.

A product with a matrix that is partly zeros, and still more a Fourier transform, spreads
them over everything that is computed together.
"""

from typing import Any

import numpy as np

from convfilter.engine import direct
from convfilter.engine.algorithms import Prepared
from convfilter.engine.buffers import Scratch
from convfilter.engine.problem import Problem
from convfilter.options import Pair
from convfilter.rows import Band


class WithinWindows:
    """An algorithm that is given finite samples only.

    What a sample that is not finite does to the sums is computed cell by cell, and put
    where it belongs; all other sums are as if there were none in the band.
    """

    def __init__(self, problem: Problem, inner: Prepared) -> None:
        self.dtype: np.dtype[Any] = inner.dtype
        self.sum_dtype = inner.sum_dtype
        self.block_rows = inner.block_rows
        self._problem = problem
        self._inner = inner

    def seconds(self, rows: int) -> float:
        """Estimate the time for one sample; looking whether it is finite costs next to nothing."""
        return self._inner.seconds(rows)

    def sums(self, band: Band, size: Pair, step: int, scratch: Scratch) -> Band:
        """Return the sums for ``size`` pixels of each plane."""
        if np.isfinite(band).all():
            return self._inner.sums(band, size, step, scratch)
        plain = direct.prepare(self._problem)
        spoilt = plain.sums(band.astype(plain.dtype), size, step, scratch)
        band[~np.isfinite(band)] = 0
        total = self._inner.sums(band, size, step, scratch)
        np.copyto(total, spoilt, where=~np.isfinite(spoilt), casting="unsafe")
        return total


def keep_within_windows(problem: Problem, prepared: Prepared) -> Prepared:
    """Return the algorithm, safe from samples that are not finite if there can be any."""
    return prepared if problem.samples.limits else WithinWindows(problem, prepared)
