"""Programs, run: one thread's memory for bands of one shape, and the calls that fill it."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.algorithms import ReadRows, Shape
from convfilter.engine.program import UNSHIFTED, Operation, Program, flat_shift, wrapped
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.rows import Band

CACHE_LINE = 64
"""Arrays begin at multiples of this many bytes."""

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

    def __init__(self, program: Program, shape: Shape, size: Pair, step: int) -> None:
        planes, band_rows, pitch = shape
        rows, width = size[0], size[1] * step
        layout = _laid_out(program, shape, size, step)
        memory = layout.memory()
        whole = memory[0].view(program.dtype)
        whole[planes * band_rows * pitch :] = 0
        self._band: Band = whole[: planes * band_rows * pitch].reshape(shape)
        self._calls: list[Callable[[], Any]] = []
        for number, operation in enumerate(program.operations):
            length, dtype = layout.lengths[number + 1], operation.dtype
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


@frozen(eq=False)
class _Layout:
    """Where the band and each operation's values lie in one piece of memory.

    Values that nobody reads any more give their place to others. One piece, since the system
    hands out a large one in large pages, and many small ones page by page.

    Parameters
    ----------
    lengths
        Samples of each value.
    places
        Of each value, in bytes.
    size
        Of the memory, in bytes.
    """

    lengths: Sequence[int]
    places: Sequence[slice]
    size: int

    def memory(self) -> list[NDArray[np.uint8]]:
        """Return new memory, a piece for each value."""
        memory = np.empty(self.size, np.uint8)
        return [memory[place] for place in self.places]


@lru_cache(maxsize=64)
def _laid_out(program: Program, shape: Shape, size: Pair, step: int) -> _Layout:
    """Lay out a program's values for bands of a shape; the same for one picture after another."""
    planes, band_rows, pitch = shape
    wanted = ((planes - 1) * band_rows + size[0] - 1) * pitch + size[1] * step
    lengths = program.lengths(wanted, pitch, step)
    # A subtraction may look a few pixels beyond the band, at what is then cancelled.
    pieces = max(*lengths, planes * band_rows * pitch)
    last_use = {o.value: n for n, op in enumerate(program.operations) for o in op.operands}
    places = [slice(0, _whole_lines(pieces * program.dtype.itemsize))]
    end = places[0].stop
    free: list[slice] = []
    for number, operation in enumerate(program.operations):
        done_with = {o.value for o in operation.operands if last_use[o.value] == number} - {0}
        home = _reusable(program, operation, done_with)
        size_of_value = _whole_lines(pieces * operation.dtype.itemsize)
        # Of the free places the one that was used last, which is still in cache.
        fitting = [place for place in free if place.stop - place.start == size_of_value]
        if home is not None:
            places.append(places[home])
        elif fitting:
            free.remove(fitting[-1])
            places.append(fitting[-1])
        else:
            places.append(slice(end, end + size_of_value))
            end += size_of_value
        free += [places[value] for value in sorted(done_with - {home})]
    return _Layout(lengths, places, end)


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
