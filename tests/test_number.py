from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.number import (
    Number,
    format_briefly,
    format_number,
    parse_number,
    simplify,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-0", 0),
        ("-0.0e999999999999", 0),
        ("0e-999999999999", 0),
        ("+7", 7),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("2.", 2),
        ("1e3", 1000),
        ("1e-3", Fraction(1, 1000)),
        ("-2.5E+1", -25),
        ("1/9", Fraction(1, 9)),
        ("-6/3", -2),
    ],
)
def test_numbers_are_read_exactly(text: str, value: int | Fraction) -> None:
    assert parse_number(text) == value
    assert type(parse_number(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0777", "octal"),
        ("-012", "octal"),
        ("1:30", "expected digits"),
        ("on", "expected digits"),
        ("", "expected digits"),
        ("0x10", "expected digits"),
        ("1_000", "expected digits"),
        ("1/0", "expected digits"),
        ("٣", "expected digits"),
        ("inf", "finite"),
        ("-.inf", "finite"),
        ("NaN", "finite"),
        ("1e999999999", "64-bit float"),
        ("1e-999999999", "64-bit float"),
        ("9" * 5000, "longer than"),
    ],
)
def test_whatever_is_no_plain_finite_number_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_number(text)


@given(st.fractions() | st.integers())
def test_what_format_number_writes_is_read_back_as_the_same_number(value: Fraction | int) -> None:
    text = format_number(simplify(value))
    if len(text) <= 100:
        assert parse_number(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_simplify_keeps_every_float(value: float) -> None:
    assert float(simplify(value)) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (-4096, "-4096"),
        (Fraction(1, 9), "1/9"),
        (Fraction(1, 273), "1/273"),
        (Fraction(-10, 27), "-10/27"),
        (Fraction(-100, 273), "-0.366"),
        (0.1 + 0.2, "0.3"),
        (-33.853812, "-33.9"),
        (123456.7, "123457"),
        (1234567, "1.23e+06"),
        (0.00012345, "0.000123"),
        (1.23456e-7, "1.23e-07"),
    ],
)
def test_brief_numbers_keep_what_matters(value: Number, shown: str) -> None:
    assert format_briefly(value) == shown
