from itertools import combinations

import pytest

from convfilter.drawing.contact_sheet import (
    NAME_SIZES,
    NARROWEST,
    TITLE,
    Arrangement,
    wrapped,
)
from convfilter.drawing.lettering import width
from convfilter.drawing.sheet import MARGIN
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.search_path import find_kernels

SIZES = [(960, 640), (640, 960), (3000, 300), (300, 3000), (10, 10), (1, 1), (100000, 1)]
COUNTS = [2, 5, 12, 41, 163, 401]


def arranged(count: int, size: tuple[int, int], part: tuple[int, int] | None) -> Arrangement:
    return Arrangement.of([("name", "some title")] * count, size, part)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("zoomed", [False, True])
def test_tiles_lie_apart_on_a_sheet_of_good_shape(
    count: int, size: tuple[int, int], zoomed: bool
) -> None:
    part = (min(60, size[0]), min(40, size[1])) if zoomed else None
    sheet = arranged(count, size, part)
    across, down = sheet.tile
    places = [sheet.place(number) for number in range(count)]
    if count <= 41:
        for one, other in combinations(places, 2):
            assert abs(one[0] - other[0]) >= across or abs(one[1] - other[1]) >= down
    assert min(places) == (MARGIN, MARGIN)
    assert max(x for x, _ in places) + across == sheet.size[0] - MARGIN
    assert max(y for _, y in places) + down == sheet.size[1] - MARGIN
    if count > 4:
        assert 0.5 <= sheet.size[0] / sheet.size[1] <= 3.5
    assert sheet.size[0] * sheet.size[1] <= 80_000_000


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("columns", [1, 3, 99])
def test_columns_are_as_many_as_were_asked_for(size: tuple[int, int], columns: int) -> None:
    sheet = Arrangement.of([("a", "b")] * 7, size, None, columns)
    assert sheet.columns == min(columns, 7)
    assert sheet.rows == -(-7 // sheet.columns)


@pytest.mark.parametrize(
    ("size", "part", "is_beside"),
    [((960, 640), (96, 64), False), ((640, 960), (64, 96), True), ((640, 960), (64, 64), True)],
)
def test_an_enlarged_part_stands_where_it_makes_the_better_tile(
    size: tuple[int, int], part: tuple[int, int], is_beside: bool
) -> None:
    sheet = arranged(5, size, part)
    assert sheet.is_beside == is_beside
    assert sheet.part
    along = 1 if is_beside else 0
    assert sheet.part[along] == sheet.whole[along]
    assert sheet.part[along] % part[along] == 0


def test_the_label_of_every_built_in_kernel_fits() -> None:
    for name, file in find_kernels().items():
        assert width(name, NAME_SIZES[-1]) <= NARROWEST
        lines = wrapped(read_kernel(file).title, NARROWEST)
        assert max(width(line, TITLE) for line in lines) <= NARROWEST
        assert not any(line.endswith("…") for line in lines[:1])


@pytest.mark.parametrize("title", ["", "one", "word " * 40, "unbreakable" * 20])
def test_titles_take_at_most_two_lines(title: str) -> None:
    lines = wrapped(title, 120)
    assert 1 <= len(lines) <= 2
    assert all(width(line, TITLE) <= 120 for line in lines)
