"""A kernel: weights, what to do with their sum, and where it came from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convfilter.border import Border
from convfilter.errors import KernelError, UsageError
from convfilter.named import OPERATIONS, RANGES, check_name
from convfilter.number import Number, simplify

LARGEST_INTEGER = 2**53
"""Integers up to here are the same number in a 64-bit float."""

LARGEST_WEIGHT = 1e100
LARGEST_OFFSET = 1000
"""Bounds within which no sum of products can leave the range of a 64-bit float."""

LARGEST_DENOMINATOR = 2**24
"""Rational weights are kept exact up to this common denominator, as floats beyond it."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
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
    name, title, tags, source, description, file
        For people: what it is called, and where it is from.

    Raises
    ------
    KernelError
        If the weights are not a finite matrix of at least 1×1, the divisor is 0, or the
        origin lies outside.
    """

    weights: NDArray[Any]
    divisor: int | Fraction
    offset: int | Fraction
    origin: tuple[int, int]
    operation: str
    border: Border | None
    range: str | None
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
        name: str = "",
        title: str = "",
        tags: Sequence[str] = (),
        source: str = "",
        description: str = "",
        file: Path | None = None,
    ) -> None:
        matrix, numerators, denominator = _canonical_weights(weights)
        self.__dict__.update(
            weights=matrix,
            numerators=numerators,
            denominator=denominator,
            divisor=_finite("divisor", divisor),
            offset=_finite("offset", offset),
            origin=_checked_origin(origin, matrix.shape),
            operation=check_name(OPERATIONS, operation, "operation"),
            border=None if border is None else Border.parse(border),
            range=None if range is None else check_name(RANGES, range, "range"),
            name=name,
            title=title,
            tags=tuple(tags),
            source=source,
            description=description,
            file=file,
        )
        if abs(float(self.offset)) > LARGEST_OFFSET:
            raise KernelError(
                f"offset {float(self.offset):g} is out of all proportion",
                "it is a fraction of full scale: 1 is white",
                f"it may be {LARGEST_OFFSET} at most",
            )
        if self.divisor and not 1e-100 <= abs(float(self.divisor)) <= 1e100:
            raise KernelError(f"divisor {float(self.divisor):g} is out of all proportion")
        if self.divisor == 0:
            raise KernelError("divisor is 0", "the sum cannot be divided by it", "leave it out")

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
        if self.numerators is None:
            return self.weights.tolist()  # type: ignore[no-any-return]  # NumPy cannot tell
        rows = self.numerators.tolist()
        return [[simplify(Fraction(n, self.denominator)) for n in row] for row in rows]

    @property
    def is_integer(self) -> bool:
        """Whether all weights and the divisor are integers, so that results are exact."""
        return self.weights.dtype == np.int64 and isinstance(self.divisor, int)

    @cached_property
    def sum(self) -> Number:
        """Sum of the weights, before the divisor: exact where the weights are."""
        if self.numerators is not None:
            return simplify(Fraction(int(self.numerators.sum()), self.denominator))
        return math.fsum(self.weights.ravel().tolist())

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights cancel, up to what rounding them to floats left behind."""
        if self.numerators is not None:
            return self.sum == 0
        return abs(float(self.sum)) <= 1e-9 * float(np.abs(self.weights).sum())

    @property
    def is_symmetric(self) -> bool:
        """Whether a turn by 180° changes nothing, so that both operations agree."""
        turned_origin = (self.rows - 1 - self.origin[0], self.columns - 1 - self.origin[1])
        turned = self.weights[::-1, ::-1]
        return self.origin == turned_origin and bool(np.array_equal(self.weights, turned))

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the given fields of the constructor are others."""
        fields = (
            "divisor offset origin operation border range name title tags source description file"
        )
        weights = self.exact_weights
        kept = {field: getattr(self, field) for field in fields.split()}
        return type(self)(**{"weights": weights, **kept, **changes})

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


def _canonical_weights(
    weights: ArrayLike | Sequence[Sequence[Number]],
) -> tuple[NDArray[Any], NDArray[np.int64] | None, int]:
    """Return the weights as int64 or float64, and as numerators over one denominator."""
    given = _as_matrix(weights)
    if given.dtype.kind in "biu":
        _refuse_huge(given)
        integers = _frozen(given.astype(np.int64))
        return integers, integers, 1
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise KernelError("kernel has a weight that is not finite", "only finite numbers work")
    if max(abs(value) for value in given.ravel().tolist()) > LARGEST_WEIGHT:
        raise KernelError("kernel has a weight beyond 1e100", "its sums could not be held")
    exact = [simplify(value) for value in given.ravel().tolist()]
    numerators, denominator = _common_denominator(exact, given.shape)
    if numerators is not None and denominator == 1:
        return numerators, numerators, 1
    floats = np.array([float(value) for value in exact]).reshape(given.shape)
    return _frozen(floats), numerators, denominator


def _as_matrix(weights: ArrayLike | Sequence[Sequence[Number]]) -> NDArray[Any]:
    try:
        given = np.asarray(weights)
        if given.dtype == object:
            [simplify(value) for value in given.ravel().tolist()]
    except (ValueError, TypeError) as error:
        raise KernelError("kernel is not a matrix of numbers", str(error)) from None
    if given.dtype.kind not in "biufO":
        raise KernelError("kernel is not a matrix of numbers", f"its type is {given.dtype}")
    if given.ndim != 2 or given.size == 0:
        raise KernelError(
            f"kernel of shape {given.shape}",
            "a kernel has rows and columns, at least 1×1",
            "write one row as [[1, 2, 1]]",
        )
    return given


def _refuse_huge(integers: NDArray[Any]) -> None:
    if int(integers.max()) > LARGEST_INTEGER or int(integers.min()) < -LARGEST_INTEGER:
        raise KernelError("kernel has an integer beyond 2^53", "it would lose digits")


def _common_denominator(
    exact: list[int | Fraction], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64] | None, int]:
    denominator = 1
    for value in exact:
        denominator = math.lcm(denominator, value.denominator)
        if denominator > LARGEST_DENOMINATOR:
            return None, 1
    numerators = [int(value * denominator) for value in exact]
    if max(map(abs, numerators)) > LARGEST_INTEGER:
        return None, 1
    return _frozen(np.array(numerators, dtype=np.int64).reshape(shape)), denominator


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    owned = np.array(array, order="C")
    owned.setflags(write=False)
    return owned


def _finite(what: str, value: Number) -> int | Fraction:
    try:
        return simplify(value)
    except (ValueError, TypeError, OverflowError):
        raise KernelError(f"{what} {value!r} is not a finite number") from None


def _checked_origin(origin: tuple[int, int] | None, shape: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = shape
    if origin is None:
        return (rows - 1) // 2, (columns - 1) // 2
    row, column = (int(part) for part in origin)
    if not (0 <= row < rows and 0 <= column < columns):
        raise KernelError(
            f"origin {list(origin)} lies outside the {rows}×{columns} kernel",
            "row and column count from 0",
        )
    return row, column


def override(
    kernel: Kernel,
    *,
    operation: str | None = None,
    border: Border | str | None = None,
    range: str | None = None,
    divisor: Number | None = None,
    offset: Number | None = None,
    normalize: bool = False,
) -> Kernel:
    """Return the kernel with what the caller states in place of what its file states.

    Raises
    ------
    UsageError
        If both a divisor and normalizing are asked for.
    """
    if normalize and divisor is not None:
        raise UsageError("--normalize and --divisor exclude each other", None, "give one of them")
    stated = {
        "operation": operation,
        "border": border,
        "range": range,
        "divisor": divisor,
        "offset": offset,
    }
    changes = {field: value for field, value in stated.items() if value is not None}
    changed = kernel.replace(**changes) if changes else kernel
    return changed.normalized() if normalize else changed
