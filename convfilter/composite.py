"""A composite: several responses of the same picture, combined before they are rounded."""

import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Self

from convfilter.arguments import expect
from convfilter.described import Described
from convfilter.errors import KernelError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel, checked_divisor, checked_offset
from convfilter.named import COMBINATIONS, RANGES, check_name

OF_THE_MEMBERS = frozenset({"operation", "border"})
"""Fields that are stated of a composite but meant for each of its kernels."""


@frozen(kw_only=True, eq=False)
class Composite(Described):
    """Kernels whose responses to the same pixels become one value.

    The value of a pixel is ``combination(responses) ÷ divisor + offset``, where each
    response is what its kernel gives, with its own divisor and offset, not ranged.

    Parameters
    ----------
    kernels
        At least one; for ``angle`` two, x and y.
    combine
        A name from `COMBINATIONS`.
    divisor, offset, range
        As a kernel's, for the combined value.

    Raises
    ------
    KernelError
        If there are too few kernels or too many, or for a wrong divisor or offset.
    UsageError
        For an unknown combination or range, or something that is no `Kernel`.
    """

    kernels: tuple[Kernel, ...]
    combine: str
    divisor: int | Fraction = 1
    offset: int | Fraction = 0
    range: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(COMBINATIONS, self.combine, "combine")
        if self.range is not None:
            check_name(RANGES, self.range, "range")
        hint = 'get_kernel("sobel-x") finds one by its name'
        kernels = tuple(expect(self.kernels, Iterable, "several kernels"))
        for kernel in kernels:
            expect(kernel, Kernel, "a kernel", hint)
        object.__setattr__(self, "kernels", kernels)
        object.__setattr__(self, "divisor", checked_divisor(self.divisor))
        object.__setattr__(self, "offset", checked_offset(self.offset))
        if not self.kernels:
            raise KernelError("kernels of a composite are missing", "at least one is needed")
        if self.combine == "angle" and len(self.kernels) != 2:
            raise KernelError(
                f"kernels of an angle are {len(self.kernels)}",
                "an angle is of two responses: across and down",
            )

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights of any of its kernels cancel."""
        return any(kernel.is_zero_sum for kernel in self.kernels)

    @property
    def gain(self) -> Fraction | None:
        """What it makes of an even picture, per level; None if that is not linear."""
        if self.combine not in ("sum", "mean"):
            return None
        count = 1 if self.combine == "sum" else len(self.kernels)
        return sum((kernel.gain for kernel in self.kernels), Fraction(0)) / count / self.divisor

    @property
    def amplification(self) -> float:
        """How many times as large as the samples what is combined may be, at most."""
        if self.combine == "angle":
            return math.inf
        parts = [kernel.amplification for kernel in self.kernels]
        whole = max(parts) if self.combine in ("max", "min") else sum(parts)
        return whole / abs(float(self.divisor))

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the given fields are others.

        ``operation`` and ``border`` become those of every kernel in it.
        """
        inner = {name: changes.pop(name) for name in OF_THE_MEMBERS & changes.keys()}
        if inner:
            changes["kernels"] = tuple(kernel.replace(**inner) for kernel in self.kernels)
        return replace(self, **changes)

    def normalized(self) -> Self:
        """Return the composite with every kernel normalized; see `Kernel.normalized`.

        Raises
        ------
        KernelError
            If the weights of any of them sum to 0.
        """
        return replace(self, kernels=tuple(kernel.normalized() for kernel in self.kernels))

    @property
    def label(self) -> str:
        """Its name, or what it combines where it has none."""
        members = ", ".join(kernel.label for kernel in self.kernels)
        return self.name or f"{self.combine} of {members}"

    def __str__(self) -> str:
        members = ", ".join(kernel.label for kernel in self.kernels)
        return f"{self.name or 'composite'}: {self.combine} of {members}"

    def __repr__(self) -> str:
        return f"<Composite {self}>"
