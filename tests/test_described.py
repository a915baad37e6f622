from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from convfilter.composite import Composite
from convfilter.errors import KernelError, UsageError
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.recipe import Recipe, RecipeStep

ONE = Kernel([[1]])
KINDS: dict[str, Callable[..., Any]] = {
    "kernel": partial(Kernel, [[1]]),
    "composite": partial(Composite, kernels=(ONE,), combine="sum"),
    "recipe": partial(Recipe, steps=(RecipeStep(ONE),)),
    "mixing": partial(MixingKernel, matrices=((ONE,),)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fields",
    [{"name": 3}, {"title": None}, {"tags": "blur"}, {"tags": [1]}, {"tags": 1}, {"source": b"x"}],
)
def test_what_is_told_of_an_entry_is_text(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="instead of"):
        KINDS[kind](**fields)


@pytest.mark.parametrize("kind", KINDS)
def test_tags_may_come_in_a_list(kind: str) -> None:
    assert KINDS[kind](tags=["blur", "box"]).tags == ("blur", "box")


@pytest.mark.parametrize("matrices", [[], [[]], [[ONE], [ONE, ONE]]])
def test_every_channel_in_has_as_many_matrices(matrices: Any) -> None:
    with pytest.raises(KernelError, match="one for each channel"):
        MixingKernel(matrices=matrices)
