"""Kernels turned in steps of 45°."""

from fractions import Fraction

import numpy as np

from convfilter.kernel import Kernel
from convfilter.registry.generators.parameter import Unfit

RING = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
"""The cells around the middle of a 3×3 kernel, clockwise."""


def rotated(kernel: Kernel, angle: Fraction) -> Kernel:
    """Return a kernel turned counter-clockwise."""
    if angle % 45:
        raise Unfit(
            f"a matrix cannot be turned by {float(angle):g} degrees cell by cell",
            "the angle is a multiple of 45 degrees",
        )
    quarters, eighths = divmod(int(angle) % 360, 90)
    turned = _by_eighth(kernel) if eighths else kernel
    for _ in range(quarters):
        turned = _by_quarter(turned)
    return turned.replace(
        title=f"{kernel.title or kernel.label}, turned by {int(angle)}°",
        description=f"{kernel.label} turned counter-clockwise by {int(angle)} degrees.",
    )


def _by_quarter(kernel: Kernel) -> Kernel:
    row, column = kernel.origin
    cells = np.array(kernel.exact_weights, dtype=object)
    weights = cells[:, ::-1].T.tolist()
    return kernel.replace(weights=weights, origin=(kernel.columns - 1 - column, row))


def _by_eighth(kernel: Kernel) -> Kernel:
    """Move each cell of the ring one further: the nearest that a matrix comes to 45°."""
    if (kernel.rows, kernel.columns) != (3, 3) or kernel.origin != (1, 1):
        raise Unfit(
            f"{kernel.label} has {kernel.columns} × {kernel.rows} cells",
            "only 3 × 3 cells around the middle turn by 45 degrees, others by 90",
        )
    cells = kernel.exact_weights
    ring = [cells[row][column] for row, column in RING]
    turned = [list(row) for row in cells]
    for (row, column), weight in zip(RING, ring[1:] + ring[:1], strict=True):
        turned[row][column] = weight
    return kernel.replace(weights=turned)
