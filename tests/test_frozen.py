"""Frozen values behave as the standard library's frozen dataclasses do."""

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.frozen import frozen


@frozen
class Ours:
    """One of ours."""

    first: int
    second: str = "b"
    rest: list[int] = field(default_factory=list)
    aside: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Theirs:
    """The same by the standard library."""

    first: int
    second: str = "b"
    rest: list[int] = field(default_factory=list)
    aside: int = field(default=0, compare=False, repr=False)


@frozen(eq=False)
class ByIdentity:
    """Equals but itself."""

    value: int = 0


@frozen(kw_only=True, eq=False)
class Named:
    """A base whose fields are given by name."""

    name: str = ""

    def __repr__(self) -> str:
        return f"<{self.name}>"


@frozen(eq=False)
class Child(Named):
    """A child that adds one by place."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("below 0")


keys = st.sampled_from(["first", "second", "rest", "aside", "other"])


@given(st.lists(st.integers(0, 2), max_size=5), st.dictionaries(keys, st.integers(0, 2)))
def test_takes_and_refuses_the_same_arguments(given: list[int], named: dict[str, int]) -> None:
    def made(kind: Any) -> Any:
        try:
            value = kind(*given, **named)
        except TypeError:
            return TypeError
        return {one.name: getattr(value, one.name) for one in fields(value)}

    assert made(Ours) == made(Theirs)


@given(*[st.tuples(st.integers(0, 1), st.sampled_from("ab"), st.just([]), st.integers(0, 1))] * 2)
def test_equal_where_the_compared_fields_are(one: Any, other: Any) -> None:
    assert (Ours(*one) == Ours(*other)) == (Theirs(*one) == Theirs(*other))


def test_has_the_same_text_and_signature() -> None:
    assert repr(Ours(1, "x")) == repr(Theirs(1, "x")).replace("Theirs", "Ours")
    mine, other = inspect.signature(Ours), inspect.signature(Theirs)
    assert list(mine.parameters) == list(other.parameters)
    assert mine.parameters["second"] == other.parameters["second"]


def test_hashes_by_value_unless_it_equals_but_itself() -> None:
    assert hash(Ours(1, rest=())) == hash(Ours(1, rest=(), aside=5))  # type: ignore[arg-type]
    assert ByIdentity() != ByIdentity()
    assert len({ByIdentity(), ByIdentity()}) == 2


@pytest.mark.parametrize("value", [Ours(1), Child(2, name="n")])
def test_cannot_be_changed(value: Any) -> None:
    with pytest.raises(FrozenInstanceError, match="'size'"):
        value.size = 3
    with pytest.raises(FrozenInstanceError, match="'first'"):
        del value.first


def test_is_replaced_copied_and_pickled() -> None:
    value = Ours(1, "x", [2], 3)
    assert replace(value, first=4) == Ours(4, "x", [2], 3)
    assert copy.deepcopy(value) == value == pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def test_keeps_what_a_class_has_and_inherits() -> None:
    assert repr(Child(2, name="n")) == "<n>"
    with pytest.raises(ValueError, match="below 0"):
        Child(-1)
    with pytest.raises(TypeError, match="Child: too many positional"):
        Child(1, "n")  # type: ignore[call-arg]


def test_each_value_has_its_own_default() -> None:
    assert Ours(1).rest is not Ours(1).rest
