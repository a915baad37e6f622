"""A kernel as ImageMagick holds it: cells with holes, turned and scaled by its own rules."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from convfilter.frozen import frozen
from convfilter.number import Number, parse_number, simplify
from convfilter.registry.fault import Fault

Cell = Number | None
"""A weight, or None for a hole: a cell outside the kernel's shape."""

EPSILON = 1e-12
"""ImageMagick takes numbers nearer to 0 than this for 0."""

ISOTROPIC = {
    "gaussian", "dog", "log", "disk", "laplacian", "square", "diamond", "plus", "cross",
}  # fmt: skip
"""Named kernels that no turn changes."""

NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


@frozen
class Cells:
    """One kernel of a list.

    Parameters
    ----------
    origin
        Row and column.
    kind
        The lower-case name of a named kernel; some turn by rules of their own.
    """

    rows: tuple[tuple[Cell, ...], ...]
    origin: tuple[int, int]
    kind: str = ""

    @property
    def height(self) -> int:
        """How many rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.rows[0])

    def values(self) -> list[Number]:
        """Return the weights, without the holes."""
        return [value for row in self.rows for value in row if value is not None]

    def turned(self, angle: float) -> "Cells":
        """Turn clockwise by an angle, to the nearest multiple of 45°.

        Raises
        ------
        Fault
            If it is no multiple of 90° and the kernel is not 3×3, or the kernel is
            neither square nor a line.
        """
        angle %= 360
        if not 22.5 < angle <= 337.5 or self.kind in ISOTROPIC:
            return self
        if self.kind == "blur" and 135 < angle <= 225:
            return self
        if self.kind == "blur" and 225 < angle <= 315:
            angle -= 180
        cells = self
        if 22.5 < angle % 90 <= 67.5:
            cells, angle = cells._by_45(), (angle - 45) % 360
        if 45 < angle % 180 <= 135:
            if 1 in (cells.width, cells.height):
                cells = cells._transposed()
                angle = (angle - 90 if cells.width == 1 else angle + 90) % 360
            else:
                cells, angle = cells._by_90(), (angle - 90) % 360
        return cells._by_180() if 135 < angle <= 225 else cells

    def _by_45(self) -> "Cells":
        if (self.height, self.width) != (3, 3):
            cause = f"a kernel of {self.width}x{self.height} cannot be turned by 45 degrees"
            raise Fault(None, "", cause, "only 3x3 kernels can")
        ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
        before = dict(zip(ring, [ring[-1], *ring[:-1]], strict=True)) | {(1, 1): (1, 1)}
        rows = [[self.rows[before[y, x][0]][before[y, x][1]] for x in range(3)] for y in range(3)]
        origin = next(place for place, source in before.items() if source == self.origin)
        return replace(self, rows=tuple(map(tuple, rows)), origin=origin)

    def _by_90(self) -> "Cells":
        if self.height != self.width:
            cause = f"a kernel of {self.width}x{self.height} cannot be turned by 90 degrees"
            raise Fault(None, "", cause, "only squares and lines can")
        rows = tuple(zip(*self.rows[::-1], strict=True))
        return replace(self, rows=rows, origin=(self.origin[1], self.height - 1 - self.origin[0]))

    def _by_180(self) -> "Cells":
        rows = tuple(row[::-1] for row in self.rows[::-1])
        origin = (self.height - 1 - self.origin[0], self.width - 1 - self.origin[1])
        return replace(self, rows=rows, origin=origin)

    def _transposed(self) -> "Cells":
        rows = tuple(zip(*self.rows, strict=True))
        return replace(self, rows=rows, origin=self.origin[::-1])

    def expanded(self, flags: str) -> list["Cells"]:
        """Return the kernel and its turns, as the flags ``@``, ``>`` and ``<`` ask for."""
        if "@" in flags:
            return list(self._turns(45))
        if ">" in flags:
            return list(self._turns(90))
        if "<" in flags:
            half = self.turned(180)
            return [self, half, half.turned(90), half.turned(90).turned(180)]
        return [self]

    def _turns(self, step: float) -> Iterator["Cells"]:
        yield self
        cells = self.turned(step)
        while cells != self:
            yield cells
            cells = cells.turned(step)


@frozen
class Scale:
    """``convolve:scale``: ``A[!^%][,B]``.

    Parameters
    ----------
    factor
        A: every weight is multiplied by it; negative ones turn the signs.
    unity
        B: added to the cell at the origin afterwards; None adds nothing.
    normalise
        ``!``: divide by the size of the sum, or of the positive weights if that is 0.
    correlate
        ``^``: divide positive and negative weights each by their own sum.
    """

    factor: Number = 1
    unity: Number | None = None
    normalise: bool = False
    correlate: bool = False

    @classmethod
    def parse(cls, text: str) -> "Scale":
        """Read ``!``, ``50%`` or ``2!,1``.

        Raises
        ------
        Fault
            For anything that ImageMagick would ignore, or read as something else.
        """
        bare = re.sub(r"[!^%\s]", "", text)
        match = re.fullmatch(rf"(?P<a>-?{NUMBER})?(?:[,x](?P<b>-?{NUMBER}))?", bare)
        if match is None or not text.strip():
            hint = (
                "ImageMagick reads 1/9 as 1,9: write !, or a decimal number"
                if "/" in text
                else None
            )
            raise Fault(
                None, "scale", f"{text!r} is no scale", hint or "it is A[!^%][,B], as in 50%!,1"
            )
        unit = Fraction(1, 100) if "%" in text else 1
        factor = parse_number(match["a"]) * unit if match["a"] else 1
        unity = parse_number(match["b"]) * unit if match["b"] else None
        return cls(simplify(factor), unity, "!" in text, "^" in text)

    def apply(self, cells: Cells) -> tuple[Cells, Number]:
        """Return the scaled kernel, and the divisor that is left for its sum."""
        if self.correlate:
            cells, divisor = self._balanced(cells), Fraction(1)
        else:
            divisor = self._norm(cells) / Fraction(self.factor or 1)
            factor = 1 if self.factor else 0
            cells = _multiplied(cells, Fraction(factor), Fraction(factor))
        y, x = cells.origin
        if self.unity is not None and cells.rows[y][x] is not None:
            rows = [list(row) for row in cells.rows]
            rows[y][x] = simplify(Fraction(rows[y][x] or 0) + Fraction(self.unity) * divisor)
            cells = replace(cells, rows=tuple(map(tuple, rows)))
        return cells, simplify(divisor)

    def _norm(self, cells: Cells) -> Fraction:
        if not self.normalise:
            return Fraction(1)
        exact = [Fraction(value) for value in cells.values()]
        norm = abs(sum(exact, Fraction(0)))
        if norm < EPSILON:
            norm = sum((value for value in exact if value > 0), Fraction(0))
        if norm == 0:
            raise Fault(None, "scale", "a kernel of zeros cannot be normalised")
        return norm

    def _balanced(self, cells: Cells) -> Cells:
        exact = [Fraction(value) for value in cells.values()]
        positive = sum((value for value in exact if value > 0), Fraction(0))
        negative = -sum((value for value in exact if value < 0), Fraction(0))
        factor = Fraction(self.factor)
        return _multiplied(
            cells,
            factor / positive if positive >= EPSILON else factor,
            factor / negative if negative >= EPSILON else factor,
        )


def _multiplied(cells: Cells, positive: Fraction, negative: Fraction) -> Cells:
    if positive == negative == 1:
        return cells

    def scaled(value: Cell) -> Cell:
        if value is None:
            return None
        product = Fraction(value) * (positive if value >= 0 else negative)
        return float(product) if isinstance(value, float) else simplify(product)

    return replace(cells, rows=tuple(tuple(map(scaled, row)) for row in cells.rows))
