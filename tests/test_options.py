"""Options: what they state takes the place of what a kernel states."""

from fractions import Fraction

import pytest

from convfilter.errors import UsageError
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions


def test_options_state_what_the_kernel_does_not() -> None:
    given = Kernel([[1, 3]], divisor=2, range="abs")
    kernel = FilterOptions(divisor=8, offset=0.5).kernel_with(given)
    assert (kernel.divisor, kernel.offset, kernel.range) == (8, Fraction(1, 2), "abs")
    assert FilterOptions(normalize=True).kernel_with(kernel).divisor == 4
    with pytest.raises(UsageError, match="exclude"):
        FilterOptions(normalize=True, divisor=3).kernel_with(kernel)
