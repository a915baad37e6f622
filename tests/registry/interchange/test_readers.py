from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convfilter.errors import KernelError, UsageError
from convfilter.registry.interchange.importing import named, read_kernels, recognise
from convfilter.registry.interchange.table import INTERCHANGE, READABLE, Source

GRASS = """TITLE smooth, then edges
# a comment
MATRIX 3
1 1 1
1 2 1
1 1 1
DIVISOR 0
TYPE P

MATRIX 3
 0 -1 0
-1 4 -1  0 -1 0
DIVISOR 2
"""

GRASS_DIVISOR_MATRIX = "MATRIX 3\n1 2 1\n2 4 2\n1 2 1\nDIVISOR\n1 1 1\n1 2 1\n1 1 1\nTYPE P\n"

ASEPRITE = """# matrices
blur 3 1 0 0 { 1 2 1 } auto auto rgba
edge(\\) 3 1 1 0
  { -1 0 1 } auto auto rgb   # zero sum
edge(/) 1 2 0 1 { -1 -2.5 } auto auto rgb
shift 1 1 0 0 {1} 2 -51 rgb
"""

GRID = """0 0 0 0 0
0 0 -1 0 0
0 -1 5 -1 0
0 0 -1 0 0
0 0 0 0 0
"""

GEGL = "gegl:convolution-matrix a2=1 b3=0.5 c3=0 e1=-2 divisor=4 offset=0.25 normalize=false"

SETTINGS = """# settings
(file-version 1)
(GimpGegl-gegl-convolution-matrix-config "mine"
    (time 0)
    (b2 1.000000)
    (c3 2.000000)
    (divisor 7.000000)
    (red yes)
    (normalize yes)
    (border clamp))
(GimpGegl-gegl-convolution-matrix-config "other"
    (c3 -1.000000))
# end of file
"""

Facts = dict[str, Any]

CASES: list[tuple[str, str, list[Facts]]] = [
    ("text", "1 2 3\n4 5 6\n", [{"weights": [[1, 2, 3], [4, 5, 6]], "origin": (0, 1)}]),
    ("text", "# c\n\n1, 1/9\n.5\t1e-3 # d\n",
     [{"weights": [[1, Fraction(1, 9)], [Fraction(1, 2), Fraction(1, 1000)]]}]),
    ("text", "1 2; 3 4", [{"weights": [[1, 2], [3, 4]]}]),
    ("csv", '1,2\n"3",4\n\n', [{"weights": [[1, 2], [3, 4]]}]),
    ("csv", "1;2.5\n3;4\n", [{"weights": [[1, Fraction(5, 2)], [3, 4]]}]),
    ("csv", "1\t2\r\n3\t4\r\n", [{"weights": [[1, 2], [3, 4]]}]),
    ("csv", "7\n", [{"weights": [[7]]}]),
    ("graphicsmagick", "0,1,0,1,2,1,0,1,0",
     [{"weights": [[0, 1, 0], [1, 2, 1], [0, 1, 0]], "divisor": 6}]),
    ("graphicsmagick", "0,-1,0, -1,4,-1 0,-1,0", [{"divisor": 1}]),
    ("libvips", "3 2 9 51\n1 2 3\n4 5 -6.5\n",
     [{"weights": [[1, 2, 3], [4, 5, Fraction(-13, 2)]], "divisor": 9,
       "offset": Fraction(1, 5), "origin": (1, 1), "operation": "correlate"}]),
    ("libvips", "4 1\n1 2 3 4\n", [{"origin": (0, 2), "divisor": 1}]),
    ("rmfilter", GRASS,
     [{"weights": [[1, 1, 1], [1, 2, 1], [1, 1, 1]], "divisor": 10,
       "title": "smooth, then edges"},
      {"weights": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "divisor": 2}]),
    ("rmfilter", GRASS_DIVISOR_MATRIX, [{"divisor": 10}]),
    ("pnmconvol", "1 2 3\n4 5 6\n007 8 9\n", [{"weights": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}]),
    ("pnmconvol", "-matrix=0,.2,0;.2,.2,.2;0,.2,0",
     [{"weights": [[0, Fraction(1, 5), 0], [Fraction(1, 5)] * 3, [0, Fraction(1, 5), 0]]}]),
    ("pnmconvol", "-matrix=1,2,1 -normalize", [{"weights": [[1, 2, 1]], "divisor": 4}]),
    ("pnmconvol", "P2\n3 1\n# half is zero\n18\n10 9 27\n",
     [{"weights": [[Fraction(1, 9), 0, 2]]}]),
    ("pnmconvol", "P2 1 3 18 2 2 2 -nooffset", [{"weights": [[Fraction(1, 9)]] * 3}]),
    ("aseprite", ASEPRITE,
     [{"weights": [[1, 2, 1]], "divisor": 4, "offset": 0, "origin": (0, 0), "name": "blur"},
      {"weights": [[-1, 0, 1]], "divisor": 1, "offset": Fraction(128, 255), "origin": (0, 1)},
      {"weights": [[-1], [Fraction(-5, 2)]], "divisor": Fraction(7, 2), "offset": 1,
       "origin": (1, 0)},
      {"weights": [[1]], "divisor": 2, "offset": Fraction(-1, 5)}]),
    ("gimp", GRID, [{"weights": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "divisor": 1}]),
    ("gimp", GRID.replace("5", "2"), [{"divisor": 2, "offset": 1}]),
    ("gimp", GRID.replace("5", "4"), [{"divisor": 1, "offset": Fraction(1, 2)}]),
    ("gimp", GRID.replace("5", "9"), [{"divisor": 5, "offset": 0}]),
    ("gimp", GRID + "divisor 3\noffset: 0.5\n", [{"divisor": 3, "offset": Fraction(1, 2)}]),
    ("gimp", GRID + "normalize yes\ndivisor 3\n", [{"divisor": 1, "offset": 0}]),
    ("gimp", GRID + "normalize no\n", [{"divisor": 1, "offset": 0}]),
    ("gimp", GEGL,
     [{"weights": [[0, 0, 0, 0, -2], [1, 0, 0, 0, 0], [0, Fraction(1, 2), 0, 0, 0],
                   [0] * 5, [0] * 5],
       "divisor": 4, "offset": Fraction(1, 4), "origin": (2, 2)}]),
    ("gimp", SETTINGS,
     [{"weights": [[1, 0, 0], [0, 2, 0], [0, 0, 0]], "divisor": 3, "offset": 0, "title": "mine"},
      {"weights": [[0, 0, 0], [0, -1, 0], [0, 0, 0]], "divisor": 1, "offset": 1}]),
    ("json", '{"name": "half", "weights": [[1, 2.5, "1/9"]], "divisor": 2, "tags": ["a: b"]}',
     [{"weights": [[1, Fraction(5, 2), Fraction(1, 9)]], "divisor": 2, "name": "half",
       "tags": ("a: b",)}]),
    ("json", '[{"weights": [[1]], "name": "one"},\n {"weights": [[2]], "name": "two"}]',
     [{"name": "one"}, {"name": "two", "weights": [[2]]}]),
    ("json", '[[0, -1], ["1/2", 5]]', [{"weights": [[0, -1], [Fraction(1, 2), 5]]}]),
    ("yaml", "weights: [[1, 1/9]]\noperation: convolve\n",
     [{"weights": [[1, Fraction(1, 9)]], "operation": "convolve"}]),
]  # fmt: skip


@pytest.mark.parametrize(("format_name", "text", "expected"), CASES)
def test_what_each_format_says_is_read(format_name: str, text: str, expected: list[Facts]) -> None:
    kernels = read_kernels(Source(text.encode()), format_name)
    assert len(kernels) == len(expected)
    for kernel, facts in zip(kernels, expected, strict=True):
        for fact, value in facts.items():
            found = kernel.exact_weights if fact == "weights" else getattr(kernel, fact)
            assert found == value, fact


def test_every_readable_format_has_a_case() -> None:
    elsewhere = {"imagemagick", "imagemagick-convolve", "npy"}
    assert {case[0] for case in CASES} | elsewhere == set(READABLE)


@pytest.mark.parametrize(
    ("format_name", "text"),
    [
        (name, text)
        for name, text, _ in CASES
        # A bare matrix is taken for text, whatever it was meant for.
        if name == "text"
        or (name not in ("csv", "graphicsmagick") and not text.startswith(("1 2 3", "0 0 0")))
    ],
)
def test_formats_are_recognised_by_what_they_look_like(format_name: str, text: str) -> None:
    assert recognise(Source(text.encode())).name == format_name


def test_formats_are_recognised_by_suffix() -> None:
    for row in INTERCHANGE.values():
        for suffix in row.suffixes if row.read and row.name != "text" else ():
            assert recognise(Source(b"1 2\n", Path(f"x{suffix}"))) is row
    vips = Source(b"3 1 1 0\n1 2 1\n", Path("x.txt"))
    assert recognise(vips).name == "libvips"


def test_what_fits_two_formats_or_none_is_refused() -> None:
    with pytest.raises(UsageError, match="text and libvips"):
        recognise(Source(b"2 1\n3 4\n"))
    with pytest.raises(UsageError, match="none of the known"):
        recognise(Source(b"hello world"))


def test_npy_files_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "eye.npy", np.eye(3))
    path = tmp_path / "eye.npy"
    (kernel,) = read_kernels(Source(path.read_bytes(), path))
    assert (kernel.name, kernel.weights.tolist()) == ("eye", np.eye(3).tolist())


def test_a_text_without_a_file_has_no_weights_beside_it() -> None:
    for format_name, text in [("yaml", "weights: w.npy\n"), ("json", '{"weights": "w.npy"}')]:
        with pytest.raises(KernelError):
            read_kernels(Source(text.encode()), format_name)


@pytest.mark.parametrize(
    ("format_name", "text", "line", "words"),
    [
        ("text", "", None, "no numbers"),
        ("text", "1 2\n3\n", 2, "1 number, the first one 2"),
        ("text", "1 2\n3 0x4\n", 2, "'0x4' is not a number"),
        ("text", "1 nan\n", 1, "finite"),
        ("text", "1,,2\n", 1, "missing"),
        ("text", "9007199254740993 1\n", 1, "2^53"),
        ("csv", '1,2\n3,"4\n', 2, "not CSV"),
        ("csv", "1,2\n3,\n", 2, "'' is not a number"),
        ("graphicsmagick", "1,2,3,4", 1, "odd size"),
        ("graphicsmagick", "1/9", 1, "quotient"),
        ("libvips", "", 1, "empty"),
        ("libvips", "3\n1 2 3\n", 1, "first line has 1"),
        ("libvips", "3 2 1 0\n1 2 3\n", 2, "says 2"),
        ("libvips", "3 1 1 0\n1 2\n", 2, "says 3"),
        ("libvips", "3 1 0 0\n1 2 3\n", 1, "divisor is 0"),
        ("libvips", "3.5 1 1 0\n1 2 3\n", 1, "whole number"),
        ("libvips", "1 1 1 999999\n1\n", 1, "proportion"),
        ("rmfilter", "TITLE x\n", 1, "no MATRIX"),
        ("rmfilter", "MATRIX 4\n1 2 3 4\n", 1, "even"),
        ("rmfilter", "MATRIX 3\n1 2 3\n", 1, "ends after 3 of 9"),
        ("rmfilter", "MATRIX 3\n1 2 3 4 5 6 7 8 9 10\n", 2, "more than 9"),
        ("rmfilter", "MATRIX 3\n1 2 3 4 5 6 7 8 9\nTYPE S\n", 3, "sequential"),
        ("rmfilter", "MATRIX 3\n1 2 3 4 5 6 7 8 9\nDIVISR 3\n", 3, "stands here"),
        ("rmfilter", "MATRIX 3\n1 2 3 4 5 6 7 8 9\nDIVISOR 3\nDIVISOR 4\n", 4, "twice"),
        ("rmfilter", "MATRIX 3\n0 0 0 0 0 0 0 0 0\nDIVISOR 0\n", 1, "divisor is 0"),
        ("rmfilter", "MATRIX 99999\n1\n", 1, "more than"),
        ("pnmconvol", "1 2\n3 4\n", 1, "even side"),
        ("pnmconvol", "P2 3 1 18 1 2", 1, "needs 3"),
        ("pnmconvol", "P2 3", 1, "ends before"),
        ("pnmconvol", "-matrix=1,0,-1 -normalize", 1, "sum to 0"),
        ("aseprite", "", 1, "lists no matrix"),
        ("aseprite", "a 1 1 0 0 { 1 } 1", 1, "ends before its bias"),
        ("aseprite", "a 1 1 0 0 1 } 1 0 rgba", 1, "where { is expected"),
        ("aseprite", "a 2 1 0 0 { 1 } 1 0 rgba", 1, "'}' is not a number"),
        ("aseprite", "a 1 1 1 0 { 1 } 1 0 rgba", 1, "lies outside"),
        ("aseprite", "a 1 1 0 0 { 1 } 1 0 xyz", 1, "letters rgba"),
        ("aseprite", "a 99 1 0 0 { 1 } 1 0 rgb", 1, "longer than"),
        ("gimp", "1 2 3\n4 5 6\n7 8 9\n", 1, "has 25"),
        ("gimp", GRID + "offset 128\n", 1, "beyond full scale"),
        ("gimp", "gegl:convolution-matrix a9=1", 1, "no such property"),
        ("gimp", "gegl:convolution-matrix a1=1\na1=2", 2, "twice"),
        ("gimp", "gegl:convolution-matrix a1=x", 1, "'x' is not a number"),
        ("gimp", "gegl:convolution-matrix a1=1 red=false", 1, "channel is left out"),
        ("gimp", "gegl:convolution-matrix a1=1 normalize=perhaps", 1, "neither true nor"),
        ("gimp", "gegl:convolution-matrix\na1=1\n!", 3, "no property"),
        ("json", '{"weights": [[1]]', 1, "not JSON"),
        ("json", "[[1, 2], [3]]", 1, "the row has 1 number"),
        ("json", '{"weights": [[NaN]]}', None, "finite"),
        ("json", '{"weights": [[1]],\n"weights": [[2]]}', 2, "twice"),
        ("json", '{"weights": [[1]],\n"divisr": 2}', 2, "no such key"),
        ("json", '{"title": "x"}', 1, "missing"),
        ("json", '{"weights": [[1]], "divisor": 0}', 1, "divisor is 0"),
        ("json", "[" * 100_000, None, "deep"),
        ("json", "[1]", 1, "expected an object"),
        ("yaml", "weights: [[x]]\n", 1, "not a number"),
    ],
)
def test_faults_have_their_line_and_cause(
    format_name: str, text: str, line: int | None, words: str
) -> None:
    with pytest.raises(KernelError) as caught:
        read_kernels(Source(text.encode()), format_name)
    assert words in str(caught.value)
    assert caught.value.faults[0].line == line  # type: ignore[attr-defined]


@pytest.mark.parametrize("format_name", READABLE)
@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00", b"\x00" * 100, b"(" * 50_000, b"1 " * 300_000, b"{" * 50_000,
        b"a1=1 " * 50_000, b"x" * (1024 * 1024 + 1), b";" * 500_000, b'"' * 99_999,
    ],
    ids=lambda data: repr(data[:6]),
)  # fmt: skip
def test_hostile_bytes_are_refused(format_name: str, data: bytes) -> None:
    with pytest.raises(KernelError):
        read_kernels(Source(data), format_name)


@pytest.mark.parametrize("format_name", READABLE)
@given(text=st.text(st.sampled_from("0123456789.-+/ ,;:=(){}[]\"'#\nabcdeMATRIXPgl"), max_size=60))
@example(text="[]")
def test_any_text_is_kernels_or_a_kernel_error(format_name: str, text: str) -> None:
    try:
        kernels = read_kernels(Source(text.encode()), format_name)
    except KernelError:
        return
    assert kernels


def test_a_scale_goes_with_imagemagick_only() -> None:
    with pytest.raises(UsageError, match="--scale"):
        read_kernels(Source(b"1 2\n", scale="!"), "text")


def test_names_are_cleaned_and_numbered() -> None:
    kernels = read_kernels(Source(ASEPRITE.encode()), "aseprite")
    assert [k.name for k in named(kernels)] == ["blur", "edge-1", "edge-2", "shift"]
    assert [k.name for k in named(kernels[:2], "mine")] == ["mine-1", "mine-2"]
    assert [k.name for k in named(kernels[:1], "mine")] == ["mine"]
    with pytest.raises(UsageError, match="no kernel name"):
        named(kernels, "Ä")
