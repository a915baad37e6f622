"""What is exported runs in other tools and gives our result; what is imported gives theirs.

Skipped where a tool is missing, except in continuous integration, which installs them.
"""

import os
import random
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convfilter.engine.convolve import convolve
from convfilter.kernel import Kernel
from convfilter.named import OPERATIONS
from convfilter.registry.interchange.exporting import write_kernel
from convfilter.registry.interchange.imagemagick import BORDERS
from convfilter.registry.interchange.importing import read_kernels
from convfilter.registry.interchange.table import Source

Array = NDArray[Any]

PACKAGES = {
    "convert": "imagemagick",
    "gm": "graphicsmagick",
    "vips": "libvips-tools",
    "pnmconvol": "netpbm",
}

MARGIN = 9
"""Pixels that are left out all around: tools differ in what lies outside the picture."""

SIZE = (45, 57)


@cache
def find(name: str) -> str | None:
    """Return the path of a program, or None; another program may be called convert, too."""
    path = shutil.which(name)
    if path and name == "convert":
        told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
        return path if "ImageMagick" in told.stdout else None
    return path


def tool(name: str) -> str:
    """Return the path of a program; skip without it, but fail in continuous integration."""
    path = find(name)
    if path is None:
        reason = f"{name} is not installed: apt-get install {PACKAGES[name]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def picture(dtype: str, kernel: Kernel | None = None) -> Array:
    """Return noise, darkened until a kernel's results are not all white."""
    gain = 1.0
    if kernel is not None:
        gain = max(1.0, float(np.abs(kernel.weights).sum()) / abs(float(kernel.divisor)) / 2)
    top = int(np.iinfo(dtype).max / gain)
    return np.random.default_rng(1).integers(0, top + 1, SIZE).astype(dtype)


def run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def read_gray(path: Path) -> NDArray[np.int64]:
    with Image.open(path) as image:
        assert image.mode in ("L", "I", "I;16")
        return np.asarray(image).astype(np.int64)


def difference(theirs: Array, ours: Array) -> int:
    """Return the largest difference away from the border, in levels."""
    inner = (slice(MARGIN, -MARGIN),) * 2
    assert np.unique(ours[inner]).size > 5, "a picture that is all white or black proves nothing"
    return int(np.abs(theirs.astype(np.int64) - ours.astype(np.int64))[inner].max())


def run_exported(kernel: Kernel, format_name: str, array: Array, folder: Path) -> Array:
    """Filter a picture with the very command that an export tells."""
    written = write_kernel(kernel, format_name, "kernel.mat")
    assert written.command
    program, *arguments = shlex.split(written.command)
    depth = 8 * array.itemsize
    if program != "vips":
        # A PNG would be written with as few bits as its values need.
        arguments[-1:] = ["-depth", str(depth), f"pgm:{arguments[-1]}"]
    Image.fromarray(array).save(folder / "in.png")
    (folder / "kernel.mat").write_bytes(written.data)
    run([tool(program), *arguments], folder)
    return read_gray(folder / "out.png")


def kernels(seed: int, divisors: Sequence[int | Fraction | None]) -> list[Kernel]:
    """Make asymmetric kernels of odd and even sizes with any origin; None is the sum."""
    chance = random.Random(seed)  # noqa: S311
    made = []
    for number, divisor in enumerate(divisors):
        rows, columns = chance.randint(1, 6), chance.randint(2, 6)
        weights = [[chance.randint(-3, 7) for _ in range(columns)] for _ in range(rows)]
        weights[0][0] += 1 + abs(min(0, sum(map(sum, weights))))
        if divisor is not None and divisor < 0:
            weights = [[-weight for weight in row] for row in weights]
        made.append(
            Kernel(
                weights,
                divisor=sum(map(sum, weights)) if divisor is None else divisor,
                origin=(chance.randrange(rows), chance.randrange(columns)),
                operation=list(OPERATIONS)[number % 2],
            )
        )
    return made


@pytest.mark.parametrize("kernel", kernels(1, [1, 1, -1, 1]), ids=repr)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_imagemagick_gives_our_integers_exactly(kernel: Kernel, dtype: str, tmp_path: Path) -> None:
    array = picture(dtype, kernel)
    theirs = run_exported(kernel, "imagemagick", array, tmp_path)
    assert difference(theirs, convolve(array, kernel)) == 0


@pytest.mark.parametrize("border", BORDERS)
def test_imagemagick_lays_the_borders_that_it_has_as_we_do(border: str, tmp_path: Path) -> None:
    kernel = Kernel([[1, 2, -1, 3], [0, 1, 2, -2]], origin=(0, 3), border=border)
    array = picture("uint8", kernel)
    theirs = run_exported(kernel, "imagemagick", array, tmp_path)
    assert np.array_equal(theirs, convolve(array, kernel))


@pytest.mark.parametrize("kernel", kernels(2, [None, 2, 4, 9, 25, None, 64]), ids=repr)
def test_imagemagick_divides_as_we_do_at_its_own_depth(kernel: Kernel, tmp_path: Path) -> None:
    array = picture("uint16", kernel)
    theirs = run_exported(kernel, "imagemagick", array, tmp_path)
    assert difference(theirs, convolve(array, kernel)) <= (kernel.divisor % 2 == 0)


@pytest.mark.parametrize("kernel", kernels(3, [2, 9, None, Fraction(5, 2), None]), ids=repr)
@pytest.mark.parametrize("offset", [0, Fraction(1, 2), Fraction(1, 5)])
def test_imagemagick_agrees_within_a_level(
    kernel: Kernel, offset: Fraction, tmp_path: Path
) -> None:
    array = picture("uint8", kernel)
    shifted = kernel.replace(offset=offset)
    theirs = run_exported(shifted, "imagemagick", array, tmp_path)
    assert difference(theirs, convolve(array, shifted)) <= 1


@pytest.mark.parametrize(
    "kernel", kernels(4, [1, 2, 6, 9, None, -3, Fraction(5, 2), None]), ids=repr
)
def test_libvips_gives_our_integers_exactly(kernel: Kernel, tmp_path: Path) -> None:
    array = picture("uint8", kernel)
    theirs = run_exported(kernel, "libvips", array, tmp_path)
    assert difference(theirs, convolve(array, kernel)) == 0


@pytest.mark.parametrize("kernel", kernels(5, [2, None, Fraction(5, 2), None]), ids=repr)
@pytest.mark.parametrize("offset", [0, Fraction(1, 2), Fraction(1, 5)])
def test_libvips_agrees_within_a_level(kernel: Kernel, offset: Fraction, tmp_path: Path) -> None:
    array = picture("uint8", kernel)
    floats = kernel.replace(weights=kernel.weights + 0.1 / 3, offset=offset)
    for tried in (floats, kernel.replace(offset=offset)):
        theirs = run_exported(tried, "libvips", array, tmp_path)
        assert difference(theirs, convolve(array, tried)) <= 1


@pytest.mark.parametrize("kernel", kernels(6, [None] * 5), ids=repr)
def test_graphicsmagick_agrees_within_a_level(kernel: Kernel, tmp_path: Path) -> None:
    for array in (picture("uint8", kernel), picture("uint16", kernel)):
        theirs = run_exported(kernel, "graphicsmagick", array, tmp_path)
        assert difference(theirs, convolve(array, kernel)) <= 1


def test_graphicsmagick_gives_our_integers_exactly(tmp_path: Path) -> None:
    array = picture("uint8") // 2
    kernel = Kernel([[1, 2, 3], [-1, -4, 0]], origin=(1, 0), operation="convolve")
    theirs = run_exported(kernel, "graphicsmagick", array, tmp_path)
    assert difference(theirs, convolve(array, kernel)) == 0


NAMES = """
Unity:-1.5 Gaussian Gaussian:0x1 Gaussian:2x1 Gaussian:0,0.5 Gaussian:3 DoG:2,1,1.6 DoG:0,0.5,1
DoG:0,2,1 DoG:0,0,1 LoG:0x1 LoG:2x0.7 LoG:0x0 Blur Blur:0x1 Blur:2x1 Blur:0x3.7 Blur:0x0.3
Blur:2x1+90 Blur:2x1+180 Blur:2x1-90 Blur:0x1> Comet Comet:0x1 Comet:4x2+90 Comet:4x2+180
Comet:4x2-90 Comet:3x1> Comet:3x1< Comet:1x1 Binomial Binomial:3 Laplacian:0 Laplacian:1
Laplacian:2 Laplacian:3 Laplacian:4 Laplacian:5 Laplacian:7 Laplacian:15 Laplacian:19 Sobel:@
Sobel:> Sobel:< Sobel:22.5 Sobel:30 Sobel:68 Sobel:-45 Sobel:300 Roberts:@ Prewitt:@ Compass:@
Kirsch:@ FreiChen FreiChen:1 FreiChen:2 FreiChen:3 FreiChen:10 FreiChen:45 FreiChen:11,90
FreiChen:@ Disk Disk:2,3 Disk:0.3 Disk:4 Disk:7,.5 Disk:@ Square Square:3,.5 Diamond Diamond:3,2
Octagon Octagon:1 Octagon:4,2 Plus Plus:3,2 Cross Cross:3,-1 Ring Ring:1,2 Ring:2,1 Ring:1,3,4
Rectangle Rectangle:3x2+0+1 Rectangle:3 Rectangle:2x2+1+1>
"""

PRINTED = [
    *NAMES.split(),
    "3x3: 1,2,3,-4,5,6,7,8,-9",
    "2: 1,2,3,4",
    "2x3+1+0: 1,2,3,4,5,6",
    "3x1+0+0>: 1,2,3",
    "1x3<: 1,2,3",
    "3x3+0+1@: 1,2,3,4,5,6,7,8,9",
    "3x3+2+0<: 1,2,3,4,5,6,7,8,9",
    "2x2+1+0>: 1,2,3,4",
    "3: - nan -1, 1 -1 .5 -.5 1e1 +3",
    "1: 2 ; 2: 1,2,3,4;;Unity:3",
    "'1,2,3,4,5,6,7,8,9'",
]

SCALES = [
    "!", "^", "2", "50%!", "50!%", "2!,3", "50%,100", "-1", ",3", "!^", "2x3", "0", "2^,50%",
    "-2!", "1e-1", "-50%", "0,1",
]  # fmt: skip

SCALED = [
    "3x3: 1,2,3,-4,5,6,7,8,-9",
    "3: 0,-1,0 -1,4,-1 0,-1,0",
    "2: 1,nan,-1 -1",
    "2: nan,1,-1 -1",
    "Comet:0x2",
    "Sobel:>",
]


def printed_kernels(text: str, scale: str | None) -> list[tuple[tuple[int, int], Array]]:
    """Return origin and weights of the kernels that ImageMagick makes of a string."""
    defines = ["-define", "morphology:showkernel=1"]
    if scale is not None:
        defines += ["-define", f"convolve:scale={scale}"]
    command = [tool("convert"), "-precision", "17", "xc:", *defines]
    done = subprocess.run(
        [*command, "-morphology", "Convolve:0", text, "null:"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = []
    for block in re.split(r"(?m)^Kernel", done.stderr)[1:]:
        size = re.search(r"of size \d+x\d+\+(\d+)\+(\d+)", block)
        assert size
        rows = [line.split() for line in re.findall(r"(?m)^ *\d+:(.*)$", block)]
        weights = [[0.0 if "nan" in word else float(word) for word in row] for row in rows]
        found.append(((int(size[2]), int(size[1])), np.array(weights)))
    return found


@pytest.mark.parametrize(
    ("text", "scale"),
    [(text, None) for text in PRINTED] + [(text, scale) for text in SCALED for scale in SCALES],
)
def test_imported_strings_are_the_kernels_that_imagemagick_makes(
    text: str, scale: str | None
) -> None:
    ours = read_kernels(Source(text.encode(), scale=scale), "imagemagick")
    theirs = printed_kernels(text, scale)
    assert [kernel.origin for kernel in ours] == [origin for origin, _ in theirs]
    for kernel, (_, weights) in zip(ours, theirs, strict=True):
        divided = kernel.weights.astype(float) / float(kernel.divisor)
        np.testing.assert_allclose(divided, weights, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("option", "format_name", "text", "scale"),
    [
        ("-morphology Convolve", "imagemagick", "4x3+3+0: 1,0,2,0 3,-1,0,1 0,1,1,-2", None),
        ("-morphology Convolve", "imagemagick", "3x2+0+1: 1,nan,2 -,-1,4", "!"),
        ("-morphology Convolve", "imagemagick", "Comet:0x2+90", None),
        ("-morphology Convolve", "imagemagick", "Blur:0x1;Blur:0x1+90", None),
        ("-convolve", "imagemagick-convolve", "3x3: 1,2,3 4,5,-6 7,8,9", None),
        ("-convolve", "imagemagick-convolve", "2x2: 1,2,-3,4", None),
        ("-convolve", "imagemagick-convolve", "Sobel", None),
    ],
)
def test_imported_strings_filter_as_imagemagick_does(
    option: str, format_name: str, text: str, scale: str | None, tmp_path: Path
) -> None:
    array = picture("uint16")
    Image.fromarray(array).save(tmp_path / "in.png")
    define = ["-define", f"convolve:scale={scale}"] if scale else []
    command = [tool("convert"), "in.png", *define, *option.split(), text, "-depth", "16"]
    run([*command, "pgm:out.png"], tmp_path)
    ours = array
    for kernel in read_kernels(Source(text.encode(), scale=scale), format_name):
        ours = convolve(ours, kernel)
    assert difference(read_gray(tmp_path / "out.png"), ours) <= 1


def test_imported_lists_of_graphicsmagick_filter_as_it_does(tmp_path: Path) -> None:
    text = "1,2,3,4,5,-6,7,8,9"
    array = picture("uint16")
    Image.fromarray(array).save(tmp_path / "in.png")
    run([tool("gm"), "convert", "in.png", "-convolve", text, "out.png"], tmp_path)
    (kernel,) = read_kernels(Source(text.encode()), "graphicsmagick")
    assert difference(read_gray(tmp_path / "out.png"), convolve(array, kernel)) <= 1


@pytest.mark.parametrize("text", ["4 3 7 0\n1 2 3 -1\n0 1 0 2\n1 1 1 -3\n", "2 2 1 0\n1 0\n0 -1\n"])
def test_imported_matrix_files_filter_as_libvips_does(text: str, tmp_path: Path) -> None:
    array = picture("uint8")
    Image.fromarray(array).save(tmp_path / "in.png")
    (tmp_path / "kernel.mat").write_text(text)
    command = [tool("vips"), "conv", "in.png", "out.png", "kernel.mat", "--vips-novector"]
    run([*command, "--precision", "integer"], tmp_path)
    (kernel,) = read_kernels(Source(text.encode()), "libvips")
    assert difference(read_gray(tmp_path / "out.png"), convolve(array, kernel)) == 0


@pytest.mark.parametrize(
    "text", ["1 2 3\n4 5 6\n7 -8 9\n", "-matrix=.5,-.25,0.5", "P2\n3 1\n18\n10 9 18\n"]
)
def test_imported_matrices_filter_as_pnmconvol_does(text: str, tmp_path: Path) -> None:
    array = picture("uint8") // 32
    Image.fromarray(array).save(tmp_path / "in.pgm")
    (tmp_path / "matrix").write_text(text)
    given = [text] if text[0] == "-" else ["matrix"] if text[0] == "P" else ["-matrixfile=matrix"]
    done = subprocess.run(
        [tool("pnmconvol"), *given, "in.pgm"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    (tmp_path / "out.pgm").write_bytes(done.stdout)
    (kernel,) = read_kernels(Source(text.encode()), "pnmconvol")
    assert difference(read_gray(tmp_path / "out.pgm"), convolve(array, kernel)) <= 1
