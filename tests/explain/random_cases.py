"""Random points of real pictures, with random kernels and options."""

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from convfilter.border import BORDERS
from convfilter.composite import Composite
from convfilter.kernel import Kernel
from convfilter.named import ALPHAS, COMBINATIONS, OPERATIONS, RANGES
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.pictures.reading import open_picture
from convfilter.recipe import Filter, Recipe, RecipeStep
from tests.conftest import SAMPLES


def sample_pictures(corpus: Path | None) -> list[Picture]:
    """Return the samples, and a few pictures of the corpus."""
    paths = sorted(SAMPLES.glob("*.png"))
    paths += [SAMPLES / "scene.jpg"]
    if corpus:
        paths += sorted((corpus / "photos").glob("*.png"))[:3]
        paths += sorted((corpus / "orientation").glob("*_6.jpg"))
    return [open_picture(path) for path in paths]


def random_kernel(chance: random.Random) -> Kernel:
    """Make an integer kernel of any size and origin; sometimes with an exact fraction."""
    rows, columns = chance.randint(1, 6), chance.randint(1, 6)
    weights = [[chance.randint(-3, 9) for _ in range(columns)] for _ in range(rows)]
    total = sum(map(sum, weights)) or 1
    divisors: list[int | Fraction] = [1, 2, 9, total, total, Fraction(total * 2, 3), -3]
    offsets: list[int | Fraction] = [0, 0, Fraction(1, 2), Fraction(-1, 10)]
    return Kernel(
        weights,
        divisor=chance.choice(divisors),
        offset=chance.choice(offsets),
        origin=(chance.randrange(rows), chance.randrange(columns)),
        operation=chance.choice(list(OPERATIONS)),
        range=chance.choice([None, *RANGES]),
    )


def random_filters(chance: random.Random, built_in: list[str]) -> list[Filter | str]:
    """Return what ``-k`` could name, mostly one kernel."""
    kind = chance.randrange(8)
    if kind < 3:
        return [random_kernel(chance)]
    if kind < 5:
        return [chance.choice(built_in)]
    if kind == 5:
        combine = chance.choice(list(COMBINATIONS))
        count = 2 if combine == "angle" else chance.randint(1, 3)
        kernels = tuple(random_kernel(chance) for _ in range(count))
        return [Composite(kernels=kernels, combine=combine, divisor=chance.choice([1, 2, 5]))]
    if kind == 6:
        return [random_kernel(chance), random_kernel(chance)]
    stated = FilterOptions(range=chance.choice([None, *RANGES]), stride=(1, 2))
    return [
        Recipe(steps=(RecipeStep(random_kernel(chance), stated), RecipeStep(random_kernel(chance))))
    ]


def random_options(chance: random.Random) -> dict[str, Any]:
    """Return keywords of `FilterOptions.parse`."""
    borders = [
        *[name for name in BORDERS if name != "constant"],
        "constant:0",
        "constant:0.5",
        "red",
    ]
    border = chance.choice([None, *borders])
    return {
        "border": f"constant:{border}" if border == "red" else border,
        "padding": chance.choice(["same", "same", "valid", "full", ((2, 7), (8, 1))]),
        "stride": chance.choice([1, 1, 2, (3, 1)]),
        "dilation": chance.choice([1, 1, 2, (1, 3)]),
        "operation": chance.choice([None, None, *OPERATIONS]),
        "range": chance.choice([None, None, None, *RANGES]),
        "divisor": chance.choice([None, None, None, 7]),
        "offset": chance.choice([None, None, None, Fraction(1, 4)]),
        "alpha": chance.choice(list(ALPHAS)),
    }


def random_place(chance: random.Random, size: tuple[int, int]) -> tuple[int, int]:
    """Return a pixel, often at an edge or in a corner."""
    y, x = (chance.choice([0, length - 1, chance.randrange(length)]) for length in size)
    return y, x
