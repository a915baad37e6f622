import pickle
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from convfilter.border import Border
from convfilter.digest import changes, digest, plain
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from tests.strategies import kernel_fields

BASE = Kernel([[1, 2, 1]], divisor=4, name="a", title="A", description="x")


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace(divisor=5),
        BASE.replace(weights=[[1, 2, 2]]),
        BASE.replace(weights=[[1], [2], [1]], origin=None),
        BASE.replace(weights=[[1.0 + 2**-40, 2, 1]]),
        BASE.replace(offset=Fraction(1, 2)),
        BASE.replace(origin=(0, 0)),
        BASE.replace(operation="convolve"),
        BASE.replace(border="wrap"),
        BASE.replace(range="abs"),
    ],
    ids=repr,
)
def test_kernels_that_do_something_else_have_another_digest(other: Kernel) -> None:
    assert digest(BASE) != digest(other)


def test_what_a_kernel_is_called_is_not_in_its_digest() -> None:
    assert digest(BASE) == digest(BASE.replace(name="b", title="B", tags=("t",), source="s"))
    assert digest((BASE,)) != digest((BASE, BASE))


def test_the_digest_is_the_same_in_every_process() -> None:
    script = (
        "from convfilter.digest import digest\nfrom convfilter.kernel import Kernel\n"
        "print(digest((Kernel([[1, 2, 1]], divisor=4, border='constant:0.5'),)))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {digest((Kernel([[1, 2, 1]], divisor=4, border="constant:0.5"),))}


@given(kernel_fields())
def test_a_kernel_sent_to_another_process_is_the_same_and_still_frozen(
    fields: dict[str, Any],
) -> None:
    kernel = Kernel(**fields)
    received = pickle.loads(pickle.dumps(kernel))  # noqa: S301 - our own bytes
    assert digest(received) == digest(kernel)
    assert vars(received).keys() == vars(kernel).keys()
    with pytest.raises(ValueError, match="read-only"):
        received.weights[0, 0] = 1
    assert received.numerators is None or not received.numerators.flags.writeable


def test_only_what_was_changed_is_told() -> None:
    assert changes(FilterOptions()) == {}
    stated = FilterOptions(stride=(2, 1), border=Border("wrap"), workers=3)
    assert changes(stated, without={"workers"}) == {
        "border": {"Border": {"name": "wrap", "value": []}},
        "stride": [2, 1],
    }


@dataclass(frozen=True)
class Odd:
    thing: object


def test_nothing_is_rounded_and_nothing_is_guessed() -> None:
    assert plain(0.1) != plain(0.1 + 2**-56)
    assert plain(np.float64(1)) == (1.0).hex()
    assert plain({"a": frozenset({"y", "x"})}) == {"a": ["x", "y"]}
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(Odd(object()))
