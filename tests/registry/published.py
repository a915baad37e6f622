"""The weights and divisors of all built-in kernels a second time, from their sources.

Written from the publications and not from the files, and in another form where there is one:
products of vectors, masks turned step by step, sums of simpler kernels, mirrored quarters.
"""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

Matrix = Sequence[Sequence[float]]

PIXEL = np.diag([0, 1, 0])
CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
CORNERS = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1]])
NEIGHBOURS = CROSS + CORNERS
DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
LAWS = {
    "l5": np.convolve([1, 2, 1], [1, 2, 1]),
    "e5": np.convolve([1, 2, 1], [-1, 0, 1]),
    "s5": np.convolve([-1, 0, 1], [1, 0, -1]),
    "w5": np.convolve([-1, 0, 1], [1, -2, 1]),
    "r5": np.convolve([1, -2, 1], [1, -2, 1]),
}


def pascal(row: int) -> list[int]:
    """Return a row of Pascal's triangle."""
    return [math.comb(row, place) for place in range(row + 1)]


def squared(row: Sequence[int]) -> Matrix:
    """Return the product of a vector with itself."""
    return np.outer(row, row).tolist()


def mirrored(quarter: Sequence[Sequence[int]]) -> Matrix:
    """Unfold the top left quarter, with its last row and column on the axes."""
    half = [[*row, *row[-2::-1]] for row in quarter]
    return [*half, *half[-2::-1]]


def shells(*values: int) -> Matrix:
    """Return square rings of these values, the outermost first."""
    side = 2 * len(values) - 1
    place = range(side)
    return [[values[min(y, x, side - 1 - y, side - 1 - x)] for x in place] for y in place]


def rim(*values: int, centre: int = 0) -> Matrix:
    """Return a 3 × 3 matrix from its rim, clockwise from the top left."""
    a, b, c, d, e, f, g, h = values
    return [[a, b, c], [h, centre, d], [g, f, e]]


def turned(stem: str, *north: int, centre: int = 0) -> Iterator[tuple[str, tuple[Matrix, int]]]:
    """Yield eight masks: the rim rolls on by one cell for every 45 degrees clockwise."""
    for steps, direction in enumerate(DIRECTIONS):
        rolled = np.roll(north, steps).tolist()
        yield f"{stem}-{direction}", (rim(*rolled, centre=centre), 1)


def gradients(
    stem: str, across: Sequence[int], smooth: Sequence[int], divisor: int = 1
) -> Iterator[tuple[str, tuple[Matrix, int]]]:
    """Yield a difference along each axis, smoothed along the other."""
    yield f"{stem}-x", (np.outer(smooth, across).tolist(), divisor)
    yield f"{stem}-y", (np.outer(across, smooth).tolist(), divisor)


SMOOTHING = {
    "identity": ([[1]], 1),
    **{f"blur{side}": (squared([1] * side), side**2) for side in (3, 5, 7, 9)},
    "blur-h": ([[1] * 5], 5),
    "blur-v": ([[1]] * 5, 5),
    "blur-diagonal": (np.diag([1] * 5), 5),
    "blur-anti-diagonal": (np.fliplr(np.diag([1] * 5)), 5),
    "blur-cross": (PIXEL + CROSS, 5),
    "blur-round5": (mirrored([[0, 1, 1], [1, 1, 1], [1, 1, 1]]), 21),
    "diagonal": ([[0, 0, 1], [0, 1, 0], [1, 0, 0]], 3),
    **{f"gaussian{side}": (squared(pascal(side - 1)), 4 ** (side - 1)) for side in (3, 5, 7)},
    "gaussian5-273": (mirrored([[1, 4, 7], [4, 16, 26], [7, 26, 41]]), 273),
    "gaussian5-159": (mirrored([[2, 4, 5], [4, 9, 12], [5, 12, 15]]), 159),
    "pyramid": (squared([1, 2, 3, 2, 1]), 81),
    "triangle": (squared(np.convolve([1, 1, 1], [1, 1, 1]).tolist()), 81),
    "cone": (mirrored([[0, 0, 1], [0, 2, 2], [1, 2, 5]]), 25),
    "smooth": (NEIGHBOURS + 5 * PIXEL, 13),
    "smooth-more": (shells(1, 5, 44), 100),
    "smooth5": (shells(1, 4, 12), 60),
    "low-pass": (NEIGHBOURS + 2 * PIXEL, 10),
    "ring5": (shells(1, 0, 0), 16),
}

MOTION = {
    "motion-h": ([[1] * 9], 9),
    "motion-v": ([[1]] * 9, 9),
    "motion-diagonal": (np.diag([1] * 9), 9),
    "motion-anti-diagonal": (np.fliplr(np.diag([1] * 9)), 9),
}

LAPLACIAN4, LAPLACIAN8 = 4 * PIXEL - CROSS, 8 * PIXEL - NEIGHBOURS
MIXED = np.outer([1, -2, 1], [1, -2, 1])
LOG5 = np.array(mirrored([[0, 0, -1], [0, -1, -2], [-1, -2, 16]]))

SHARPENING = {
    "sharpen": (PIXEL + LAPLACIAN4, 1),
    "sharpen8": (PIXEL + LAPLACIAN8, 1),
    "sharpen-soft": (16 * PIXEL + 2 * LAPLACIAN8, 16),
    "sharpen-mild": (4 * PIXEL + LAPLACIAN4, 4),
    "sharpen-mild8": (4 * PIXEL + LAPLACIAN8, 4),
    "sharpen5": (mirrored([[-1, -3, -4], [-3, 0, 6], [-4, 6, 21]]), 1),
    "sharpen-log5": (LOG5 + np.diag([0, 0, 1, 0, 0]), 1),
    "sharpen-corners": (PIXEL + MIXED, 1),
    "detail": (6 * PIXEL + LAPLACIAN4, 6),
    "edge-enhance": (2 * PIXEL + LAPLACIAN8, 2),
    "edge-enhance-more": (rim(*[-1] * 8, centre=9), 1),
    "unsharp5": (2 * 256 * np.diag([0, 0, 1, 0, 0]) - squared(pascal(4)), 256),
    "point-spread": (352 * CROSS - 627 * CORNERS + 2923 * PIXEL, 1823),
    "high-pass3": (9 * PIXEL - squared([1] * 3), 9),
    "high-pass5": (25 * np.diag([0, 0, 1, 0, 0]) - squared([1] * 5), 25),
}

FARID_P = [Fraction(f"0.{digits}") for digits in ("0376593171958126", "249153396177344")]
FARID_P = [*FARID_P, Fraction("0.426374573253687"), *FARID_P[::-1]]
FARID_D = [Fraction(f"0.{digits}") for digits in ("109603762960254", "276690988455557")]
FARID_D = [*(-value for value in FARID_D), Fraction(0), *FARID_D[::-1]]
FARID = np.array([[float(smooth * change) for change in FARID_D] for smooth in FARID_P])

EDGES = {
    "edge": (LAPLACIAN8, 1),
    "laplacian8": (9 * PIXEL - squared([1] * 3), 1),
    "find-edges": (rim(*[-1] * 8, centre=8), 1),
    "outline": (shells(-1, 8), 1),
    "laplacian4": (LAPLACIAN4, 1),
    "laplacian8-separable": (rim(-2, 1, -2, 1, -2, 1, -2, 1, centre=4), 1),
    "laplacian-isotropic": (20 * PIXEL - 4 * CROSS - CORNERS, 6),
    "laplacian5": (mirrored([[-4, -1, 0], [-1, 2, 3], [0, 3, 4]]), 1),
    "laplacian7": (
        mirrored([[-10, -5, -2, -1], [-5, 0, 3, 4], [-2, 3, 6, 7], [-1, 4, 7, 8]]),
        16,
    ),
    **dict(gradients("sobel", [-1, 0, 1], [1, 2, 1])),
    **dict(gradients("sobel5", np.convolve([-1, 0, 1], [1, 2, 1]).tolist(), pascal(4))),
    **dict(gradients("prewitt", [-1, 0, 1], [1, 1, 1])),
    **dict(gradients("scharr", [-1, 0, 1], [3, 10, 3])),
    "roberts-1": ([[1, 0], [0, -1]], 1),
    "roberts-2": ([[0, 1], [-1, 0]], 1),
    "farid5-x": (FARID, 1),
    "farid5-y": (FARID.T, 1),
    "gradient-diagonal": (rim(-2, -1, 0, 1, 2, 1, 0, -1), 1),
    "gradient-anti-diagonal": (rim(0, 1, 2, 1, 0, -1, -2, -1), 1),
}

DIFFERENCES = {
    **dict(gradients("difference", [-1, 1], [1])),
    **dict(gradients("backward-difference", [-1, 1], [1])),
    **dict(gradients("central-difference", [-1, 0, 1], [1], 2)),
    **dict(gradients("second-difference", np.convolve([-1, 1], [-1, 1]).tolist(), [1])),
    "mixed-difference": (np.outer([-1, 0, 1], [-1, 0, 1]), 4),
}

COMPASS = {
    **dict(turned("kirsch", 5, 5, 5, -3, -3, -3, -3, -3)),
    **dict(turned("robinson", 1, 2, 1, 0, -1, -2, -1, 0)),
    **dict(turned("prewitt-compass", 1, 1, 1, 1, -1, -1, -1, 1, centre=-2)),
}

SHORT, HALF = math.sqrt(1 / 8), 1 / 2
"""1/(2√2) and √2/(2√2), the two weights of the first four masks of Frei and Chen."""

FREI_CHEN = {
    "frei-chen-1": ([[SHORT, HALF, SHORT], [0, 0, 0], [-SHORT, -HALF, -SHORT]], 1),
    "frei-chen-2": ([[-SHORT, 0, SHORT], [-HALF, 0, HALF], [-SHORT, 0, SHORT]], 1),
    "frei-chen-3": ([[0, -SHORT, HALF], [SHORT, 0, -SHORT], [-HALF, SHORT, 0]], 1),
    "frei-chen-4": ([[HALF, -SHORT, 0], [-SHORT, 0, SHORT], [0, SHORT, -HALF]], 1),
    "frei-chen-5": (rim(0, 1, 0, -1, 0, 1, 0, -1), 2),
    "frei-chen-6": (rim(-1, 0, 1, 0, -1, 0, 1, 0), 2),
    "frei-chen-7": (MIXED, 6),
    "frei-chen-8": (4 * PIXEL + CROSS - 2 * CORNERS, 6),
    "frei-chen-9": (squared([1] * 3), 3),
}

LINES = {
    "line-h": (np.outer([-1, 2, -1], [1, 1, 1]), 1),
    "line-v": (np.outer([1, 1, 1], [-1, 2, -1]), 1),
    "line-diagonal": (3 * np.diag([1, 1, 1]) - squared([1] * 3), 1),
    "line-anti-diagonal": (3 * np.fliplr(np.diag([1, 1, 1])) - squared([1] * 3), 1),
}

POINTS_AND_CORNERS = {"point": (LAPLACIAN8, 1), "corners": (MIXED, 1)}


def laws_divisor(*vectors: str) -> int:
    """Return what makes each L5 of a product a mean."""
    return math.prod(16 for vector in vectors if vector == "l5")


LAWS_PRODUCTS = {
    f"laws-{down}{across}": (np.outer(LAWS[down], LAWS[across]), laws_divisor(down, across))
    for down, across in product(LAWS, repeat=2)
}

SCALE_SPACE = {
    "log5": (LOG5, 1),
    "log9": (
        -np.array(
            mirrored(
                [
                    [0, 1, 1, 2, 2],
                    [1, 2, 4, 5, 5],
                    [1, 4, 5, 3, 0],
                    [2, 5, 3, -12, -24],
                    [2, 5, 0, -24, -40],
                ]
            )
        ),
        16,
    ),
}

ART = {
    "emboss": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1),
    **dict(turned("emboss", -1, -2, -1, 0, 1, 2, 1, 0, centre=1)),
    **dict(turned("relief", -1, -2, -1, 0, 1, 2, 1, 0)),
    "emboss-pillow": (rim(0, 0, 0, 0, 0, 0, -1, 0, centre=1), 1),
    "contour": (LAPLACIAN8, 1),
    "texturize": (CROSS - CORNERS + PIXEL, 1),
}

FAMILIES: dict[str, dict[str, tuple[Any, int]]] = {
    "smoothing": SMOOTHING,
    "motion": MOTION,
    "sharpening": SHARPENING,
    "edges": EDGES,
    "edges/differences": DIFFERENCES,
    "edges/compass": COMPASS,
    "frei-chen": FREI_CHEN,
    "lines": LINES,
    "points-and-corners": POINTS_AND_CORNERS,
    "laws": LAWS_PRODUCTS,
    "scale-space": SCALE_SPACE,
    "art": ART,
}
"""The folder of each kernel, its matrix and its divisor."""

PUBLISHED = {name: entry for family in FAMILIES.values() for name, entry in family.items()}
"""Every built-in kernel by name."""
