"""The matrix of a kernel as a heat map: blue below zero, white at zero, orange to red above."""

from PIL import Image, ImageDraw

from convfilter.drawing.colours import BLACK, LINE, MUTED, WHITE, diverging, ink_on, peak_of
from convfilter.drawing.lettering import width, write
from convfilter.drawing.scale import draw_scale, scale_width, written
from convfilter.drawing.sheet import ABOVE, LABEL, paper
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.named import OPERATIONS

SIDE = 448
"""Pixels that a matrix may fill each way; a long one may fill twice as many its long way."""

LONG = 4
"""Times as long as wide a matrix is a long one."""

LARGEST_CELL = 128
LARGEST_CELL_BEYOND = 32
SMALLEST_RULED_CELL = 8
THINNEST = 12
"""Pixels: the side of the largest cell, also of a long matrix that goes beyond the side; of
the smallest with lines around it; and the least height and width of a matrix."""

NUMBER_SIZES = (30, 24, 20, 18, 16, 15, 14, 13, 12, 11)
"""Sizes of type for the weights; where even the smallest does not fit they are left out."""

SHORTEST_BAR = 120


@frozen
class Grid:
    """How large the cells of a matrix are drawn.

    Parameters
    ----------
    cell
        Side of a cell in pixels; 0 where there are more cells than pixels.
    width, height
        Of the whole matrix, in pixels.
    """

    cell: int
    width: int
    height: int

    @classmethod
    def of(cls, kernel: Kernel, side: int) -> "Grid":
        """Fit the matrix of a kernel into ``side`` pixels each way."""
        long, short = max(kernel.weights.shape), min(kernel.weights.shape)
        room = side * 2 if long >= LONG * short else side
        cell = min(LARGEST_CELL, max(side // long, min(LARGEST_CELL_BEYOND, room // long)))
        across, down = (
            max(THINNEST, n * cell if cell else n * room // long)
            for n in (kernel.columns, kernel.rows)
        )
        return cls(cell, across, down)

    def box(self, kernel: Kernel, row: int, column: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of a cell; neighbours share a line."""
        return (
            column * self.width // kernel.columns,
            row * self.height // kernel.rows,
            (column + 1) * self.width // kernel.columns,
            (row + 1) * self.height // kernel.rows,
        )


def kernel_facts(kernel: Kernel) -> list[str]:
    """Say in lines what the matrix alone does not show."""
    numbers = {"sum": kernel.sum, "divisor": kernel.divisor, "offset": kernel.offset}
    told = [f"{kernel.rows} × {kernel.columns}"]
    told += [f"{what} {written(n, 6)}" for what, n in numbers.items() if n or what != "offset"]
    defaults = {"range": kernel.range, "border": kernel.border}
    told += [f"{what} {default}" for what, default in defaults.items() if default]
    origin = "framed: the origin, row {}, column {}".format(*kernel.origin)
    operation = f"{kernel.operation}: {OPERATIONS[kernel.operation]}"
    return [" · ".join(told), operation, origin]


def draw_matrix(kernel: Kernel, side: int = SIDE) -> Image.Image:
    """Draw the heat map with the numbers of rows and columns and, if need be, a bar."""
    grid = Grid.of(kernel, side)
    cells = draw_cells(kernel, side)
    has_numbers = _number_size(kernel, grid) > 0
    peak = peak_of(kernel.weights)
    left = round(width(str(kernel.rows - 1), LABEL)) + 8 if kernel.rows > 1 else 0
    right = 0 if has_numbers else 24 + scale_width(-peak, peak)
    bar = 0 if has_numbers else max(grid.height, SHORTEST_BAR)
    beyond = LABEL // 2  # half of the last label
    canvas = paper(left + grid.width + max(right, beyond), ABOVE + max(grid.height, bar) + beyond)
    canvas.paste(cells, (left, ABOVE))
    for row in _labelled(kernel.rows, grid.height):
        _, upper, _, lower = grid.box(kernel, row, 0)
        place = left - 8, ABOVE + (upper + lower) / 2
        write(canvas, place, str(row), LABEL, MUTED, "right")
    for column in _labelled(kernel.columns, grid.width):
        first, _, last, _ = grid.box(kernel, 0, column)
        write(canvas, (left + (first + last) / 2, LABEL / 2), str(column), LABEL, MUTED, "middle")
    if not has_numbers:
        box = left + grid.width + 24, ABOVE, bar
        draw_scale(canvas, box, -peak, peak, lambda values: diverging(values / peak))
    return canvas


def draw_cells(kernel: Kernel, side: int = SIDE, *, numbers: bool = True) -> Image.Image:
    """Draw the cells alone: their colours, the weights where they fit, the origin's frame."""
    grid = Grid.of(kernel, side)
    colours = diverging(kernel.weights / peak_of(kernel.weights))
    method = Image.Resampling.NEAREST if grid.cell else Image.Resampling.BOX
    image = Image.fromarray(colours).resize((grid.width, grid.height), method)
    canvas = paper(grid.width + 1, grid.height + 1)
    canvas.paste(image)
    pen = ImageDraw.Draw(canvas)
    _rule(pen, kernel, grid)
    _frame(pen, grid.box(kernel, *kernel.origin))
    if numbers and (size := _number_size(kernel, grid)):
        for row, weights in enumerate(kernel.exact_weights):
            for column, weight in enumerate(weights):
                left, top, right, bottom = grid.box(kernel, row, column)
                red, green, blue = colours[row, column].tolist()
                ink = ink_on((red, green, blue)) if weight else MUTED
                middle = (left + right + 1) / 2, (top + bottom + 1) / 2
                write(canvas, middle, written(weight), size, ink, "middle")
    return canvas


def _rule(pen: ImageDraw.ImageDraw, kernel: Kernel, grid: Grid) -> None:
    """Draw lines between the cells, or around all of them where they are small."""
    if grid.cell >= SMALLEST_RULED_CELL:
        for column in range(1, kernel.columns):
            x = grid.box(kernel, 0, column)[0]
            pen.line((x, 0, x, grid.height), LINE)
        for row in range(1, kernel.rows):
            y = grid.box(kernel, row, 0)[1]
            pen.line((0, y, grid.width, y), LINE)
    pen.rectangle((0, 0, grid.width, grid.height), outline=LINE)


def _frame(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    """Frame the origin in black beside white, so that it shows on every colour."""
    side = min(box[2] - box[0], box[3] - box[1])
    thickness = max(1, side // 24)
    pen.rectangle(box, outline=BLACK, width=thickness)
    # In small cells the white is outside, so that something of the colour is left.
    inset = thickness if side > 2 * SMALLEST_RULED_CELL else -1
    left, top, right, bottom = box
    pen.rectangle((left + inset, top + inset, right - inset, bottom - inset), outline=WHITE)


def _labelled(count: int, length: int) -> list[int]:
    """Return which rows or columns get their number written: all, every second, every fifth."""
    if count == 1:
        return []
    widest = width(str(count - 1), LABEL) + 10
    steps = (factor * 10**power for power in range(7) for factor in (1, 2, 5))
    step = next(step for step in steps if step * length >= widest * count)
    return list(range(0, count, step))


def _number_size(kernel: Kernel, grid: Grid) -> int:
    """Return the size of type in which every weight fits into its cell; 0 if none does."""
    if grid.cell < NUMBER_SIZES[-1]:
        return 0
    texts = {written(weight) for row in kernel.exact_weights for weight in row}
    room = grid.cell * 0.86 - 2
    for size in NUMBER_SIZES:
        if size <= 0.6 * grid.cell and max(width(text, size) for text in texts) <= room:
            return size
    return 0
