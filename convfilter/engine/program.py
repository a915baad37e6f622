"""Sums of shifted samples as short programs of whole-array operations.

A band lies in memory as one long row of samples, so a step to the next pixel or to the next
row is just a shift along it. A kernel becomes a list of additions, subtractions and
multiplications of shifted arrays; what lies across the end of a row is computed too, and
left out of the result. The three algorithms that add shift by shift (integer, separable,
direct) differ only in the program that they write.

Integers may overflow on the way: in two's complement the result is right nevertheless, as
long as it fits itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from convfilter.engine.costs import seconds_of
from convfilter.frozen import frozen
from convfilter.options import Pair

Limits = tuple[int, int]
Tap = tuple[int, Pair, Any]
"""A value of the program, a shift (down, right) in pixels, and the weight that it gets."""

Signed = tuple[bool, int, Pair]
"""Whether a value is negated, the value, and a shift."""

UNSHIFTED = (0, 0)


@frozen
class Operand:
    """A value that was computed before, read from some pixels further on."""

    value: int
    shift: Pair = UNSHIFTED


@frozen
class Operation:
    """``left · factor`` or ``left ± right``, into a new value of ``dtype``."""

    kind: str
    left: Operand
    right: Operand | None
    factor: Any
    dtype: np.dtype[Any]

    @property
    def operands(self) -> list[Operand]:
        """The values that it reads."""
        return [self.left] + ([self.right] if self.right else [])


@dataclass(eq=False)
class Program:
    """Operations in order; value 0 is the band, value n the result of operation n - 1.

    Parameters
    ----------
    dtype
        In which the band is laid.
    limits
        Lowest and highest sample, for integers: each operation then gets the narrowest
        dtype that holds it.
    result_limits
        Of the program's result, if tighter than adding up would tell; no operation is
        wider than that.
    """

    dtype: np.dtype[Any]
    limits: Limits | None = None
    result_limits: Limits | None = None
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._limits: list[Limits | None] = [self.limits]

    @property
    def last(self) -> int:
        """The newest value."""
        return len(self.operations)

    @property
    def result_dtype(self) -> np.dtype[Any]:
        """The dtype of the result."""
        return self.dtype if self.result_limits is None else narrowest(*self.result_limits)

    def dtype_of(self, value: int) -> np.dtype[Any]:
        """Return the dtype of a value."""
        return self.operations[value - 1].dtype if value else self.dtype

    def add(self, left: int, shift: Pair, right: int, right_shift: Pair) -> int:
        """Append ``left + right``, both shifted; return the new value."""
        return self._append("add", Operand(left, shift), Operand(right, right_shift), None)

    def subtract(self, left: int, shift: Pair, right: int, right_shift: Pair) -> int:
        """Append ``left - right``, both shifted; return the new value."""
        return self._append("subtract", Operand(left, shift), Operand(right, right_shift), None)

    def multiply(self, left: int, shift: Pair, factor: Any) -> int:
        """Append ``left · factor``; return the new value."""
        return self._append("multiply", Operand(left, shift), None, factor)

    def weighted_sum(self, taps: Iterable[Tap]) -> int:
        """Append ``Σ weight · value``; each weight is multiplied by once, whatever its sign."""
        groups: dict[Any, list[Signed]] = {}
        for value, shift, weight in taps:
            if weight != 0:
                groups.setdefault(abs(weight), []).append((weight < 0, value, shift))
        plain = groups.pop(1, [])
        total: Signed | None = None
        # Groups that begin with a plus come first, so that nothing has to be negated.
        for weight, members in sorted(groups.items(), key=lambda g: (min(g[1])[0], -g[0])):
            negative, value, shift = self._signed_sum(members)
            if negative and total is None:
                negative, weight = False, -weight
            product = negative, self.multiply(value, shift, weight), UNSHIFTED
            total = self._signed_sum([product], total)
        if plain and self.result_dtype.itemsize > self.dtype.itemsize:
            # Each addition of a sample to a wider sum would convert it.
            plain = [self._signed_sum(plain)]
        if total is None and not plain:
            return self.multiply(0, UNSHIFTED, 0)
        # One after the other into the memory of the sum: memory for one of their own takes longer.
        negative, value, shift = self._signed_sum(plain, total)
        if negative or shift != UNSHIFTED:
            return self.multiply(value, shift, -1 if negative else 1)
        return value

    def _signed_sum(self, members: list[Signed], first: Signed | None = None) -> Signed:
        """Add up values with signs; the sign that is left over is returned.

        Parameters
        ----------
        first
            To which the others are added.
        """
        ordered = sorted(members)
        (negative, total, at), *others = [first, *ordered] if first else ordered
        for minus, value, shift in others:
            combine = self.add if minus == negative else self.subtract
            total, at = combine(total, at, value, shift), UNSHIFTED
        return negative, total, at

    def box(self, value: int, count: int, unit: Pair) -> int:
        """Append the sum of ``count`` neighbours in steps of ``unit``, by doubling."""
        total, reach = value, 1
        # What is added and taken away again cancels in integers only.
        for digit in _digits(count, signed=self.limits is not None)[1:]:
            total, reach = self.add(total, UNSHIFTED, total, _times(unit, reach)), 2 * reach
            if digit > 0:
                total = self.add(total, UNSHIFTED, value, _times(unit, reach))
            elif digit < 0:
                total = self.subtract(total, UNSHIFTED, value, _times(unit, reach - 1))
            reach += digit
        return total

    def vector(self, value: int, weights: Sequence[Any], unit: Pair) -> int:
        """Append the weighted sum of neighbours in steps of ``unit``, the cheapest way."""
        _, box, rest = cheapest_way(tuple(weights))
        if box > 1:
            value = self.box(value, box, unit)
            return value if rest == (1,) else self.vector(value, rest, unit)
        return self.weighted_sum((value, _times(unit, n), w) for n, w in enumerate(weights))

    def cost(self) -> float:
        """Estimate the seconds for one sample."""
        return sum(seconds_of(op.kind, op.dtype) for op in self.operations)

    def lengths(self, wanted: int, pitch: int, step: int) -> list[int]:
        """Return how many samples of each value are needed for so many of the last."""
        lengths = [0] * (self.last + 1)
        lengths[-1] = wanted
        for number in range(self.last, 0, -1):
            for operand in self.operations[number - 1].operands:
                reach = lengths[number] + flat_shift(operand.shift, pitch, step)
                lengths[operand.value] = max(lengths[operand.value], reach)
        return lengths

    def _append(self, kind: str, left: Operand, right: Operand | None, factor: Any) -> int:
        limits = self._limits_of(kind, left, right, factor)
        self._limits.append(limits)
        self.operations.append(Operation(kind, left, right, factor, self._dtype_for(limits)))
        return self.last

    def _limits_of(
        self, kind: str, left: Operand, right: Operand | None, factor: Any
    ) -> Limits | None:
        first = self._limits[left.value]
        second = self._limits[right.value] if right else (factor, factor)
        if first is None or second is None:
            return None
        if kind == "add":
            return first[0] + second[0], first[1] + second[1]
        if kind == "subtract":
            return first[0] - second[1], first[1] - second[0]
        ends = first[0] * factor, first[1] * factor
        return min(ends), max(ends)

    def _dtype_for(self, limits: Limits | None) -> np.dtype[Any]:
        if limits is None:
            return self.dtype
        dtype = narrowest(*limits)
        if self.result_limits is None:
            return dtype
        widest = self.result_dtype
        return dtype if dtype.itemsize < widest.itemsize else widest


@cache
def narrowest(low: int, high: int) -> np.dtype[Any]:
    """Return the narrowest integer dtype of at least 16 bits that holds a range.

    Unsigned where it can be: dividing is quicker then.
    """
    for dtype in (np.uint16, np.int16, np.uint32, np.int32):
        info = np.iinfo(dtype)
        if info.min <= low and high <= info.max:
            return np.dtype(dtype)
    return np.dtype(np.int64)


@cache
def cheapest_way(weights: tuple[Any, ...]) -> tuple[int, int, tuple[Any, ...]]:
    """Find how to add up a vector with the fewest operations.

    Returns
    -------
    operations, box, rest
        How many; the number of neighbours to add up first (1 for none); the weights of
        what then remains. A box divides the vector as a polynomial: ``1 4 6 4 1`` is
        ``1 1`` four times, ``1 2 3 2 1`` is ``1 1 1`` twice.
    """
    taps = sum(1 for weight in weights if weight)
    multiplied = len({abs(weight) for weight in weights if weight and abs(weight) != 1})
    best = (taps - 1 + multiplied, 1, weights)
    if all(isinstance(weight, int) for weight in weights):
        total = sum(weights)
        for box in range(2, len(weights) + 1):
            # Where x is 1, the box is its length, which has to divide the sum.
            rest = _divide_by_box(weights, box) if total % box == 0 else None
            if rest is not None:
                operations = _additions(box) + (cheapest_way(rest)[0] if rest != (1,) else 0)
                best = min(best, (operations, box, rest), key=lambda way: way[0])
    elif len(weights) > 1 and len(set(weights)) == 1:
        best = min(
            best, (_additions(len(weights)) + 1, len(weights), weights[:1]), key=lambda way: way[0]
        )
    return best


def _digits(number: int, *, signed: bool) -> list[int]:
    """Write a number in binary; if signed, with digits -1 too where that takes fewer additions.

    31 is better said as 32 - 1.
    """
    plain = [int(digit) for digit in f"{number:b}"]
    with_minus: list[int] = []
    left = number
    while left:
        digit = 2 - left % 4 if left % 2 else 0
        with_minus.insert(0, digit)
        left = (left - digit) // 2
    ways = [plain, with_minus] if signed else [plain]
    return min(ways, key=lambda digits: len(digits) + sum(map(abs, digits)))


def _additions(box: int) -> int:
    """Count the additions that a box by doubling takes."""
    digits = _digits(box, signed=True)
    return len(digits) - 1 + sum(map(abs, digits)) - 1


def _divide_by_box(weights: tuple[int, ...], box: int) -> tuple[int, ...] | None:
    """Divide a polynomial by ``1 + x + … + x^(box-1)``; None if something is left over.

    That is ``(1 - x^box) ÷ (1 - x)``: multiplying by ``1 - x`` takes differences, and
    dividing by ``1 - x^box`` adds what was found a box before.
    """
    length = len(weights) - box + 1
    quotient: list[int] = []
    before = 0
    for n, weight in enumerate((*weights, 0)):
        value = weight - before + (quotient[n - box] if n >= box else 0)
        before = weight
        if n < length:
            quotient.append(value)
        elif value:
            return None
        else:
            quotient.append(0)
    return tuple(quotient[:length])


def wrapped(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a number in a dtype; whole ones modulo what it holds, as sums are."""
    return np.asarray(value).astype(dtype)[()]


def _times(unit: Pair, count: int) -> Pair:
    return unit[0] * count, unit[1] * count


def flat_shift(shift: Pair, pitch: int, step: int) -> int:
    """Return how far along a band, seen as one long row, a shift in pixels leads."""
    return shift[0] * pitch + shift[1] * step
