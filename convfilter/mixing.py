"""A kernel that mixes channels: for each channel of the result a matrix for each of the picture."""

import builtins
import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convfilter.arguments import expect
from convfilter.border import Border
from convfilter.described import Described
from convfilter.errors import KernelError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import simplify
from convfilter.weights import canonical_weights

AXES = ("rows", "columns", "channels in", "channels out")

MOST_CHANNELS = 1024
"""In or out; each pair of them is a matrix of its own."""


@frozen(kw_only=True, eq=False)
class MixingKernel(Described):
    """Weights of shape (rows, columns, channels in, channels out), TensorFlow's order.

    A channel of the result is the sum, over the channels of the picture, of their
    responses to one matrix each.

    Parameters
    ----------
    matrices
        For each channel in, and in it for each channel out, the kernel.
    range
        The range of all of them.

    Raises
    ------
    KernelError
        If there are no matrices, or not as many for each channel in.
    """

    matrices: tuple[tuple[Kernel, ...], ...]
    range: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        hint = "MixingKernel.of_weights makes one of an array"
        given = expect(self.matrices, Iterable, "rows of kernels", hint)
        rows = [tuple(expect(row, Iterable, "a row of kernels", hint)) for row in given]
        for kernel in itertools.chain(*rows):
            expect(kernel, Kernel, "a kernel", hint)
        if len({len(row) for row in rows}) != 1 or not rows[0]:
            raise KernelError(
                "matrices of a mixing kernel are not one for each channel in and out", None, hint
            )
        object.__setattr__(self, "matrices", tuple(rows))

    @classmethod
    def of_weights(
        cls,
        weights: ArrayLike,
        *,
        divisor: int | Fraction = 1,
        offset: int | Fraction = 0,
        origin: tuple[int, int] | None = None,
        operation: str = "correlate",
        border: Border | str | None = None,
        range: str | None = None,
        **about: Any,
    ) -> Self:
        """Make a kernel of a four-dimensional array.

        Raises
        ------
        KernelError
            If the weights are not finite numbers in four dimensions, or a kernel of two
            would not be right with the other arguments.
        """
        array, numerators, denominator = canonical_weights(weights, AXES)
        if max(array.shape[2:]) > MOST_CHANNELS:
            raise KernelError(
                f"kernel of shape {array.shape}", f"at most {MOST_CHANNELS} channels are mixed"
            )
        exact = array if numerators is None else numerators
        common = simplify(divisor) * (1 if numerators is None else denominator)

        def matrix(taken: int, given: int) -> Kernel:
            return Kernel(
                exact[:, :, taken, given],
                divisor=common,
                offset=offset,
                origin=origin,
                operation=operation,
                border=border,
                range=range,
            )

        inputs, outputs = array.shape[2:]
        rows = tuple(
            tuple(matrix(taken, given) for given in builtins.range(outputs))
            for taken in builtins.range(inputs)
        )
        return cls(matrices=rows, range=rows[0][0].range, **about)

    @property
    def inputs(self) -> int:
        """Channels of the picture."""
        return len(self.matrices)

    @property
    def outputs(self) -> int:
        """Channels of the result."""
        return len(self.matrices[0])

    @property
    def divisor(self) -> int | Fraction:
        """What the sums of every channel of the result are divided by.

        Where the weights are fractions, their common denominator is part of it.
        """
        return self.first.divisor

    @property
    def offset(self) -> int | Fraction:
        """What is added to every channel of the result, as a fraction of full scale."""
        return self.first.offset

    @property
    def first(self) -> Kernel:
        """One of the matrices, for what they have in common: size, origin, divisor, offset."""
        return self.matrices[0][0]

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights of any channel of the result cancel."""
        return 0 in self.sums

    @property
    def sums(self) -> tuple[int | float | Fraction, ...]:
        """The sum of the weights of each channel of the result."""
        return tuple(
            sum(kernel.sum for kernel in column) for column in zip(*self.matrices, strict=True)
        )

    @property
    def amplification(self) -> float:
        """How many times as large as the samples ``Σ|weight·sample| ÷ divisor`` may be."""
        columns = zip(*self.matrices, strict=True)
        return max(math.fsum(kernel.amplification for kernel in column) for column in columns)

    @property
    def weights(self) -> NDArray[Any]:
        """The weights as one array."""
        return np.stack([np.stack([k.weights for k in row], -1) for row in self.matrices], -2)

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which fields of every matrix are others."""
        about = {
            name: changes.pop(name) for name in Described.__dataclass_fields__ if name in changes
        }
        matrices = tuple(tuple(k.replace(**changes) for k in row) for row in self.matrices)
        return replace(self, matrices=matrices, range=matrices[0][0].range, **about)

    def normalized(self) -> Self:
        """Return the kernel with the sum of a channel's weights as divisor.

        Raises
        ------
        KernelError
            If the sums are not all the same, or 0.
        """
        if self.is_zero_sum or len(set(self.sums)) > 1:
            raise KernelError(
                f"kernel {self.label} cannot be normalized",
                "the weights of its channels do not all have one sum, or it is 0",
                "leave --normalize out, or give --divisor",
            )
        return self.replace(divisor=self.sums[0])

    @property
    def label(self) -> str:
        """Its name, or its size where it has none."""
        return self.name or f"inline {self.first.rows}x{self.first.columns}"

    def __str__(self) -> str:
        return f"{self.label}: {self.inputs} channels mixed into {self.outputs}"

    def __repr__(self) -> str:
        return f"<MixingKernel {self}>"
