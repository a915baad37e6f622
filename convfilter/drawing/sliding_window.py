"""Pictures of the window at work: what it covers, what it multiplies, what comes out."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from convfilter.drawing.colours import INK, LINE, MUTED, WHITE, Rgb, diverging, ink_on, peak_of
from convfilter.drawing.lettering import fitted, width, write
from convfilter.drawing.scale import written
from convfilter.drawing.sheet import FACT, FACT_STEP, LABEL, MARGIN, paper
from convfilter.frozen import frozen
from convfilter.options import Pair
from convfilter.sliding import Placement, Walk

BETWEEN = 44
HEADER = 58
LINES = 3
"""Pixels between the panels and above them; lines beneath the kernel."""

PANEL = 430
CELLS = 26, 64
WEIGHT_PANEL = 330
WEIGHT_CELLS = 62, 110
"""Pixels that a panel may be wide, and the least and the largest side of its cells."""

SIZES = (20, 18, 16, 15, 14, 13, 12, 11, 10)
NARROWEST_PANEL = 190

WINDOW: Rgb = (0, 128, 74)
FAR = 0.8
"""How far the border is faded."""

START, SUM, FIRST_ROW, STEP, END = 1500, 1800, 450, 160, 4000
PRODUCT, ALL_PRODUCTS = (120, 700), 6000
"""Milliseconds that frames stand: before anything, the first sum, the first row, later
pixels, the whole result; a product of the first sum, and all of them together."""

Box = tuple[int, int, int, int]


@frozen
class Scene:
    """Where the panels of a walk stand, and what of it never changes.

    Parameters
    ----------
    title
        What the picture is called.
    note
        What is said beneath it, such as what of its colours is looked at.
    """

    walk: Walk
    title: str
    note: str = ""

    def frames(self) -> Iterator[tuple[Image.Image, int]]:
        """Draw every frame, each with the milliseconds that it stands.

        The first sum grows product by product, then a frame is a pixel; the last frame is
        the whole result.
        """
        base = self.base.copy()
        count = self.walk.kernel.weights.size
        slow = min(max(ALL_PRODUCTS // count // 10 * 10, PRODUCT[0]), PRODUCT[1])
        for number, place in enumerate(self.walk):
            if number == 0:
                for done in range(count):
                    yield self._at_work(base, place, done), slow if done else START
            self._put_result(base, place)
            stands = FIRST_ROW if place.row == 0 else STEP
            yield self._at_work(base, place, count), stands if number else SUM
        yield self.last, END

    @cached_property
    def last(self) -> Image.Image:
        """The whole result, with the window gone."""
        canvas = self.base.copy()
        for row, column in np.ndindex(*self.walk.result.shape):
            self._put_result(canvas, self.walk.at(row, column))
        self._draw_weights(canvas, None, 0)
        return canvas

    @cached_property
    def base(self) -> Image.Image:
        """The picture, the empty result, and what the panels are called."""
        canvas = paper(*self.size)
        height, across = self.walk.pixels.shape
        kernel = self.walk.kernel
        turned = " (turned by 180°)" if self._is_turned else ""
        self._head(canvas, self.left, self.title, f"{across} × {height} pixels{self._outside}")
        told = f"{kernel.rows} × {kernel.columns} weights{turned}"
        self._head(canvas, self.middle, kernel.label, told)
        down, right = self.walk.result.shape
        self._head(
            canvas, self.right, "result", f"{right} × {down} pixels, range {self.walk.range}"
        )
        (above, _), (before, _) = self.walk.problem.padding
        for y, line in enumerate(self.walk.around):
            for x, value in enumerate(line):
                inside = 0 <= y - above < height and 0 <= x - before < across
                self._number(canvas, self._cell(self.left, y, x), value, inside)
        pen = ImageDraw.Draw(canvas)
        corner = self._cell(self.left, above, before)[:2]
        opposite = self._cell(self.left, above + height, before + across)[:2]
        pen.rectangle((*corner, *opposite), outline=INK)
        for row, column in np.ndindex(*self.walk.result.shape):
            pen.rectangle(self._cell(self.right, row, column), outline=LINE)
        self._foot(canvas)
        return canvas

    @property
    def size(self) -> Pair:
        """Width and height of every frame."""
        return self.right[2] + MARGIN, self._bottom + FACT_STEP * LINES + MARGIN

    @cached_property
    def cell(self) -> int:
        """Side of the cells of picture and result."""
        most: int = max(len(self.walk.around), len(self.walk.around[0]), *self.walk.result.shape)
        fair = min(max(PANEL // most, CELLS[0]), CELLS[1])
        return max(fair, round(max(width(text, SIZES[-1]) for text in self._texts)) + 6)

    @cached_property
    def weight_cell(self) -> int:
        """Side of the cells of the kernel."""
        kernel = self.walk.kernel
        fair = WEIGHT_PANEL // max(kernel.rows, kernel.columns)
        value = max(self._texts, key=lambda text: width(text, 12))
        weights = {written(weight) for line in kernel.exact_weights for weight in line}
        longest = max(width(f"{value} × {weight}", 12) for weight in weights)
        return max(min(max(fair, WEIGHT_CELLS[0]), WEIGHT_CELLS[1]), round(longest) + 8)

    @cached_property
    def left(self) -> Box:
        """The panel of the picture with its border."""
        return self._panel(MARGIN, len(self.walk.around[0]), len(self.walk.around), self.cell)

    @cached_property
    def middle(self) -> Box:
        """The panel of the kernel."""
        kernel = self.walk.kernel
        return self._panel(self.left[2] + BETWEEN, kernel.columns, kernel.rows, self.weight_cell)

    @cached_property
    def right(self) -> Box:
        """The panel of the result."""
        down, across = self.walk.result.shape
        return self._panel(self.middle[2] + BETWEEN, across, down, self.cell)

    @property
    def _bottom(self) -> int:
        rows: int = max(len(self.walk.around), *self.walk.result.shape[:1])
        tallest = max(rows * self.cell, self.walk.kernel.rows * self.weight_cell)
        return MARGIN + HEADER + tallest + 8

    def _panel(self, x: int, columns: int, rows: int, cell: int) -> Box:
        y = (MARGIN + HEADER + self._bottom - 8 - rows * cell) // 2
        return x, y, x + max(columns * cell, NARROWEST_PANEL), y + rows * cell

    def _cell(self, panel: Box, row: int, column: int) -> Box:
        left, top = panel[0] + column * self.cell, panel[1] + row * self.cell
        return left, top, left + self.cell, top + self.cell

    @cached_property
    def _texts(self) -> set[str]:
        numbers = [*(n for line in self.walk.around for n in line), *self.walk.result.flat]
        return {_told(number) for number in numbers}

    @cached_property
    def _type(self) -> int:
        room = self.cell - 5
        longest = max(self._texts, key=lambda text: width(text, SIZES[0]))
        fit = (size for size in SIZES if size <= 0.5 * self.cell and width(longest, size) <= room)
        return next(fit, SIZES[-1])

    @property
    def _is_turned(self) -> bool:
        return self.walk.turned and not self.walk.kernel.is_symmetric

    @property
    def _outside(self) -> str:
        padding = self.walk.problem.padding
        return f", border {self.walk.problem.border}" if any(map(any, padding)) else ""

    @cached_property
    def _scale(self) -> tuple[float, float]:
        """The lowest and the highest number, which are shown as black and white."""
        values = np.concatenate([self.walk.pixels.ravel(), self.walk.result.ravel()])
        low, high = float(values.min()), float(values.max())
        return low, high if high > low else low + 1

    def _head(self, canvas: Image.Image, panel: Box, title: str, facts: str) -> None:
        room = panel[2] - panel[0] + BETWEEN - 12
        write(canvas, (panel[0], MARGIN + 10), fitted(title, 20, room), 20)
        write(canvas, (panel[0], MARGIN + 34), fitted(facts, LABEL, room), LABEL, MUTED)

    def _foot(self, canvas: Image.Image) -> None:
        """Say beneath the picture what its shades and numbers mean."""
        low, high = self._scale
        room = self.middle[0] - self.left[0] - 12
        for number, line in enumerate((f"black {_told(low)}, white {_told(high)}", self.note)):
            y = self._bottom + FACT_STEP * (number + 0.5)
            write(canvas, (self.left[0], y), fitted(line, LABEL, room), LABEL, MUTED)

    def _number(self, canvas: Image.Image, box: Box, value: Any, inside: bool = True) -> None:
        low, high = self._scale
        gray = round(255 * min(max((float(value) - low) / (high - low), 0), 1))
        colour: Rgb = (gray, gray, gray)
        ink = ink_on(colour)
        if not inside:
            colour, ink = _faded(colour), MUTED
        ImageDraw.Draw(canvas).rectangle(box, colour, LINE if inside else WHITE)
        middle = (box[0] + box[2] + 1) / 2, (box[1] + box[3] + 1) / 2
        write(canvas, middle, _told(value), self._type, ink, "middle")

    def _put_result(self, canvas: Image.Image, place: Placement) -> None:
        box = self._cell(self.right, place.row, place.column)
        self._number(canvas, box, self.walk.result[place.row, place.column].item())

    def _at_work(self, base: Image.Image, place: Placement, done: int) -> Image.Image:
        """Draw the window at a place, so many of its products, and their sum."""
        canvas = base.copy()
        (above, _), (before, _) = self.walk.problem.padding
        rows, columns = self.walk.problem.window
        first = self._cell(self.left, place.top + above, place.left + before)
        window = first[0], first[1], first[0] + columns * self.cell, first[1] + rows * self.cell
        _frame(canvas, window)
        if max(self.walk.problem.dilation) > 1:
            self._frame_taken(canvas, first)
        self._draw_weights(canvas, place, done)
        _frame(canvas, self._cell(self.right, place.row, place.column))
        for number, line in enumerate(self._account(place, done)):
            y = self._bottom + FACT_STEP * (number + 0.5)
            write(canvas, (self.middle[0], y), line, FACT)
        return canvas

    def _frame_taken(self, canvas: Image.Image, first: Box) -> None:
        """Frame each pixel that a dilated kernel takes."""
        down, across = self.walk.problem.dilation
        for row, column in np.ndindex(*self.walk.kernel.weights.shape):
            x, y = across * column * self.cell, down * row * self.cell
            box = first[0] + x, first[1] + y, first[2] + x, first[3] + y
            ImageDraw.Draw(canvas).rectangle(box, outline=WINDOW, width=2)

    def _draw_weights(self, canvas: Image.Image, place: Placement | None, done: int) -> None:
        kernel, side = self.walk.kernel, self.weight_cell
        colours = diverging(kernel.weights / peak_of(kernel.weights))
        weights = kernel.exact_weights
        for number, (row, column) in enumerate(np.ndindex(*kernel.weights.shape)):
            left, top = self.middle[0] + column * side, self.middle[1] + row * side
            red, green, blue = colours[row, column].tolist()
            colour, weight = (red, green, blue), written(weights[row][column])
            box = left, top, left + side, top + side
            ImageDraw.Draw(canvas).rectangle(box, colour, LINE)
            ink, x = ink_on(colour), left + side / 2 + 0.5
            if place is None or number >= done:
                write(canvas, (x, top + side / 2), weight, _size(weight, side, 20), ink, "middle")
                continue
            factors = f"{_told(place.pixels[row][column])} × {weight}"
            product = _told(place.products[row][column])
            write(canvas, (x, top + 0.3 * side), factors, _size(factors, side, 15), ink, "middle")
            write(canvas, (x, top + 0.66 * side), product, _size(product, side, 22), ink, "middle")
        right = self.middle[0] + kernel.columns * side
        pen = ImageDraw.Draw(canvas)
        pen.rectangle((*self.middle[:2], right, self.middle[3]), outline=WINDOW, width=3)

    def _account(self, place: Placement, done: int) -> Sequence[str]:
        """Say in lines how the products become the pixel."""
        count, total = self.walk.kernel.weights.size, place.sum_of(done)
        if done < count:
            return [f"sum of {done} of {count} products: {_told(total)}" if done else ""]
        lines = [f"sum of {count} products: {_told(total)}"]
        value, formula = self.walk.value(total), _told(total)
        if self.walk.kernel.divisor != 1:
            formula += f" ÷ {_told(self.walk.kernel.divisor)}"
        if self.walk.offset:
            formula += f" + {_told(self.walk.offset)}"
        if formula != _told(total):
            lines.append(f"{formula} = {written(value, 5)}")
        result = self.walk.result[place.row, place.column].item()
        return [*lines, f"the pixel becomes {_told(result)}"]


def _told(value: Any) -> str:
    return written(value.item() if isinstance(value, np.generic) else value)


def _size(text: str, side: int, largest: int) -> int:
    """Return the size of type in which a text fits into a cell."""
    fit = (size for size in range(largest, 10, -1) if width(text, size) <= side - 8)
    return next(fit, 10)


def _faded(colour: Rgb) -> Rgb:
    red, green, blue = (round(part + (255 - part) * FAR) for part in colour)
    return red, green, blue


def _frame(canvas: Image.Image, box: Box) -> None:
    """Frame a box in the colour of the window, with white inside so that it shows on black."""
    left, top, right, bottom = box
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=WINDOW, width=3)
    pen.rectangle((left + 2, top + 2, right - 2, bottom - 2), outline=WHITE)
