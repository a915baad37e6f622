"""The code for other tools runs, and gives our result."""

import importlib.util
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convfilter.border import BORDERS
from convfilter.engine.convolve import convolve
from convfilter.explain.equivalents import EQUIVALENTS, Wanted, equivalents_of
from convfilter.kernel import Kernel
from convfilter.named import PADDINGS, RANGES
from convfilter.options import FilterOptions
from tests.explain.random_cases import random_kernel

has_cv2 = importlib.util.find_spec("cv2") is not None
TOOLS = [
    "scipy",
    pytest.param("opencv", marks=pytest.mark.skipif(not has_cv2, reason="OpenCV is missing")),
]


def run(tool: str, wanted: Wanted, array: NDArray[Any], folder: Path) -> NDArray[Any]:
    """Run the Python for a tool on a picture."""
    Image.fromarray(array).save(folder / "in.png")
    (equivalent,) = (found for found in equivalents_of(wanted) if found.tool == tool)
    assert equivalent.language == "python"
    code = equivalent.code.replace("in.png", str(folder / "in.png"))
    exec(code.replace("out.png", str(folder / "out.png")), {})  # noqa: S102 - our own
    with Image.open(folder / "out.png") as image:
        return np.asarray(image)


def ours(wanted: Wanted, array: NDArray[Any]) -> NDArray[Any]:
    options = wanted.options
    return convolve(
        array,
        wanted.kernel,
        padding=options.padding,
        stride=options.stride,
        dilation=options.dilation,
        range=wanted.range,
    )


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("seed", range(40))
def test_python_for_other_tools_gives_our_integers_exactly(
    tool: str, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311
    borders = [name for name in BORDERS if name != "constant"] + ["constant:0", "constant:0.6"]
    kernel = random_kernel(chance).replace(border=chance.choice(borders))
    choices: dict[str, list[Any]] = {
        "padding": [*PADDINGS, ((2, 1), (0, 4))],
        "stride": [1, 2, (1, 3)],
        "dilation": [1, 1, 2, (1, 3)],
    }
    options = FilterOptions.parse(**{name: chance.choice(some) for name, some in choices.items()})
    wanted = Wanted(kernel, options, chance.choice(list(RANGES)))
    shape = chance.choice([(31, 24), (31, 24, 3)])
    array = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(run(tool, wanted, array, tmp_path), ours(wanted, array))


@pytest.mark.parametrize("tool", TOOLS)
def test_python_for_other_tools_keeps_16_bits_and_float_weights(tool: str, tmp_path: Path) -> None:
    kernel = Kernel(
        np.random.default_rng(3).random((5, 4)) / 10, origin=(0, 3), offset=Fraction(1, 7)
    )
    array = np.random.default_rng(1).integers(0, 65536, (20, 30), dtype=np.uint16)
    wanted = Wanted(kernel, FilterOptions(), "clip")
    theirs = run(tool, wanted, array, tmp_path)
    assert theirs.dtype == np.uint16
    assert np.abs(theirs.astype(int) - ours(wanted, array).astype(int)).max() <= 1


@pytest.mark.parametrize("tool", EQUIVALENTS)
def test_what_a_tool_cannot_is_said(tool: str) -> None:
    wanted = Wanted(
        Kernel([[1, 2]], border="constant:red"), FilterOptions.parse(stride=2), "stretch"
    )
    (told,) = (found for found in equivalents_of(wanted) if found.tool == tool)
    assert told.notes
