"""What a value says, as plain JSON and as a short hash that is the same on every machine.

It asks nothing of a value but that it is a dataclass, an array, a number, a text or made of
those, so that every kind of kernel and every group of options has a hash.
"""

import dataclasses
import json
from collections.abc import Collection
from fractions import Fraction
from typing import Any

import numpy as np

from convfilter.described import Described

FOR_PEOPLE = frozenset(Described.__dataclass_fields__)
"""Fields of a kernel that change no sample; two kernels that differ in them alone are alike."""

DIGITS = 32
"""Hexadecimal digits of a digest: 128 bits."""


def digest(value: Any) -> str:
    """Return a hash of what a kernel, or several, would do to a picture."""
    import hashlib

    text = json.dumps(plain(value, FOR_PEOPLE), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def changes(value: Any, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields of a dataclass that are not at their defaults, as plain JSON.

    Fields that are added to the class later leave it as it was.

    Parameters
    ----------
    without
        Fields to leave out.
    """
    default = plain(type(value)(), without)[type(value).__name__]
    stated = plain(value, without)[type(value).__name__]
    return {name: part for name, part in stated.items() if part != default[name]}


def plain(value: Any, without: Collection[str] = ()) -> Any:
    """Return a value as what JSON can hold, nothing rounded."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, np.ndarray):
        return [value.dtype.kind, list(value.shape), plain(value.ravel().tolist())]
    if isinstance(value, dict):
        return {str(key): plain(part, without) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, without) for part in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(part, without) for part in value)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.name not in without]
        return {type(value).__name__: {n: plain(getattr(value, n), without) for n in names}}
    raise TypeError(f"{type(value).__name__} has no plain form")
