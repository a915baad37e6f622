from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.number import format_number, parse_number, simplify


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-0", 0),
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
