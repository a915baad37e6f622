"""Banded (Toeplitz) matrices: a block of results from the samples that it needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def banded(weights: Sequence[float] | NDArray[Any], block: int, dilation: int) -> NDArray[Any]:
    """Return the matrix that turns block + halo samples into a block of sums.

    Parameters
    ----------
    weights
        One row or column of a kernel.
    dilation
        Samples from one of the weights to the next.

    Returns
    -------
    NDArray
        Of shape (block, block + halo), float64.
    """
    halo = (len(weights) - 1) * dilation
    matrix = np.zeros((block, block + halo))
    for first, line in enumerate(matrix):
        line[first : first + halo + 1 : dilation] = weights
    return matrix
