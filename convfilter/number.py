"""Numbers as people write them in kernel files and options: exact, finite, never guessed at."""

import math
import re
from decimal import Decimal
from fractions import Fraction

Number = int | float | Fraction

LONGEST_NUMBER = 100
"""Numbers of more characters are refused before any conversion is tried."""

_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d*)", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_QUOTIENT = re.compile(r"[+-]?(?:0|[1-9]\d*)/[1-9]\d*", re.ASCII)


def parse_number(text: str) -> int | Fraction:
    """Read an integer, a decimal number (``0.25``, ``1e-3``) or a quotient (``1/9``) exactly.

    Raises
    ------
    ValueError
        With a sentence that fits after "is not a number: ", for everything else:
        infinities, octal-looking ``0777``, ``1:30``, words.
    """
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"it is longer than {LONGEST_NUMBER} characters")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _QUOTIENT.fullmatch(text):
        above, below = text.split("/")
        value = Fraction(int(above), int(below))
    elif _DECIMAL.fullmatch(text):
        # float() first: it is quick for exponents with which the exact value fills the memory.
        rough = float(text)
        is_zero = rough == 0 and not re.search(r"[1-9]", re.split("[eE]", text)[0])
        if is_zero:
            return 0
        if rough == 0 or math.isinf(rough):
            raise ValueError("it is beyond what a 64-bit float can hold")
        value = Fraction(Decimal(text))
    elif re.fullmatch(r"[+-]?0\d+", text):
        raise ValueError("a leading zero could mean octal; write it without")
    elif text.lower().lstrip("+-.") in ("inf", "infinity", "nan"):
        raise ValueError("only finite numbers are allowed")
    else:
        raise ValueError("expected digits such as 3, -0.5, 1e-3 or 1/9")
    return int(value) if value.denominator == 1 else value


def simplify(value: Number) -> int | Fraction:
    """Return the exact rational of a finite number, an ``int`` where it is whole.

    Raises
    ------
    ValueError
        For infinities and NaN.
    """
    if not math.isfinite(value):
        raise ValueError("only finite numbers are allowed")
    try:
        exact = value if isinstance(value, Fraction) else Fraction(value)
    except TypeError:
        exact = Fraction(float(value))  # one of NumPy's short floats
    return int(exact) if exact.denominator == 1 else exact


def format_number(value: Number) -> str:
    """Write a number the way a kernel file would: ``3``, ``0.25``, ``1/9``."""
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    as_float = float(value)
    decimal = f"{as_float:.6g}"
    if isinstance(value, int):
        return str(value)
    return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"


def counted(number: int, noun: str) -> str:
    """Write how many there are of something: ``1 row``, ``3 rows``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_briefly(value: Number, digits: int = 3) -> str:
    """Write a number exactly if that is short, else with at least so many digits.

    Digits before the point are never left out below a million.
    """
    exact = format_number(value)
    if len(exact) <= digits + 3:
        return exact
    rough = float(value)
    if not 1e-4 <= abs(rough) < 1e6:
        return f"{rough:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rough))))
    text = f"{rough:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
