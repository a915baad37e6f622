import numpy as np
import pytest
from PIL import Image

from convfilter import Kernel
from convfilter.drawing.colours import BLACK, diverging
from convfilter.drawing.matrix import SIDE, THINNEST, Grid, draw_cells, draw_matrix, kernel_facts

SHAPES = [
    (1, 1),
    (2, 2),
    (3, 3),
    (9, 9),
    (15, 15),
    (101, 101),
    (1, 31),
    (31, 1),
    (3, 40),
    (1, 4000),
]


def ramp(rows: int, columns: int) -> Kernel:
    """Return a kernel whose weights run from negative to positive."""
    count = rows * columns
    return Kernel((np.arange(count) - count // 2).reshape(rows, columns))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_size_makes_a_picture_of_sensible_size(shape: tuple[int, int]) -> None:
    picture = draw_matrix(ramp(*shape))
    assert picture.mode == "RGB"
    assert THINNEST <= picture.width <= 2 * SIDE + 200
    assert THINNEST <= picture.height <= 2 * SIDE + 200


@pytest.mark.parametrize("shape", SHAPES[:-1])
def test_cells_have_the_colours_of_their_weights(shape: tuple[int, int]) -> None:
    kernel = ramp(*shape)
    peak = max(abs(int(kernel.weights.min())), int(kernel.weights.max())) or 1
    shown = np.asarray(draw_cells(kernel, numbers=False))
    grid = Grid.of(kernel, SIDE)
    for (row, column), weight in np.ndenumerate(kernel.weights):
        if abs(row - kernel.origin[0]) < 2 and abs(column - kernel.origin[1]) < 2:
            continue  # the frame may cover small cells here
        left, top, right, bottom = grid.box(kernel, row, column)
        middle = shown[(top + bottom) // 2, (left + right) // 2]
        np.testing.assert_array_equal(middle, diverging(weight / peak))


@pytest.mark.parametrize("origin", [(0, 0), (1, 2), (2, 1)])
def test_the_origin_is_framed_and_nothing_else(origin: tuple[int, int]) -> None:
    kernel = Kernel(np.ones((3, 3), int), origin=origin)
    shown = np.asarray(draw_cells(kernel, numbers=False))
    grid = Grid.of(kernel, SIDE)
    for row, column in np.ndindex(3, 3):
        left, top, _, bottom = grid.box(kernel, row, column)
        is_black = tuple(shown[(top + bottom) // 2, left + 2].tolist()) == BLACK
        assert is_black == ((row, column) == origin)


def test_numbers_are_left_out_where_cells_are_small() -> None:
    for side, has_numbers in ((3, True), (9, True), (101, False)):
        kernel = ramp(side, side)
        plain, full = (draw_cells(kernel, numbers=numbers) for numbers in (False, True))
        assert (plain.tobytes() != full.tobytes()) == has_numbers


def test_a_bar_stands_in_for_numbers() -> None:
    few, many = draw_matrix(ramp(14, 14)), draw_matrix(ramp(45, 45))
    assert many.width > few.width


def test_numbers_stay_within_their_cells() -> None:
    kernel = Kernel([[-1 / 3, 1e-12, 123456.0], [0.5, 7.0, -99999.5], [1.0, 2.0, 12345678.0]])
    plain, full = (np.asarray(draw_cells(kernel, numbers=n)) for n in (False, True))
    touched = (plain != full).any(axis=2)
    assert touched.any()
    grid = Grid.of(kernel, SIDE)
    for row, column in np.ndindex(3, 3):
        left, top, right, bottom = grid.box(kernel, row, column)
        inner = touched[top + 4 : bottom - 3, left + 4 : right - 3].sum()
        assert inner == touched[top:bottom, left:right].sum()
        assert inner


def test_a_kernel_of_zeros_is_white() -> None:
    picture = draw_cells(Kernel([[0, 0], [0, 0]], origin=(0, 0)), numbers=False)
    assert picture.getpixel((190, 190)) == (255, 255, 255)


def test_facts_say_operation_and_defaults() -> None:
    kernel = Kernel([[1, 2]], divisor=3, offset=0.5, operation="convolve", range="abs")
    facts = " ".join(kernel_facts(kernel))
    for part in ("1 × 2", "sum 3", "divisor 3", "offset 0.5", "range abs", "turned by 180"):
        assert part in facts
    assert "offset" not in " ".join(kernel_facts(Kernel([[1]])))


def test_drawing_twice_gives_the_same_picture() -> None:
    kernel = ramp(5, 5)
    first, second = draw_matrix(kernel), draw_matrix(kernel)
    assert isinstance(first, Image.Image)
    assert first.tobytes() == second.tobytes()
