"""Programs, run: one thread's memory for bands of one shape, and the calls that fill it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.algorithms import ReadRows
from convfilter.engine.program import UNSHIFTED, Operation, Program, flat_shift, wrapped
from convfilter.options import Pair
from convfilter.rows import Band

CACHE_LINE = 64
"""Bytes at whose multiples an array begins best."""

UFUNCS: dict[str, Any] = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}


class ProgramWorkspace:
    """The memory of one thread for a program on bands of one shape.

    Every array and every view of one is made once; a band then costs a call for each
    operation and nothing else, which is what lets two threads run side by side.

    Parameters
    ----------
    shape
        Of the padded band: planes, rows, columns · step.
    size
        Rows, and pixels in a row, of the result.
    step
        Samples a pixel.
    """

    def __init__(
        self, program: Program, shape: tuple[int, int, int], size: Pair, step: int
    ) -> None:
        planes, band_rows, pitch = shape
        rows, width = size[0], size[1] * step
        wanted = ((planes - 1) * band_rows + rows - 1) * pitch + width
        lengths = program.lengths(wanted, pitch, step)
        # A subtraction may look a few pixels beyond the band, at what is then cancelled.
        pieces = max(*lengths, planes * band_rows * pitch)
        memory = _laid_out(program, pieces)
        whole = memory[0].view(program.dtype)
        whole[planes * band_rows * pitch :] = 0
        self._band: Band = whole[: planes * band_rows * pitch].reshape(shape)
        self._calls: list[Callable[[], Any]] = []
        for number, operation in enumerate(program.operations):
            length, dtype = lengths[number + 1], operation.dtype
            inputs: list[Any] = []
            for operand in operation.operands:
                first = flat_shift(operand.shift, pitch, step)
                kept = program.dtype_of(operand.value)
                # At the same width the bits are the same number modulo 2^bits, signed or not.
                seen_as = dtype if kept.itemsize == dtype.itemsize else kept
                inputs.append(memory[operand.value].view(seen_as)[first : first + length])
            out = memory[number + 1].view(dtype)[:length]
            if operation.kind == "multiply":
                inputs.append(wrapped(operation.factor, dtype))
            function = UFUNCS[operation.kind]
            call = partial(function, *inputs, out)
            if any(given.dtype != dtype for given in inputs):
                call = partial(call, dtype=dtype, casting="unsafe")
            self._calls.append(call)
        result = memory[program.last].view(program.dtype_of(program.last))
        self._sums = result[: self._band.size].reshape(shape)[:, :rows, :width]

    def sums(self, top: int, read: ReadRows) -> Band:
        """Return the sums of a band; see `Workspace`."""
        read(top, top + self._band.shape[1], self._band)
        for call in self._calls:
            call()
        return self._sums


def _laid_out(program: Program, pieces: int) -> list[NDArray[np.uint8]]:
    """Return memory for the band and for each operation's values, so many samples of each.

    It is one array, in which values that nobody reads any more give their place to others: the
    system hands out one large piece in large pages, and many small ones page by page.
    """
    last_use = {o.value: n for n, op in enumerate(program.operations) for o in op.operands}
    places = [slice(0, _whole_lines(pieces * program.dtype.itemsize))]
    end = places[0].stop
    free: list[slice] = []
    for number, operation in enumerate(program.operations):
        done_with = {o.value for o in operation.operands if last_use[o.value] == number} - {0}
        home = _reusable(program, operation, done_with)
        size = _whole_lines(pieces * operation.dtype.itemsize)
        # Of the free places the one that was used last, which is still in cache.
        fitting = [place for place in free if place.stop - place.start == size]
        if home is not None:
            places.append(places[home])
        elif fitting:
            free.remove(fitting[-1])
            places.append(fitting[-1])
        else:
            places.append(slice(end, end + size))
            end += size
        free += [places[value] for value in sorted(done_with - {home})]
    memory = np.empty(end, np.uint8)
    return [memory[place] for place in places]


def _whole_lines(size: int) -> int:
    return -(-size // CACHE_LINE) * CACHE_LINE


def _reusable(program: Program, operation: Operation, done_with: set[int]) -> int | None:
    """Return an operand whose memory the result can go into, since nobody reads it again.

    Not where it is also read from some pixels further on: it would be overwritten.
    """
    values = [operand.value for operand in operation.operands]
    for operand in operation.operands:
        if operand.value in done_with and values.count(operand.value) == 1:
            width = program.dtype_of(operand.value).itemsize
            if operand.shift == UNSHIFTED and width == operation.dtype.itemsize:
                return operand.value
    return None
