"""A kernel: weights, what to do with their sum, and where it came from."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from operator import index
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convfilter.border import Border
from convfilter.described import Described
from convfilter.errors import KernelError
from convfilter.factors import Factors, OuterProduct
from convfilter.frozen import frozen
from convfilter.named import OPERATIONS, RANGES, check_name
from convfilter.number import Number, simplify
from convfilter.weights import canonical_weights, total

LARGEST_OFFSET = 1000
"""Of full scale; with such an offset no value can leave the range of a 64-bit float."""


@frozen(eq=False)
class Kernel:
    """A named matrix of weights; the value of a pixel is ``Σ weight·pixel ÷ divisor + offset``.

    Parameters
    ----------
    weights : array_like, shape (rows, columns)
        Integers, floats or fractions. Integers and short fractions are kept exactly.
    divisor
        What the sum is divided by; not 0.
    offset
        What is added afterwards, as a fraction of full scale: 1.0 is white.
    origin
        Row and column of the cell that lies on the output pixel; None means
        ``(rows - 1) // 2, (columns - 1) // 2``.
    operation
        ``correlate`` or ``convolve``: how the author meant the weights to be laid down.
    border, range
        The kernel's own defaults; None leaves them to the caller.
    factors
        Outer products, and single cells, that add up to the weights; the engine then has
        none to look for.
    name, title, tags, source, description, file
        For people: what it is called, and where it is from.

    Raises
    ------
    KernelError
        If the weights are not a finite matrix of at least 1×1, the divisor is 0, the
        origin lies outside, or the factors are those of other weights.
    UsageError
        For an unknown operation, border or range, or a name, title or tag that is no text.
    """

    weights: NDArray[Any]
    divisor: int | Fraction
    offset: int | Fraction
    origin: tuple[int, int]
    operation: str
    border: Border | None
    range: str | None
    factors: Factors | None
    name: str
    title: str
    tags: tuple[str, ...]
    source: str
    description: str
    file: Path | None
    numerators: NDArray[np.int64] | None
    denominator: int

    def __init__(
        self,
        weights: ArrayLike | Sequence[Sequence[Number]],
        *,
        divisor: Number = 1,
        offset: Number = 0,
        origin: tuple[int, int] | None = None,
        operation: str = "correlate",
        border: Border | str | None = None,
        range: str | None = None,
        factors: Factors | None = None,
        name: str = "",
        title: str = "",
        tags: Sequence[str] = (),
        source: str = "",
        description: str = "",
        file: Path | None = None,
    ) -> None:
        matrix, numerators, denominator = canonical_weights(weights, ("rows", "columns"))
        about: dict[str, Any] = {
            "name": name,
            "title": title,
            "tags": tags,
            "source": source,
            "description": description,
            "file": file,
        }
        self.__dict__.update(
            weights=matrix,
            numerators=numerators,
            denominator=denominator,
            divisor=checked_divisor(divisor),
            offset=checked_offset(offset),
            origin=_checked_origin(origin, matrix.shape),
            operation=check_name(OPERATIONS, operation, "operation"),
            border=None if border is None else Border.parse(border),
            range=None if range is None else check_name(RANGES, range, "range"),
            factors=None if factors is None else _checked_factors(factors, matrix),
            **vars(Described(**about)),
        )

    @classmethod
    def outer(
        cls, column: Sequence[int | float], row: Sequence[int | float], **fields: Any
    ) -> Self:
        """Return the kernel ``column ⊗ row``, which keeps these factors.

        Parameters
        ----------
        column, row
            Integers or floats.
        fields
            Of the constructor, other than weights and factors.

        Returns
        -------
        Kernel
            As many rows as the column has numbers, as many columns as the row.

        Raises
        ------
        KernelError, UsageError
            As the constructor.
        """
        product = OuterProduct(tuple(column), tuple(row))
        return cls(product.matrix(), factors=Factors((product,)), **fields)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # On its way to another process an array forgets that it must not be written to.
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)

    @property
    def rows(self) -> int:
        """Height of the matrix."""
        return int(self.weights.shape[0])

    @property
    def columns(self) -> int:
        """Width of the matrix."""
        return int(self.weights.shape[1])

    @property
    def exact_weights(self) -> list[list[Number]]:
        """The weights as the numbers that they were given as: integers, fractions, floats."""
        weights = self.weights if self.numerators is None else self.numerators
        rows: list[list[Any]] = weights.tolist()
        if self.numerators is None or self.denominator == 1:
            return rows
        return [[simplify(Fraction(n, self.denominator)) for n in row] for row in rows]

    @property
    def is_integer(self) -> bool:
        """Whether all weights and the divisor are integers, so that results are exact."""
        return self.weights.dtype == np.int64 and isinstance(self.divisor, int)

    @cached_property
    def sum(self) -> Number:
        """Sum of the weights, before the divisor: exact where the weights are."""
        return self._total(slice(None))

    @cached_property
    def signed_sums(self) -> tuple[Number, Number]:
        """Sums of the negative and of the positive weights, before the divisor."""
        return self._total(self.weights < 0), self._total(self.weights > 0)

    def _total(self, chosen: Any) -> Number:
        if self.numerators is not None:
            return simplify(Fraction(total(self.numerators[chosen]), self.denominator))
        return math.fsum(self.weights[chosen].ravel().tolist())

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights cancel, up to what rounding them to floats left behind."""
        if self.numerators is not None:
            return self.sum == 0
        return abs(float(self.sum)) <= 1e-9 * float(np.abs(self.weights).sum())

    @property
    def gain(self) -> Fraction:
        """What it makes of an even picture, per level."""
        return Fraction(self.sum) / Fraction(self.divisor)

    @property
    def amplification(self) -> float:
        """How many times as large as the samples ``Σ|weight·sample| ÷ divisor`` may be."""
        return float(np.abs(self.weights).sum(dtype=float)) / abs(float(self.divisor))

    @property
    def is_symmetric(self) -> bool:
        """Whether a turn by 180° changes nothing, so that both operations agree."""
        turned = self.weights[::-1, ::-1]
        return self.origin == self.turned_origin and bool(np.array_equal(self.weights, turned))

    @property
    def turned_origin(self) -> tuple[int, int]:
        """Where the origin comes to lie in the kernel turned by 180°."""
        return self.rows - 1 - self.origin[0], self.columns - 1 - self.origin[1]

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the given fields of the constructor are others.

        Other weights take the factors away.

        Raises
        ------
        KernelError, UsageError
            As the constructor.
        """
        told = "divisor", "offset", "origin", "operation", "border", "range", "factors"
        kept = {field: getattr(self, field) for field in (*told, *Described.__dataclass_fields__)}
        if "weights" in changes:
            del kept["factors"]
        else:
            kept["weights"] = self.weights if self.denominator == 1 else self.exact_weights
        return type(self)(**{**kept, **changes})

    def laid_for(self, operation: str) -> Self:
        """Return the kernel that does the same by the given operation: turned, or as it is.

        Raises
        ------
        UsageError
            If there is no such operation.
        """
        if self.operation == operation:
            return self
        turned = [row[::-1] for row in self.exact_weights[::-1]]
        return self.replace(weights=turned, origin=self.turned_origin, operation=operation)

    def within(self, shape: tuple[int, int], origin: tuple[int, int]) -> Self:
        """Return the kernel with zeros around it.

        Parameters
        ----------
        shape
            Rows and columns of the result; the kernel's own leave it as it is.
        origin
            Row and column where its origin comes to lie. That all of the kernel then lies
            inside is not checked.

        Returns
        -------
        Kernel
            Of the given shape; without factors, unless it had that shape.
        """
        if shape == (self.rows, self.columns):
            return self
        above, left = origin[0] - self.origin[0], origin[1] - self.origin[1]
        weights: list[list[Number]] = [[0] * shape[1] for _ in range(shape[0])]
        for y, row in enumerate(self.exact_weights):
            weights[above + y][left : left + self.columns] = row
        return self.replace(weights=weights, origin=origin)

    def normalized(self) -> Self:
        """Return the kernel with the sum of its weights as divisor.

        Raises
        ------
        KernelError
            If the weights sum to 0.
        """
        if self.is_zero_sum:
            raise KernelError(
                f"kernel {self.label} cannot be normalized",
                "its weights sum to 0",
                "leave --normalize out, or give --divisor",
            )
        return self.replace(divisor=self.sum)

    @property
    def label(self) -> str:
        """Its name, or its size where it has none."""
        return self.name or f"inline {self.rows}x{self.columns}"

    def __repr__(self) -> str:
        return f"<Kernel {self.label}: {self.rows}x{self.columns}, sum {self.sum}/{self.divisor}>"


def _checked_factors(factors: Factors, weights: NDArray[Any]) -> Factors:
    if not factors.fit(weights):
        raise KernelError("factors do not add up to the weights of the kernel")
    return factors


def checked_divisor(divisor: Number) -> int | Fraction:
    """Return a divisor as an exact number.

    Raises
    ------
    KernelError
        If it is 0, or too large or small for the sums.
    """
    exact = _finite("divisor", divisor)
    if exact == 0:
        raise KernelError("divisor is 0", "the sum cannot be divided by it", "leave it out")
    if not 1e-100 <= abs(float(exact)) <= 1e100:
        raise KernelError(f"divisor {float(exact):g} is out of all proportion")
    return exact


def checked_offset(offset: Number) -> int | Fraction:
    """Return an offset as an exact number.

    Raises
    ------
    KernelError
        If it is more than `LARGEST_OFFSET`.
    """
    exact = _finite("offset", offset)
    if abs(float(exact)) > LARGEST_OFFSET:
        raise KernelError(
            f"offset {float(exact):g} is out of all proportion",
            "it is a fraction of full scale: 1 is white",
            f"it may be {LARGEST_OFFSET} at most",
        )
    return exact


def _finite(what: str, value: Number) -> int | Fraction:
    try:
        return simplify(value)
    except (ValueError, TypeError, OverflowError):
        raise KernelError(f"{what} {value!r} is not a finite number") from None


def _checked_origin(origin: tuple[int, int] | None, shape: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = shape
    if origin is None:
        return (rows - 1) // 2, (columns - 1) // 2
    try:
        row, column = map(index, origin)
    except (TypeError, ValueError):
        wrong = f"origin {origin!r} is not a row and a column"
        raise KernelError(wrong, "both are whole numbers that count from 0") from None
    if not (0 <= row < rows and 0 <= column < columns):
        raise KernelError(
            f"origin {list(origin)} lies outside the {rows}×{columns} kernel",
            "row and column count from 0",
        )
    return row, column
