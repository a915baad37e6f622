"""Weights made canonical: integers, or numerators over one denominator, or floats."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.errors import KernelError
from convfilter.number import simplify

LARGEST_INTEGER = 2**53
"""Integers up to here are the same number in a 64-bit float."""

LARGEST_WEIGHT = 1e100
"""No sum of products of such weights can leave the range of a 64-bit float."""

LARGEST_DENOMINATOR = 2**24
"""Rational weights are kept exact up to this common denominator, as floats beyond it."""


def total(integers: NDArray[Any]) -> int:
    """Return the sum of integers, which 64 bits may not hold."""
    if integers.size and int(np.abs(integers).max()) * integers.size >= 2**63:
        return sum(map(int, integers.ravel().tolist()))
    return int(integers.sum())


def canonical_weights(
    weights: Any, axes: tuple[str, ...]
) -> tuple[NDArray[Any], NDArray[np.int64] | None, int]:
    """Return the weights as int64 or float64, and as numerators over one denominator.

    Parameters
    ----------
    weights : array_like
        Integers, floats or fractions.
    axes
        What each dimension counts.

    Returns
    -------
    tuple
        The weights, read-only; the numerators, None where the weights are not short
        fractions; and their denominator.

    Raises
    ------
    KernelError
        If they are not finite numbers in so many dimensions, none of them 0.
    """
    given = _as_array(weights, axes)
    if given.dtype.kind in "biu":
        _refuse_huge(given)
        integers = _frozen(given.astype(np.int64))
        return integers, integers, 1
    if given.dtype.kind == "f":
        return _canonical_floats(given)
    exact = [simplify(value) for value in given.ravel().tolist()]
    floats = np.array([float(value) for value in exact]).reshape(given.shape)
    _refuse_out_of_proportion(floats)
    numerators, denominator = _common_denominator(exact, given.shape)
    if numerators is not None and denominator == 1:
        return numerators, numerators, 1
    return _frozen(floats), numerators, denominator


def _canonical_floats(
    given: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[np.int64] | None, int]:
    """Do for floats, whose denominators are powers of two, what fractions need a loop for."""
    if not np.isfinite(given).all():
        raise KernelError("kernel has a weight that is not finite", "only finite numbers work")
    _refuse_out_of_proportion(given)
    floats = given.astype(np.float64) + 0.0  # which makes -0.0 a plain 0
    for exponent in range(LARGEST_DENOMINATOR.bit_length()):
        scaled = np.ldexp(floats, exponent)
        if np.array_equal(scaled, np.floor(scaled)):
            break
    else:
        return _frozen(floats), None, 1
    if np.abs(scaled).max() > LARGEST_INTEGER:
        return _frozen(floats), None, 1
    numerators = _frozen(scaled.astype(np.int64))
    return (numerators if exponent == 0 else _frozen(floats)), numerators, 2**exponent


def _as_array(weights: Any, axes: tuple[str, ...]) -> NDArray[Any]:
    try:
        given = np.asarray(weights)
    except ValueError:
        raise KernelError(
            "kernel is not a matrix of numbers", "its rows differ in length"
        ) from None
    try:
        if given.dtype == object:
            [simplify(value) for value in given.ravel().tolist()]
    except (ValueError, TypeError, OverflowError) as error:
        raise KernelError("kernel is not a matrix of numbers", str(error)) from None
    if given.dtype.kind not in "biufO":
        kind = "there is text in it" if given.dtype.kind in "SU" else f"its type is {given.dtype}"
        raise KernelError("kernel is not a matrix of numbers", kind)
    if given.ndim > len(axes):
        cause = f"it has {given.ndim} dimensions, and a kernel {len(axes)}: {', '.join(axes)}"
        raise KernelError(f"kernel of shape {given.shape}", cause)
    if given.ndim != len(axes) or given.size == 0:
        raise KernelError(
            f"kernel of shape {given.shape}",
            f"a kernel has {', '.join(axes[:-1])} and {axes[-1]}, at least 1 of each",
            "write one row as [[1, 2, 1]]" if len(axes) == 2 else None,
        )
    return given


def _refuse_huge(integers: NDArray[Any]) -> None:
    if int(integers.max()) > LARGEST_INTEGER or int(integers.min()) < -LARGEST_INTEGER:
        raise KernelError("kernel has an integer beyond 2^53", "it would lose digits")


def _refuse_out_of_proportion(floats: NDArray[Any]) -> None:
    if float(np.abs(floats).max()) > LARGEST_WEIGHT:
        raise KernelError("kernel has a weight beyond 1e100", "its sums could not be held")


def _common_denominator(
    exact: list[int | Fraction], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64] | None, int]:
    denominator = 1
    for value in exact:
        denominator = math.lcm(denominator, value.denominator)
        if denominator > LARGEST_DENOMINATOR:
            return None, 1
    numerators = [value.numerator * (denominator // value.denominator) for value in exact]
    if max(map(abs, numerators)) > LARGEST_INTEGER:
        return None, 1
    return _frozen(np.array(numerators, dtype=np.int64).reshape(shape)), denominator


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    owned = np.array(array, order="C")
    owned.setflags(write=False)
    return owned
