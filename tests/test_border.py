from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.border import BORDERS, COLOURS, Border, BorderRule, parse_colour
from convfilter.errors import UsageError
from tests import oracle

RULES = [rule for rule in BORDERS.values() if rule.index_map]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@given(position=st.integers(-200, 200), size=st.integers(1, 12))
def test_positions_map_as_walking_there_does(rule: BorderRule, position: int, size: int) -> None:
    assert rule.index_map
    assert rule.index_map(position, size) == oracle.outside(position, size, rule.name)
    assert rule.index_map(np.array([position]), size)[0] == rule.index_map(position, size)


@pytest.mark.parametrize("rule", BORDERS.values(), ids=lambda rule: rule.name)
def test_the_table_names_numpy_s_mode_and_draws_the_pattern(rule: BorderRule) -> None:
    picture = np.array(["a", "b", "c", "d"])
    if rule.name == "constant":
        padded = np.pad(picture, 3, constant_values="V")
    else:
        mode: Any = rule.numpy
        padded = np.pad(picture, 3, mode=mode)
    drawn = " | ".join(" ".join(part) for part in (padded[:3], padded[3:7], padded[7:]))
    assert drawn == rule.pattern


@pytest.mark.parametrize(
    ("text", "border"),
    [(alias, Border(rule.name)) for rule in RULES for alias in (rule.name, *rule.aliases)]
    + [
        ("Edge", Border("edge")),
        ("zero", Border("constant", (0,))),
        ("black", Border("constant", (0,))),
        ("white", Border("constant", (1,))),
        ("constant:0.5", Border("constant", (Fraction(1, 2),))),
        ("constant:1/3", Border("constant", (Fraction(1, 3),))),
        ("constant:red", Border("constant", (1, 0, 0))),
        ("constant:#ff0080", Border("constant", (1, 0, Fraction(128, 255)))),
    ],
)
def test_names_aliases_and_values_are_understood(text: str, border: Border) -> None:
    assert Border.parse(text) == border
    assert Border.parse(str(border)) == border


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reflect", ["symmetric", "mirror", "two meanings"]),
        ("egde", ["edge"]),
        ("constant", ["constant:0"]),
        ("constant:", ["constant:0"]),
        ("constant:reed", ["red"]),
        ("constant:1:2", ["not a number"]),
        ("constant:nan", ["nan"]),
        ("edge:3", ["takes no value"]),
    ],
)
def test_a_wrong_border_says_what_is_meant(text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        Border.parse(text)
    for word in words:
        assert word in str(error.value)


def test_a_constant_suits_each_channel() -> None:
    half = Border.parse("constant:0.5")
    assert list(half.constant_levels(("red", "blue", "alpha"))) == [Fraction(1, 2)] * 2 + [1]
    red = Border.parse("constant:red")
    assert list(red.constant_levels(("red", "green", "blue"))) == [1, 0, 0]
    assert list(red.constant_levels(("gray", "alpha"))) == [Fraction(299, 1000), 1]
    assert list(red.constant_levels(("cyan", "magenta", "yellow", "black"))) == [0, 1, 1, 0]
    with pytest.raises(UsageError, match="no colours"):
        red.constant_levels(("", ""))


@pytest.mark.parametrize("name", COLOURS)
def test_colour_names_mean_what_pillow_s_do(name: str) -> None:
    from PIL import ImageColor

    assert [255 * part for part in parse_colour(name)] == list(ImageColor.getrgb(name))


@pytest.mark.parametrize("name", ["red", "#ff8000"])
def test_a_colour_is_told_to_be_one_of_a_constant_border(name: str) -> None:
    with pytest.raises(UsageError, match=f"write constant:{name}"):
        Border.parse(name)
