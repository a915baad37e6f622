"""The named kernels of ImageMagick: those for convolution, and why the others are refused.

Each was compared with what ``-define morphology:showkernel=1`` of ImageMagick 6.9 prints.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product

from convfilter.frozen import frozen
from convfilter.number import Number, simplify
from convfilter.registry.fault import Fault
from convfilter.registry.interchange.imagemagick_cells import EPSILON, Cell, Cells, Scale

LARGEST_RADIUS = 150
"""Beyond it a kernel would have more cells than a kernel file may hold."""


@frozen
class Arguments:
    """What stands behind the colon: up to four numbers, None where one is left out."""

    rho: Number | None = None
    sigma: Number | None = None
    xi: Number | None = None
    psi: Number | None = None

    def radius(self, default: int, smallest: float = 1) -> int:
        """Return rho as a radius; ImageMagick's own default if it is left out or small."""
        value = self.rho or 0
        if value < smallest:
            return default
        return whole(value, "radius")


def whole(value: Number, what: str) -> int:
    """Return a whole number.

    Raises
    ------
    Fault
        For a fraction, with which ImageMagick reads beyond its own memory, or a huge one.
    """
    if not isinstance(value, int):
        cause = f"the {what} {float(value):g} is not whole"
        raise Fault(None, "", cause, "ImageMagick's result is then undefined")
    if value > LARGEST_RADIUS:
        raise Fault(None, "", f"the {what} is larger than {LARGEST_RADIUS}")
    return value


def _literal(kind: str, *rows: str) -> Cells:
    cells = tuple(tuple(int(word) for word in row.split()) for row in rows)
    return Cells(cells, (len(rows) // 2, len(cells[0]) // 2), kind)


LAPLACIANS = {
    0: ("-1 -1 -1", "-1 8 -1", "-1 -1 -1"),
    1: ("0 -1 0", "-1 4 -1", "0 -1 0"),
    2: ("-2 1 -2", "1 4 1", "-2 1 -2"),
    3: ("1 -2 1", "-2 4 -2", "1 -2 1"),
    5: ("-4 -1 0 -1 -4", "-1 2 3 2 -1", "0 3 4 3 0", "-1 2 3 2 -1", "-4 -1 0 -1 -4"),
    7: (
        "-10 -5 -2 -1 -2 -5 -10", "-5 0 3 4 3 0 -5", "-2 3 6 7 6 3 -2", "-1 4 7 8 7 4 -1",
        "-2 3 6 7 6 3 -2", "-5 0 3 4 3 0 -5", "-10 -5 -2 -1 -2 -5 -10",
    ),
    15: ("0 0 -1 0 0", "0 -1 -2 -1 0", "-1 -2 16 -2 -1", "0 -1 -2 -1 0", "0 0 -1 0 0"),
    19: (
        "0 -1 -1 -2 -2 -2 -1 -1 0", "-1 -2 -4 -5 -5 -5 -4 -2 -1", "-1 -4 -5 -3 0 -3 -5 -4 -1",
        "-2 -5 -3 12 24 12 -3 -5 -2", "-2 -5 0 24 40 24 0 -5 -2", "-2 -5 -3 12 24 12 -3 -5 -2",
        "-1 -4 -5 -3 0 -3 -5 -4 -1", "-1 -2 -4 -5 -5 -5 -4 -2 -1", "0 -1 -1 -2 -2 -2 -1 -1 0",
    ),
}  # fmt: skip
"""The Laplacians by number; any other number means number 0."""

COMPASSES = {
    "sobel": ("1 0 -1", "2 0 -2", "1 0 -1"),
    "roberts": ("0 0 0", "1 -1 0", "0 0 0"),
    "prewitt": ("1 0 -1", "1 0 -1", "1 0 -1"),
    "compass": ("1 1 -1", "1 -2 -1", "1 1 -1"),
    "kirsch": ("5 -3 -3", "5 0 -3", "5 -3 -3"),
}

ROOT, HALF_ROOT = math.sqrt(2), 1 / 2 * math.sqrt(2)
SIXTH, THIRD = Fraction(1, 6), Fraction(1, 3)

FREI_CHEN: dict[int, tuple[tuple[Number, ...], Number]] = {
    0: ((1, 0, -1, ROOT, 0, -ROOT, 1, 0, -1), 1),
    1: ((1, 0, -1, ROOT, 0, -ROOT, 1, 0, -1), HALF_ROOT),
    2: ((1, ROOT, 0, ROOT, 0, -ROOT, 0, -ROOT, -1), HALF_ROOT),
    11: ((1, 0, -1, ROOT, 0, -ROOT, 1, 0, -1), HALF_ROOT),
    12: ((1, ROOT, 1, 0, 0, 0, 1, ROOT, 1), HALF_ROOT),
    13: ((ROOT, -1, 0, -1, 0, 1, 0, 1, -ROOT), HALF_ROOT),
    14: ((0, 1, -ROOT, -1, 0, 1, ROOT, -1, 0), HALF_ROOT),
    15: ((0, -1, 0, 1, 0, 1, 0, -1, 0), Fraction(1, 2)),
    16: ((1, 0, -1, 0, 0, 0, -1, 0, 1), Fraction(1, 2)),
    17: ((1, -2, 1, -2, 4, -2, -1, -2, 1), SIXTH),
    18: ((-2, 1, -2, 1, 4, 1, -2, 1, -2), SIXTH),
    19: ((1, 1, 1, 1, 1, 1, 1, 1, 1), THIRD),
}
"""Weights and factor, by number.

They are ImageMagick's own: 1, 2 and 11 to 14 are twice as large as published, in 12 the
bottom row has the top row's sign, and 17 has -1 at the bottom left where 1 is published.
"""


def _unity(given: Arguments) -> list[Cells]:
    return [Cells(((1 if given.rho is None else given.rho,),), (0, 0), "unity")]


def _samples(kind: str, radius: int, value: Callable[[int], float]) -> Cells:
    """Sample a function of the squared distance on a square."""
    side = range(-radius, radius + 1)
    rows = tuple(tuple(value(x * x + y * y) for x in side) for y in side)
    return Cells(rows, (radius, radius), kind)


def _bell(sigma: float) -> Callable[[int], float]:
    if sigma <= EPSILON:
        return lambda squared: float(squared == 0)
    return lambda squared: math.exp(-squared / (2 * sigma * sigma)) / (2 * math.pi * sigma * sigma)


def _hat(sigma: float) -> Callable[[int], float]:
    if sigma <= EPSILON:
        return lambda squared: float(squared == 0)

    def value(squared: int) -> float:
        ratio = squared / (2 * sigma * sigma)
        return (1 - ratio) * math.exp(-ratio) / (math.pi * sigma**4)

    return value


def _square(kind: str) -> Callable[[Arguments], list[Cells]]:
    """Make the generator of ``Gaussian``, ``DoG`` or ``LoG``: sampled, then balanced."""

    def generate(given: Arguments) -> list[Cells]:
        sigma, second = (abs(float(part or 0)) for part in (given.sigma, given.xi))
        widest = max(sigma, second) if kind == "dog" else sigma
        radius = given.radius(0) or _reach(widest, flat=True)
        inner, outer = _bell(sigma), _bell(second)
        functions: dict[str, Callable[[int], float]] = {
            "gaussian": inner,
            "log": _hat(sigma),
            "dog": lambda squared: inner(squared) - outer(squared),
        }
        scaled, _ = Scale(correlate=True).apply(_samples(kind, radius, functions[kind]))
        return [scaled]

    return generate


def _reach(sigma: float, *, flat: bool) -> int:
    """Return the radius at which a Gaussian falls below a level of 16 bits."""
    if sigma <= EPSILON:
        return 1
    radius = 2
    while radius <= LARGEST_RADIUS:
        side = [math.exp(-(x * x) / (2 * sigma * sigma)) for x in range(-radius, radius + 1)]
        share = side[0] / (sum(side) ** 2 if flat else sum(side))
        if share < 1 / 65535:
            return radius - 1
        radius += 1
    raise Fault(None, "", f"sigma {sigma:g} is too large", "give a radius, as in 0 < R <= 150")


def _line(weights: list[float], origin: int, kind: str, angle: Number | None) -> list[Cells]:
    share = math.fsum(weights)
    row = tuple(weight / share for weight in weights)
    return [Cells((row,), (0, origin), kind).turned(float(angle or 0))]


def _thirds(sigma: float, start: int, count: int) -> list[float]:
    """Sample a Gaussian three times in each cell, from the position ``start`` on."""
    wide = 3 * sigma
    samples = [math.exp(-(u * u) / (2 * wide * wide)) for u in range(start, start + 3 * count)]
    return [math.fsum(samples[3 * n : 3 * n + 3]) for n in range(count)]


def _blur(given: Arguments) -> list[Cells]:
    sigma = abs(float(given.sigma or 0))
    radius = given.radius(0) or _reach(sigma, flat=False)
    width = 2 * radius + 1
    peak = [float(n == radius) for n in range(width)]
    weights = _thirds(sigma, -(3 * width - 1) // 2, width) if sigma > EPSILON else peak
    return _line(weights, radius, "blur", given.xi)


def _comet(given: Arguments) -> list[Cells]:
    sigma = abs(float(given.sigma or 0))
    width = given.radius(0) or _reach(sigma, flat=False) + 1
    weights = _thirds(sigma, 0, width) if sigma > EPSILON else [1.0] + [0.0] * (width - 1)
    return _line(weights, 0, "comet", given.xi)


def _binomial(given: Arguments) -> list[Cells]:
    radius = given.radius(1)
    if radius > 10:
        raise Fault(None, "", "a radius above 10 overflows in ImageMagick")
    line = [math.comb(2 * radius, n) for n in range(2 * radius + 1)]
    rows = tuple(tuple(a * b for b in line) for a in line)
    return [Cells(rows, (radius, radius), "binomial")]


def _laplacian(given: Arguments) -> list[Cells]:
    return [_literal("laplacian", *LAPLACIANS.get(int(given.rho or 0), LAPLACIANS[0]))]


def _compass(kind: str) -> Callable[[Arguments], list[Cells]]:
    return lambda given: [_literal(kind, *COMPASSES[kind]).turned(float(given.rho or 0))]


def _frei_chen(given: Arguments) -> list[Cells]:
    number = int(given.rho or 0)
    if number == 10:
        return [cells for n in range(11, 20) for cells in _frei_chen(Arguments(n))]
    weights, factor = FREI_CHEN.get(number, FREI_CHEN[0])
    values = [
        simplify(weight * factor) if isinstance(factor, Fraction) else weight * factor
        for weight in weights
    ]
    rows = tuple(tuple(values[start : start + 3]) for start in (0, 3, 6))
    angle = float(given.sigma or 0) or (float(given.rho or 0) if abs(number) > 30 else 0)
    return [Cells(rows, (1, 1), "freichen").turned(angle)]


def _shape(
    kind: str, default: int, inside: Callable[[int, int, int], bool]
) -> Callable[[Arguments], list[Cells]]:
    """Make the generator of a flat shape: ``Name:radius,weight``, holes outside it."""

    def generate(given: Arguments) -> list[Cells]:
        radius = given.radius(default)
        weight = 1 if given.sigma is None else given.sigma
        side = range(-radius, radius + 1)
        flat: list[Cell] = [
            weight if inside(x, y, radius) else None for y, x in product(side, side)
        ]
        rows = tuple(tuple(flat[n : n + len(side)]) for n in range(0, len(flat), len(side)))
        return [Cells(rows, (radius, radius), kind)]

    return generate


def _disk(given: Arguments) -> list[Cells]:
    default = given.rho is None or given.rho < Fraction(2, 5)
    radius = 4 if default else whole(given.rho or 0, "radius")
    limit = 18 if default else radius * radius
    shape = _shape("disk", radius, lambda x, y, _: x * x + y * y <= limit)
    return shape(Arguments(radius, given.sigma))


def _ring(given: Arguments) -> list[Cells]:
    inner, outer = sorted((whole(given.rho or 0, "radius"), whole(given.sigma or 0, "radius")))
    low, high, radius = inner * inner, outer * outer, outer
    if high <= 0:
        low, high, radius = 7, 11, 3
    weight = 1 if given.xi is None else int(given.xi)
    if low == high:
        raise Fault(None, "", "a ring between two equal radii is empty")
    shape = _shape("ring", radius, lambda x, y, _: low < x * x + y * y <= high)
    return shape(Arguments(radius, weight))


def _rectangle(given: Arguments) -> list[Cells]:
    width = whole(given.rho, "width") if given.rho and given.rho >= 1 else 3
    height = whole(given.sigma, "height") if given.sigma and given.sigma >= 1 else width
    x = (width - 1) // 2 if given.xi is None else whole(given.xi, "offset")
    y = (height - 1) // 2 if given.psi is None else whole(given.psi, "offset")
    if not (0 <= x < width and 0 <= y < height):
        raise Fault(None, "", f"the origin +{x}+{y} lies outside the {width}x{height} rectangle")
    return [Cells(((1,) * width,) * height, (y, x), "rectangle")]


NAMED: dict[str, Callable[[Arguments], list[Cells]]] = {
    "unity": _unity,
    "gaussian": _square("gaussian"),
    "dog": _square("dog"),
    "log": _square("log"),
    "blur": _blur,
    "comet": _comet,
    "binomial": _binomial,
    "laplacian": _laplacian,
    **{kind: _compass(kind) for kind in COMPASSES},
    "freichen": _frei_chen,
    "diamond": _shape("diamond", 1, lambda x, y, radius: abs(x) + abs(y) <= radius),
    "square": _shape("square", 1, lambda _x, _y, _radius: True),
    "rectangle": _rectangle,
    "octagon": _shape("octagon", 2, lambda x, y, radius: abs(x) + abs(y) <= radius + radius // 2),
    "disk": _disk,
    "plus": _shape("plus", 2, lambda x, y, _: x == 0 or y == 0),
    "cross": _shape("cross", 2, lambda x, y, _: abs(x) == abs(y)),
    "ring": _ring,
}
"""The names for convolution, in lower case, and what makes each kernel of its arguments."""

_HIT_AND_MISS = "it is a pattern of the hit-and-miss transform, not weights"
_DISTANCE = "it measures distances, which are added and not multiplied"

OTHERS = {
    **dict.fromkeys(
        (
            "peaks", "edges", "corners", "diagonals", "lineends", "linejunctions", "ridges",
            "convexhull", "thinse", "skeleton",
        ),
        _HIT_AND_MISS,
    ),
    **dict.fromkeys(("chebyshev", "manhattan", "octagonal", "euclidean"), _DISTANCE),
}  # fmt: skip
"""The names that are not for convolution, and why."""
