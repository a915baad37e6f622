"""What a step makes of rows: sums, a band at a time, which the next step can read."""

import threading
from typing import Any, Protocol

import numpy as np

from convfilter.engine.algorithms import Workspace
from convfilter.engine.finish import Finish
from convfilter.engine.padding import PaddedRows
from convfilter.engine.samples import Shift
from convfilter.engine.step import Step
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band, Rows

UNSHIFTED = Shift(1, 0)


class Response(Rows, Protocol):
    """Rows that are computed when they are asked for, from those of the step before."""

    def sums(self, top: int, bottom: int) -> Band:
        """Return the sums, before divisor and offset, of rows of the result.

        They may be written to, and are overwritten when the thread asks for others. Floats
        depend on where the band begins, unless that is a multiple of the step's block.
        """

    def block_sums(self, top: int, bottom: int) -> Band:
        """Return the sums as whole blocks give them, so that floats are those of every band."""


class KernelResponse:
    """The sums of one kernel.

    Nothing is kept: the rows asked for are computed, with the halo that they need.

    Parameters
    ----------
    shift
        How the offset is added for a step that follows.
    """

    def __init__(self, step: Step, source: Rows, shift: Shift = UNSHIFTED) -> None:
        self.step = source.step
        self.planes = source.planes
        self._problem = step.problem
        self._shift = shift
        self._prepared = step.prepared
        self._padded = PaddedRows(step.problem, source)
        self._local = threading.local()

    def sums(self, top: int, bottom: int) -> Band:
        """Return the sums; see `Response`."""
        problem = self._problem
        down, right = problem.stride
        first = top * down - problem.padding[0][0]
        # Also the rows behind the last one kept: whole blocks, whatever the bands.
        dense_rows = min((bottom - top) * down, problem.dense_size[0] - top * down)
        workspace = self._workspace(dense_rows)
        dense = workspace.sums(first, self._padded.read)[:, :dense_rows]
        if problem.stride == (1, 1):
            return dense
        pixels = dense.reshape(*dense.shape[:2], -1, self.step)[:, ::down, ::right]
        return pixels.reshape(self.planes, bottom - top, -1)

    def _workspace(self, dense_rows: int) -> Workspace:
        """Return this thread's memory for bands of so many rows."""
        rows = getattr(self._local, "rows", 0)
        # What is carried would be lost with the memory: the lower last band is made as high as
        # the others, and the rows that are too many are left out.
        fits = dense_rows <= rows if self._prepared.carried_rows else dense_rows == rows
        if not fits:
            problem = self._problem
            left, right = problem.padding[1]
            pitch = (left + problem.samples.width + right) * self.step
            shape = self.planes, dense_rows + problem.window[0] - 1, pitch
            size = dense_rows, problem.dense_size[1]
            self._local.workspace = self._prepared.workspace(shape, size, self.step)
            self._local.rows = dense_rows
        workspace: Workspace = self._local.workspace
        return workspace

    def block_sums(self, top: int, bottom: int) -> Band:
        """Return the sums of whole blocks; see `Response`."""
        block = self._prepared.block_rows
        first = top - top % block
        last = min(bottom + -bottom % block, self._problem.size[0])
        return self.sums(first, last)[:, top - first : bottom - first]

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the sums and the kernel's offset, as another step reads them."""
        self._shift.apply(self.block_sums(top, bottom), out)


@frozen
class Kept:
    """What each thread keeps of a stage's result for the next one.

    Parameters
    ----------
    rows
        Of a block.
    blocks
        How many, at most.
    dtype
        That holds the values.
    """

    rows: int
    blocks: int
    dtype: np.dtype[Any]

    def bytes(self, line: int) -> int:
        """Return the memory of them all, for so many samples in a row."""
        return self.blocks * self.rows * line * self.dtype.itemsize


class KeptBlocks:
    """Rows of a response in blocks, which are kept for those who read them again.

    Several kernels of a stage read the same rows, one after another, and where only whole blocks
    can be computed, the next band needs the same ones. Each thread has its own, so that none waits.

    Parameters
    ----------
    size
        Height and width of the response in pixels.
    kept
        What is kept of it.
    """

    def __init__(self, rows: Rows, size: Pair, kept: Kept) -> None:
        self.step = rows.step
        self.planes = rows.planes
        self._rows = rows
        self._height, self._pitch = size[0], size[1] * rows.step
        self._kept = kept
        self._local = threading.local()

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the rows."""
        rows = self._kept.rows
        for first in range(top - top % rows, bottom, rows):
            block = self._block(first)
            above, below = max(top, first), min(bottom, first + block.shape[1])
            out[:, above - top : below - top] = block[:, above - first : below - first]

    def _block(self, first: int) -> Band:
        """Return the block that begins at a row, and keep it as the newest."""
        blocks: dict[int, Band] = self._local.__dict__.setdefault("blocks", {})
        block = blocks.pop(first, None)
        if block is None:
            # The oldest one's memory is used again.
            spare = blocks.pop(next(iter(blocks))) if len(blocks) >= self._kept.blocks else None
            block = self._computed(first, spare)
        blocks[first] = block
        return block

    def _computed(self, first: int, spare: Band | None) -> Band:
        last = min(first + self._kept.rows, self._height)
        shape = self.planes, last - first, self._pitch
        if spare is None or spare.shape != shape:
            spare = np.empty(shape, self._kept.dtype)
        self._rows.read(first, last, spare)
        return spare


class RangedRows:
    """Values of a response after a range, for a step that follows."""

    def __init__(self, response: Response, finish: Finish) -> None:
        self.step = response.step
        self.planes = response.planes
        self._response = response
        self._finish = finish

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with the values."""
        self._finish.finish(self._response.block_sums(top, bottom), out)
