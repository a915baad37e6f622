import pytest

from convfilter.errors import KernelError
from convfilter.registry.generators.making import LONGEST_TEXT, generate, parse_generator


def test_a_text_is_taken_apart() -> None:
    assert parse_generator("gaussian:sigma=2.5,size=9") == (
        "gaussian",
        {"sigma": "2.5", "size": "9"},
    )
    assert parse_generator("mitchell:") == ("mitchell", {})
    assert parse_generator("mitchell") == ("mitchell", {})
    assert parse_generator("rotated: kernel = motion:length=9 , angle=90") == (
        "rotated",
        {"kernel": "motion:length=9", "angle": "90"},
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gausian:sigma=2", "gaussian"),
        ("xyz:sigma=2", "list --generators"),
        ("gaussian:2.5", "write it as gaussian:sigma=2.5"),
        ("gaussian:sigma=", "write it as"),
        ("gaussian:=2", "write it as"),
        ("gaussian:sigma=2,", "write it as"),
        ("gaussian:sigma=2,sigma=3", "twice"),
        ("gaussian:" + "x" * LONGEST_TEXT, "longer"),
    ],
)
def test_a_text_that_is_no_generator_is_refused(text: str, words: str) -> None:
    with pytest.raises(KernelError) as caught:
        parse_generator(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("gaussian", {}, ["needs sigma or size", "gaussian:sigma=2.5"]),
        ("motion", {}, ["needs length", "length (pixels), angle=0 (degrees)", "motion:length=15"]),
        ("gaussian", {"sigm": 2}, ["no parameter 'sigm'", "did you mean sigma?"]),
        ("box", {"colour": 2}, ["no parameter 'colour'", "[rows] (cells)"]),
        (
            "gaussian",
            {"sigma": "abc"},
            ["gaussian: sigma=abc", "digits", "pixels from 0.1 to 240", "gaussian:sigma=2.5"],
        ),
        ("gaussian", {"sigma": 10_000}, ["above 240"]),
        ("gaussian", {"size": 4}, ["even", "an odd whole number of cells"]),
        ("gaussian", {"sigma": 2, "order": 3}, ["one of 0, 1, 2"]),
        ("gaussian", {"sigma": 2, "order": "1", "size": 1}, ["holds no derivative"]),
        ("log", {"sigma": 240}, ["larger than 2001 × 2001"]),
        ("dog", {"sigma1": 2, "sigma2": 2}, ["sigma2 is not above sigma1"]),
        ("dog", {"sigma1": 0.1}, ["are the same"]),
        ("gabor", {"sigma": 2, "wavelength": 2, "psi": 90}, ["wave is 0"]),
        ("gabor", {"sigma": 0.1}, ["everywhere the same"]),
        ("dog", {"sigma1": 200}, ["larger than 2001"]),
        ("ring", {"radius": 1, "width": 3}, ["wider"]),
        ("savgol", {"window": 5, "order": 5}, ["below the window"]),
        ("savgol", {"window": 5, "order": 2, "derivative": 3}, ["no derivative 3"]),
        ("laws", {"column": "l5", "row": "x5"}, ["one of l5, e5, s5, w5, r5"]),
        ("lanczos", {"a": 10, "scale": 300}, ["larger than 2001"]),
        ("rotated", {"kernel": "sobel-x", "angle": 30}, ["multiple of 45"]),
        ("rotated", {"kernel": "blur5", "angle": 45}, ["5 × 5", "by 90"]),
        ("rotated", {"kernel": "sobel-xx", "angle": 90}, ["unknown kernel", "sobel-x"]),
        ("nothing", {}, ["unknown generator"]),
    ],
)
def test_wrong_parameters_are_refused_with_what_they_may_be(
    name: str, parameters: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(KernelError) as caught:
        generate(name, parameters)
    for word in words:
        assert word in str(caught.value)
    assert name in caught.value.what or "unknown kernel" in caught.value.what


@pytest.mark.parametrize(
    ("name", "parameters", "text"),
    [
        ("gaussian", {"sigma": 2.5}, "gaussian:sigma=2.5"),
        ("gaussian", {"size": 9, "sigma": "5/2", "axis": "x"}, "gaussian:sigma=2.5,size=9"),
        ("lanczos", {"scale": 2, "a": 3}, "lanczos"),
        ("lanczos", {"scale": "4/3", "a": 3}, "lanczos:scale=4/3"),
        ("high-boost", {"a": "1.5"}, "high-boost:A=1.5"),
        ("motion", {"length": 0.1 + 8.9}, "motion:length=9"),
        ("gabor", {"psi": -90, "sigma": 2}, "gabor:sigma=2,psi=-90"),
    ],
)
def test_a_kernel_is_named_by_the_shortest_text_that_makes_it(
    name: str, parameters: dict[str, object], text: str
) -> None:
    kernel = generate(name, parameters)
    assert kernel.name == text
    again = generate(*parse_generator(text))
    assert again.weights.tolist() == kernel.weights.tolist()
    assert again.description == kernel.description
