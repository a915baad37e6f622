from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.registry.generators.parameter import KINDS, Parameter, format_value

LENGTH = Parameter("radius", "length", "", lowest=Fraction(1, 2), highest=10)
SIZE = Parameter("size", "size", "", lowest=1, highest=9, odd=True)
CHOICE = Parameter("axis", "choice", "", "x", choices=("x", "y"))
KERNEL = Parameter("kernel", "kernel", "")


@pytest.mark.parametrize(
    ("parameter", "given", "value"),
    [
        (LENGTH, "2.5", Fraction(5, 2)),
        (LENGTH, " 1/2 ", Fraction(1, 2)),
        (LENGTH, 10, 10),
        (LENGTH, 0.7, Fraction(7, 10)),
        (LENGTH, Fraction(2, 3), Fraction(2, 3)),
        (SIZE, "7", 7),
        (SIZE, "7.0", 7),
        (SIZE, 7.0, 7),
        (CHOICE, "y", "y"),
        (KERNEL, "sobel-x", "sobel-x"),
    ],
)
def test_texts_and_numbers_are_read_exactly(
    parameter: Parameter, given: object, value: object
) -> None:
    assert parameter.read(given) == value


@pytest.mark.parametrize(
    ("parameter", "given", "words"),
    [
        (LENGTH, "0.4", "below 0.5"),
        (LENGTH, "11", "above 10"),
        (LENGTH, "-1", "below"),
        (LENGTH, "nan", "finite"),
        (LENGTH, float("inf"), "finite"),
        (LENGTH, "two", "digits"),
        (LENGTH, "", "digits"),
        (LENGTH, "9" * 200, "longer"),
        (LENGTH, True, "not a number"),
        (LENGTH, None, "not a number"),
        (LENGTH, [2], "not a number"),
        (SIZE, "2.5", "not a whole number"),
        (SIZE, "4", "even"),
        (CHOICE, "z", "no such choice"),
        (CHOICE, 1, "one of x, y"),
        (KERNEL, "", "name of a kernel"),
        (KERNEL, 3, "name of a kernel"),
    ],
)
def test_what_a_parameter_may_not_be_is_refused(
    parameter: Parameter, given: object, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        parameter.read(given)


@given(st.fractions(Fraction(1, 2), 10))
def test_a_value_that_is_written_is_read_again(value: Fraction) -> None:
    assert LENGTH.read(format_value(LENGTH.read(value))) == value


@pytest.mark.parametrize(
    ("parameter", "allowed", "signature"),
    [
        (LENGTH, "a number of pixels from 0.5 to 10", "radius (pixels)"),
        (SIZE, "an odd whole number of cells from 1 to 9", "size (cells)"),
        (CHOICE, "one of x, y", "axis=x"),
        (KERNEL, "the name of a kernel", "kernel"),
        (
            Parameter("t", "angle", "", otherwise="found", lowest=-90, highest=90),
            "a number of degrees from -90 to 90",
            "[t] (degrees)",
        ),
        (Parameter("n", "whole", "", 2, lowest=0, highest=3), "a whole number from 0 to 3", "n=2"),
    ],
)
def test_a_parameter_tells_what_it_may_be(
    parameter: Parameter, allowed: str, signature: str
) -> None:
    assert parameter.allowed == allowed
    assert parameter.signature == signature
    assert parameter.kind in KINDS
