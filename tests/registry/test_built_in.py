"""The kernels that come with the program: complete, as published, and fit to be seen."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from convfilter import Kernel, convolve, open_picture
from convfilter.composite import Composite
from convfilter.named import RANGES
from convfilter.recipe import Recipe
from convfilter.registry.catalogue import get_kernel, get_single_kernel
from convfilter.registry.search_path import built_in_folder, find_kernels
from tests.conftest import SAMPLES
from tests.registry.published import DIRECTIONS, FAMILIES, PUBLISHED

OF_SEVERAL = {"composites", "recipes"}
"""The folders of what is not one matrix."""

EVERYTHING = {path.stem: path for path in sorted(built_in_folder().rglob("*.yaml"))}
FILES = {name: path for name, path in EVERYTHING.items() if path.parent.name not in OF_SEVERAL}

RESERVED = {
    *("box", "gaussian", "binomial", "disk", "ring", "motion", "comet", "log", "dog", "unsharp"),
    *("high-boost", "gabor", "savgol", "lanczos", "mitchell", "catmull-rom", "b-spline", "laws"),
    *("rotated", "gaussian-x"),
}
"""Names of generators, which files leave free."""

TAGS = {
    "art": "for the look of it",
    "basis": "one of a set that together says everything about a 3 × 3 neighbourhood",
    "blur": "smooths and keeps brightness",
    "compass": "one of eight directions",
    "corner": "answers to corners",
    "difference": "differences of neighbours",
    "directional": "blurs along one direction",
    "edges": "answers to edges, 0 where nothing changes",
    "gaussian": "weights near the bell curve's",
    "gradient": "a first derivative",
    "high-pass": "what a blur takes away",
    "identity": "changes nothing",
    "laplacian": "a second derivative in all directions",
    "line": "answers to lines",
    "motion": "as if the camera had moved",
    "point": "answers to single pixels",
    "relief": "looks lit from one side",
    "sharpen": "sharpens and keeps brightness",
    "texture": "measures or makes texture",
}
"""All tags in use, so that ``--tag`` stays a small vocabulary."""


def read_kernel(path: Path) -> Kernel:
    return get_single_kernel(str(path))


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    return {name: read_kernel(path) for name, path in FILES.items()}


def test_there_are_many_and_the_registry_finds_them_all(kernels: dict[str, Kernel]) -> None:
    assert len(kernels) >= 90
    found = {name: file.path for name, file in find_kernels().items() if file.origin == "built-in"}
    assert found == EVERYTHING


def test_no_name_stands_in_two_folders_or_belongs_to_a_generator() -> None:
    names = Counter(path.stem for path in built_in_folder().rglob("*.yaml"))
    assert [name for name, count in names.items() if count > 1] == []
    assert names.keys().isdisjoint(RESERVED)


def test_every_npy_file_holds_the_weights_of_the_yaml_file_beside_it() -> None:
    arrays = list(built_in_folder().rglob("*.npy"))
    assert arrays
    for path in arrays:
        assert f"weights: {path.name}" in path.with_suffix(".yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_each_tells_what_it_is_and_where_it_is_from(name: str) -> None:
    kernel = read_kernel(FILES[name])
    assert kernel.title
    assert kernel.source.endswith(".")
    assert kernel.description.endswith(".")
    assert kernel.tags
    assert set(kernel.tags) <= TAGS.keys()
    assert kernel.operation == "correlate"


def test_titles_differ_and_every_tag_is_used(kernels: dict[str, Kernel]) -> None:
    assert len({kernel.title for kernel in kernels.values()}) == len(kernels)
    assert {tag for kernel in kernels.values() for tag in kernel.tags} == TAGS.keys()


def test_the_published_table_has_every_file_in_its_folder() -> None:
    assert sum(map(len, FAMILIES.values())) == len(PUBLISHED)
    folders = {
        name: path.parent.relative_to(built_in_folder()).as_posix() for name, path in FILES.items()
    }
    assert folders == {name: folder for folder, family in FAMILIES.items() for name in family}


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_and_divisor_are_the_published_ones(name: str) -> None:
    weights, divisor = PUBLISHED[name]
    kernel = get_single_kernel(name)
    assert kernel.weights.tolist() == np.asarray(weights).tolist()
    assert kernel.divisor == divisor
    assert kernel.is_integer == (np.asarray(weights).dtype.kind == "i")


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_how_its_kernel_is_laid_where_it_matters(name: str) -> None:
    assert ("operation:" in FILES[name].read_text()) is not read_kernel(FILES[name]).is_symmetric


@pytest.mark.parametrize("name", FILES)
def test_sums_are_exact(name: str) -> None:
    kernel = read_kernel(FILES[name])
    if "edges" in kernel.tags or "high-pass" in kernel.tags:
        assert kernel.sum == 0
    elif kernel.is_zero_sum:
        assert kernel.sum == 0
        assert {"art", "texture"} & set(kernel.tags)
    elif name != "frei-chen-9":
        # All others keep brightness: blurs, sharpeners and coloured reliefs.
        assert kernel.sum == kernel.divisor
    if {"blur", "sharpen", "identity"} & set(kernel.tags):
        assert kernel.sum == kernel.divisor


@pytest.mark.parametrize("name", FILES)
def test_what_cancels_has_a_range_that_shows_it(name: str) -> None:
    kernel = read_kernel(FILES[name])
    shown = {
        "outline": "relu",
        "contour": None,
        "high-pass3": "center",
        "high-pass5": "center",
        "emboss-pillow": "center",
    }
    relief = "center" if name.startswith("relief-") else "abs"
    expected = shown.get(name, relief) if kernel.is_zero_sum else None
    assert kernel.range == expected
    assert expected is None or expected in RANGES
    assert kernel.offset == (1 if name == "contour" else 0)


def test_only_differences_have_an_origin_of_their_own(kernels: dict[str, Kernel]) -> None:
    own = {"backward-difference-x": (0, 1), "backward-difference-y": (1, 0)}
    for name, kernel in kernels.items():
        default = ((kernel.rows - 1) // 2, (kernel.columns - 1) // 2)
        assert kernel.origin == own.get(name, default)


RAMPS = {
    "n": (-1, 0), "ne": (-1, 1), "e": (0, 1), "se": (1, 1),
    "s": (1, 0), "sw": (1, -1), "w": (0, -1), "nw": (-1, -1),
}  # fmt: skip
"""Where it grows brighter: steps down and to the right."""


def ramp(direction: str) -> NDArray[np.float64]:
    down, right = RAMPS[direction]
    steps = np.arange(-4, 5) / 100
    return np.add.outer(0.5 + down * steps, right * steps)


def answer(name: str, direction: str) -> float:
    """Return the kernel's value in the middle of a ramp that grows brighter that way."""
    kernel = get_single_kernel(name).replace(range="clip", offset=0)
    return float(convolve(ramp(direction), kernel, out_dtype="float64")[4, 4])


@pytest.mark.parametrize("family", ["kirsch", "robinson", "prewitt-compass"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_compass_kernel_answers_most_to_the_direction_in_its_name(
    family: str, direction: str
) -> None:
    answers = {named: answer(f"{family}-{named}", direction) for named in DIRECTIONS}
    assert max(answers, key=lambda named: answers[named]) == direction
    assert answers[direction] > 0


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_relief_is_bright_on_the_side_that_the_light_comes_from(direction: str) -> None:
    # On the lit flank of a bump brightness grows away from the light.
    away = DIRECTIONS[(DIRECTIONS.index(direction) + 4) % 8]
    assert answer(f"relief-{direction}", away) > 0
    assert answer(f"emboss-{direction}", away) > 0.5


@pytest.mark.parametrize(
    "name",
    [
        *("sobel", "sobel5", "prewitt", "scharr", "farid5"),
        *("difference", "backward-difference", "central-difference"),
    ],
)
def test_gradients_are_positive_to_the_right_and_downwards(name: str) -> None:
    for axis, direction in (("x", "e"), ("y", "s")):
        assert answer(f"{name}-{axis}", direction) > 0
        other = "n" if axis == "x" else "w"
        assert answer(f"{name}-{axis}", other) == pytest.approx(0, abs=1e-12)


def test_true_derivatives_give_the_slope() -> None:
    for name in ("difference-x", "backward-difference-x", "central-difference-x"):
        assert answer(name, "e") == pytest.approx(0.01)
    assert answer("farid5-x", "e") == pytest.approx(0.01, rel=0.02)


def test_frei_chen_is_an_orthonormal_basis() -> None:
    masks = [get_single_kernel(f"frei-chen-{number}") for number in range(1, 10)]
    rows = np.array([mask.weights.ravel() / float(mask.divisor) for mask in masks])
    np.testing.assert_allclose(rows @ rows.T, np.eye(9), atol=1e-15)


PILLOW = {
    "ring5": ImageFilter.BLUR,
    "contour": ImageFilter.CONTOUR,
    "detail": ImageFilter.DETAIL,
    "edge-enhance": ImageFilter.EDGE_ENHANCE,
    "edge-enhance-more": ImageFilter.EDGE_ENHANCE_MORE,
    "emboss-pillow": ImageFilter.EMBOSS,
    "find-edges": ImageFilter.FIND_EDGES,
    "sharpen-soft": ImageFilter.SHARPEN,
    "smooth": ImageFilter.SMOOTH,
    "smooth-more": ImageFilter.SMOOTH_MORE,
}


@pytest.mark.parametrize("name", PILLOW)
def test_kernels_named_after_pillow_give_its_result(name: str) -> None:
    array = np.random.default_rng(7).integers(0, 256, (20, 20), dtype=np.uint8)
    theirs = np.asarray(Image.fromarray(array).filter(PILLOW[name]))
    # Pillow clips, and leaves the rim as it was.
    value_range = "center" if name == "emboss-pillow" else "clip"
    ours = convolve(array, get_kernel(name), range=value_range)
    difference = ours.astype(int) - theirs
    assert np.abs(difference[2:-2, 2:-2]).max() <= 1


SAME = [
    {"edge", "laplacian8", "find-edges", "outline", "point", "contour", "high-pass3"},
    {"sharpen8", "edge-enhance-more"},
    {"pyramid", "triangle"},
    {"emboss", "emboss-nw"},
    {"gaussian5", "laws-l5l5"},
    {"sobel5-x", "laws-l5e5"},
    {"sobel5-y", "laws-e5l5"},
    {"corners", "frei-chen-7"},
    {"laplacian8-separable", "frei-chen-8"},
    {"blur3", "frei-chen-9"},
    {"gradient-diagonal", "robinson-se", "relief-nw"},
    {"gradient-anti-diagonal", "robinson-ne", "relief-sw"},
    {"sobel-x", "robinson-e", "relief-w"},
    {"sobel-y", "robinson-s", "relief-n"},
    {"difference-x", "backward-difference-x"},
    {"difference-y", "backward-difference-y"},
    {"robinson-n", "relief-s"},
    {"robinson-w", "relief-e"},
    {"robinson-nw", "relief-se"},
    {"robinson-sw", "relief-ne"},
]
"""Names that share a matrix on purpose: another range, divisor, origin, or tool's word."""


def test_matrices_are_shared_only_on_purpose(kernels: dict[str, Kernel]) -> None:
    for one, other in itertools.combinations(kernels, 2):
        alike = np.array_equal(kernels[one].weights, kernels[other].weights)
        meant = any({one, other} <= names for names in SAME)
        assert alike == meant, (one, other)


def test_files_are_short_texts_with_unix_line_ends() -> None:
    for path in FILES.values():
        data = Path(path).read_bytes()
        assert data.endswith(b"\n")
        assert b"\r" not in data
        assert len(data) < 4096


@pytest.mark.parametrize("name", sorted(EVERYTHING.keys() - FILES.keys()))
def test_composites_and_recipes_tell_what_they_are(name: str) -> None:
    found = get_kernel(name)
    assert isinstance(found, Composite | Recipe)
    assert found.title
    assert found.source.endswith(".")
    assert found.description.endswith(".")
    assert set(found.tags) <= set(TAGS)


GRADIENTS = {
    "sobel": ("sobel-x", "sobel-y"),
    "prewitt": ("prewitt-x", "prewitt-y"),
    "scharr": ("scharr-x", "scharr-y"),
    "roberts": ("roberts-1", "roberts-2"),
    "farid": ("farid5-x", "farid5-y"),
    "frei-chen-edge": tuple(f"frei-chen-{n}" for n in range(1, 5)),
    "frei-chen-line": tuple(f"frei-chen-{n}" for n in range(5, 9)),
}


def scene() -> NDArray[np.uint8]:
    return open_picture(SAMPLES / "scene.jpg").array


def floats_of(picture: NDArray[np.uint8], name: str) -> NDArray[np.float64]:
    return convolve(picture, get_kernel(name), out_dtype="float64")


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.floor(values + 0.5), 0, 255)


@pytest.mark.parametrize("name", GRADIENTS)
def test_magnitudes_are_the_root_of_the_squares_of_the_float_responses(name: str) -> None:
    picture = scene()
    squares = sum(floats_of(picture, part) ** 2 for part in GRADIENTS[name])
    off = np.abs(convolve(picture, get_kernel(name)) - rounded(np.sqrt(squares)))
    # One level on a thousandth of the samples is what is promised of Farid's float weights.
    assert off.max() <= (name == "farid")
    assert np.count_nonzero(off) <= 0.001 * off.size


@pytest.mark.parametrize("name", ["kirsch", "robinson", "prewitt-compass"])
def test_compass_composites_are_the_largest_of_eight(name: str) -> None:
    picture = scene()
    eight = [floats_of(picture, f"{name}-{direction}") for direction in DIRECTIONS]
    assert len(eight) == 8
    result = convolve(picture, get_kernel(name))
    np.testing.assert_array_equal(result, rounded(np.max(eight, axis=0)))


def test_the_recipe_of_unsharp_masking_equals_its_kernel() -> None:
    picture = scene()
    expected = convolve(picture, get_kernel("unsharp5"))
    np.testing.assert_array_equal(convolve(picture, get_kernel("unsharp-mask")), expected)


def test_the_feature_stack_is_its_layers_by_hand() -> None:
    picture = scene()
    blur = floats_of(picture, "gaussian5")
    across, down = (convolve(blur, get_kernel(f"sobel-{axis}")) for axis in "xy")
    features = np.maximum(np.hypot(across, down) - 25.5, 0)
    expected = convolve(features, get_kernel("gaussian5"), stride=2)
    result = convolve(picture, get_kernel("feature-stack"), out_dtype="float64")
    np.testing.assert_allclose(result, expected, atol=1e-9)
