from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.registry.interchange.exporting import write_kernel
from convfilter.registry.interchange.imagemagick_names import NAMED, OTHERS
from convfilter.registry.interchange.importing import read_kernels, recognise
from convfilter.registry.interchange.table import Source


def read(text: str, scale: str | None = None, format_name: str = "imagemagick") -> list[Kernel]:
    return read_kernels(Source(text.encode(), scale=scale), format_name)


def rows(kernel: Kernel) -> list[list[Any]]:
    return [
        [Fraction(weight) / Fraction(kernel.divisor) for weight in row]
        for row in kernel.exact_weights
    ]


@pytest.mark.parametrize(
    ("text", "weights", "origin"),
    [
        ("3x3: 1,2,3 4,5,6 7,8,9", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], (1, 1)),
        ("3:1 2 3\n4 5 6\n7 8 9", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], (1, 1)),
        ("3x2+2+1: 1,2,3,4,5,6", [[1, 2, 3], [4, 5, 6]], (1, 2)),
        ("2x4: 1 2 3 4 5 6 7 8", [[1, 2], [3, 4], [5, 6], [7, 8]], (1, 0)),
        ("2x2: 1,nan,-,.5", [[1, 0], [0, Fraction(1, 2)]], (0, 0)),
        ("1,2,3,4", [[1, 2], [3, 4]], (0, 0)),
        ("'1,2,3,4,5,6,7,8,9'", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], (1, 1)),
        ("Sobel", [[1, 0, -1], [2, 0, -2], [1, 0, -1]], (1, 1)),
        ("sobel:90", [[1, 2, 1], [0, 0, 0], [-1, -2, -1]], (1, 1)),
        ("Sobel 45", [[2, 1, 0], [1, 0, -1], [0, -1, -2]], (1, 1)),
        ("Roberts:180", [[0, 0, 0], [0, -1, 1], [0, 0, 0]], (1, 1)),
        ("Laplacian:2", [[-2, 1, -2], [1, 4, 1], [-2, 1, -2]], (1, 1)),
        ("Binomial", [[1, 2, 1], [2, 4, 2], [1, 2, 1]], (1, 1)),
        ("Diamond", [[0, 1, 0], [1, 1, 1], [0, 1, 0]], (1, 1)),
        ("Plus:1,2", [[0, 2, 0], [2, 2, 2], [0, 2, 0]], (1, 1)),
        ("Cross:1", [[1, 0, 1], [0, 1, 0], [1, 0, 1]], (1, 1)),
        ("Ring:0,1", [[0, 1, 0], [1, 0, 1], [0, 1, 0]], (1, 1)),
        ("Rectangle:3x2+0+1", [[1, 1, 1], [1, 1, 1]], (1, 0)),
        ("Unity:2.5", [[Fraction(5, 2)]], (0, 0)),
        ("Gaussian", [[0, 0, 0], [0, 1, 0], [0, 0, 0]], (1, 1)),
    ],
)
def test_one_kernel(text: str, weights: list[list[Any]], origin: tuple[int, int]) -> None:
    (kernel,) = read(text)
    assert kernel.exact_weights == weights
    assert kernel.origin == origin
    assert kernel.operation == "convolve"
    assert kernel.divisor == 1
    assert recognise(Source(b"3x1: 1,2,1")).name == "imagemagick"


TURNS = {
    "3x3@: 1,2,3,4,5,6,7,8,9": [
        "123456789", "412753896", "741852963", "874951632",
        "987654321", "698357214", "369258147", "236159478",
    ],
    "3x3>: 1,2,3,4,5,6,7,8,9": ["123456789", "741852963", "987654321", "369258147"],
    "3x3<: 1,2,3,4,5,6,7,8,9": ["123456789", "987654321", "369258147", "741852963"],
    "3x1>: 1,2,3": ["123", "123", "321", "321"],
    "1x3>: 1,2,3": ["123", "321", "321", "123"],
    "1: 2 ; 2: 1,2,3,4;;": ["2", "1234"],
    "Blur:1x0>": ["010", "010"],
}  # fmt: skip


@pytest.mark.parametrize("text", TURNS)
def test_lists_and_turns_are_expanded_in_imagemagicks_order(text: str) -> None:
    flat = ["".join(str(int(w)) for w in k.weights.ravel()) for k in read(text)]
    assert flat == TURNS[text]


def test_the_origin_turns_with_the_kernel() -> None:
    square = [kernel.origin for kernel in read("3x3+0+0>: 1,2,3,4,5,6,7,8,9")]
    assert square == [(0, 0), (0, 2), (2, 2), (2, 0)]
    ring = [kernel.origin for kernel in read("3x3+0+0@: 1,2,3,4,5,6,7,8,9")]
    assert ring == [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    line = [kernel.origin for kernel in read("3x1+0+0>: 1,2,3")]
    assert line == [(0, 0), (0, 0), (0, 2), (2, 0)]


SIGNED = "3x1: 1,-2,4"


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        (SIGNED, "!", [Fraction(1, 3), Fraction(-2, 3), Fraction(4, 3)]),
        (SIGNED, "^", [Fraction(1, 5), -1, Fraction(4, 5)]),
        (SIGNED, "!^", [Fraction(1, 5), -1, Fraction(4, 5)]),
        (SIGNED, "2", [2, -4, 8]),
        (SIGNED, "-1", [-1, 2, -4]),
        (SIGNED, "50%", [Fraction(1, 2), -1, 2]),
        (SIGNED, "50%!", [Fraction(1, 6), Fraction(-1, 3), Fraction(2, 3)]),
        (SIGNED, "2,3", [2, -1, 8]),
        (SIGNED, "2x3", [2, -1, 8]),
        (SIGNED, ",3", [1, 1, 4]),
        (SIGNED, "!,3", [Fraction(1, 3), Fraction(7, 3), Fraction(4, 3)]),
        (SIGNED, "50%,100", [Fraction(1, 2), 0, 2]),
        (SIGNED, "0", [0, 0, 0]),
        (SIGNED, "0,1", [0, 1, 0]),
        ("3x1: -1,2,-1", "!", [Fraction(-1, 2), 1, Fraction(-1, 2)]),
        ("3x1: 1,nan,1", "!,5", [Fraction(1, 2), 0, Fraction(1, 2)]),
    ],
)
def test_scale_means_what_convolve_scale_means(text: str, scale: str, expected: list[Any]) -> None:
    (kernel,) = read(text, scale)
    assert rows(kernel) == [expected]


def test_normalising_keeps_the_integers_and_divides() -> None:
    (kernel,) = read("3x3: 1,2,1 2,4,2 1,2,1", "!")
    assert kernel.exact_weights == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert kernel.divisor == 16


def test_convolve_correlates_and_divides_by_the_signed_sum() -> None:
    (kernel,) = read("3x1: 1,2,-5", format_name="imagemagick-convolve")
    assert (kernel.operation, kernel.divisor) == ("correlate", -2)
    (edge,) = read("3x1: 1,0,-1", format_name="imagemagick-convolve")
    assert edge.divisor == 1
    with pytest.raises(KernelError, match="holes"):
        read("3x1: 1,nan,-1", format_name="imagemagick-convolve")


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_read_and_recognised(name: str) -> None:
    assert read(name)
    assert recognise(Source(name.encode())).name == "imagemagick"
    assert read(f"{name}:1")


@pytest.mark.parametrize("name", OTHERS)
def test_names_for_other_methods_are_refused_with_the_reason(name: str) -> None:
    with pytest.raises(KernelError, match="not for convolution"):
        read(name)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no kernel"),
        ("3x3: 1,2,3", 1, "3x3 needs 9"),
        ("1,2,3", 1, "no square"),
        ("3x1: 1,,2", 1, "missing"),
        ("3x1: 1,2,x", 1, "'x' is not a number"),
        ("3x1: 1,2,1/9", 1, "quotient"),
        ("3x1: 1,2,inf", 1, "finite"),
        ("3x1: nan,-,nan", 1, "holes only"),
        ("3x1+3+0: 1,2,3", 1, "lies outside"),
        ("axb: 1,2,3", 1, "no kernel named 'axb'"),
        ("3-1: 1,2,3", 1, "no size"),
        ("3x1@: 1,2,3", 1, "45 degrees"),
        ("2x3>: 1,2,3,4,5,6", 1, "90 degrees"),
        ("1: 1;\n1: 2;\n2: x 1 1 1", 3, "'x' is not a number"),
        ("3:\n1 2 3\n4 5 6\n7 8 y", 4, "'y' is not a number"),
        ("Sobl", 1, "no kernel named 'Sobl'"),
        ("Disk:2.5", 1, "not whole"),
        ("Blur:0x1000", 1, "too large"),
        ("Gaussian:1000x1", 1, "larger than"),
        ("Sobel:abc", 1, "no arguments"),
        ("Ring:2,2", 1, "empty"),
        ("9999x9999: 1", 1, "needs 99980001"),
        (";".join(["Sobel:@"] * 20), 1, "more than 100 kernels"),
    ],
)
def test_faults_have_their_line_and_cause(text: str, line: int, words: str) -> None:
    with pytest.raises(KernelError) as caught:
        read(text)
    assert words in str(caught.value)
    assert caught.value.faults[0].line == line  # type: ignore[attr-defined]


@pytest.mark.parametrize("scale", ["", "1/9", "abc", "1,2,3", ".5+3", "inf"])
def test_a_scale_that_imagemagick_would_misread_is_refused(scale: str) -> None:
    with pytest.raises(KernelError, match="no scale"):
        read(SIGNED, scale)


def test_a_kernel_of_zeros_cannot_be_normalised() -> None:
    with pytest.raises(KernelError, match="zeros"):
        read("3x1: 0,0,0", "!")


@given(text=st.text("0123456789x+-@<>:;,. nanSobel'\n", max_size=40))
def test_any_text_is_a_kernel_or_a_kernel_error(text: str) -> None:
    try:
        kernels = read(text)
    except KernelError:
        return
    assert all(kernel.weights.size for kernel in kernels)


def test_a_kernel_is_written_turned_with_its_origin_and_command() -> None:
    kernel = Kernel([[1, 2], [3, 4]], divisor=2, offset=Fraction(1, 2), origin=(1, 0))
    written = write_kernel(kernel, "imagemagick")
    assert written.data == b"2x2+1+0: 2,1.5  1,0.5\n"
    assert written.command is not None
    assert "-define convolve:bias=50%" in written.command
    assert "-virtual-pixel edge" in written.command
    assert "'2x2+1+0: 2,1.5  1,0.5'" in written.command
    assert "offset 0.5" in written.notes[0]
    mirrored = write_kernel(kernel.replace(border="symmetric", range="abs"), "imagemagick")
    assert mirrored.command is not None
    assert "-virtual-pixel mirror" in mirrored.command
    assert "range abs" in mirrored.notes[-1]
