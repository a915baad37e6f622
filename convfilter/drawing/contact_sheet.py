"""A contact sheet: pictures of one kind in rows and columns, each with its label beneath."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from convfilter.drawing.colours import BLACK, LINE, MUTED, WHITE, Rgb
from convfilter.drawing.lettering import fitted, width, write
from convfilter.drawing.sheet import MARGIN, paper
from convfilter.drawing.showing import fitting
from convfilter.frozen import frozen
from convfilter.options import Pair

GUTTER = 28
BELOW = 26
BETWEEN = 6
"""Pixels between columns, between rows, and between a picture and its enlarged part."""

TILE_AREAS = 190**2, 400**2
SHEET_AREA = 1_300_000
"""Least and largest area of one picture in pixels, and about that of all together."""

WITH_ZOOM = 0.62
"""How much of its area a picture keeps where an enlarged part stands beside it."""

NARROWEST = 176
FLATTEST, STEEPEST = 4.0, 1 / 2.6
"""Least width of a tile, for the label; largest and least ratio of width to height."""

LIKED_TILE, LIKED_SHEET = 1.15, 1.45
"""Ratios of width to height that arrangements are chosen by."""

ALIKE = 0.7, 1.45
"""How far a whole number of times may lead away from the width or height that was meant."""

LONGEST_PART = 1.5
"""Of the longer side of the picture: so long may its enlarged part be."""

NAME_SIZES = (18, 17, 16, 15, 14, 13)
TITLE, TITLE_STEP = 14, 18
LABEL_ABOVE, NAME_STEP = 8, 25

PLATE: Rgb = (244, 245, 247)


@frozen
class Tile:
    """One picture of a sheet.

    Parameters
    ----------
    name, title
        The label: what it is called, and in a few words what it is.
    whole, part
        The picture as it is shown, and a part of it enlarged.
    marked
        Left, top, right and bottom of that part in ``whole``, to be framed there.
    """

    name: str
    title: str
    whole: Image.Image
    part: Image.Image | None = None
    marked: tuple[int, int, int, int] | None = None


@frozen
class Arrangement:
    """Where everything lies on a sheet; all sizes are width and height in pixels.

    Parameters
    ----------
    count
        Tiles.
    columns
        In which they stand.
    whole, part
        The rooms for the pictures, and for the enlarged parts, if any.
    is_beside
        Whether the part stands to the right of the picture, not beneath it.
    title_lines
        Lines that the longest title takes.
    """

    count: int
    columns: int
    whole: Pair
    part: Pair | None = None
    is_beside: bool = False
    title_lines: int = 1

    @classmethod
    def of(
        cls,
        labels: Sequence[tuple[str, str]],
        size: Pair,
        part: Pair | None = None,
        columns: int | None = None,
    ) -> "Arrangement":
        """Arrange so many labels for pictures of one width and height.

        Parameters
        ----------
        part
            Width and height of the part to enlarge, in the picture's pixels.
        columns
            None finds what makes a sheet of good proportions.
        """
        count = len(labels)
        least, most = TILE_AREAS
        area = min(max(SHEET_AREA / count, least), most)
        if part is None:
            rooms: tuple[Pair, Pair | None, bool] = (_room(size, area), None, False)
        else:
            rooms = _rooms_with_part(size, part, WITH_ZOOM * area)
        lone = cls(count, 1, *rooms)
        lines = max(len(wrapped(title, lone.tile[0])) for _, title in labels)
        lone = cls(count, 1, *rooms, lines)
        return cls(count, min(columns, count) if columns else lone._best_columns(), *rooms, lines)

    @property
    def pictures(self) -> Pair:
        """Size of a tile without its label."""
        across, down = self.whole
        if self.part and self.is_beside:
            across, down = across + BETWEEN + self.part[0], max(down, self.part[1])
        elif self.part:
            across, down = max(across, self.part[0]), down + BETWEEN + self.part[1]
        return max(across, NARROWEST), down

    @property
    def tile(self) -> Pair:
        """Size of a tile."""
        across, down = self.pictures
        return across, down + LABEL_ABOVE + NAME_STEP + TITLE_STEP * self.title_lines

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-self.count // self.columns)

    @property
    def size(self) -> Pair:
        """Size of the sheet."""
        across, down = self.tile
        return (
            2 * MARGIN + self.columns * (across + GUTTER) - GUTTER,
            2 * MARGIN + self.rows * (down + BELOW) - BELOW,
        )

    def place(self, number: int) -> Pair:
        """Return left and top of a tile."""
        row, column = divmod(number, self.columns)
        across, down = self.tile
        return MARGIN + column * (across + GUTTER), MARGIN + row * (down + BELOW)

    @property
    def place_of_part(self) -> Pair:
        """Left and top of the enlarged part within a tile."""
        if self.is_beside:
            return self.whole[0] + BETWEEN, 0
        return 0, self.whole[1] + BETWEEN

    def _best_columns(self) -> int:
        """Return the number of columns that leaves a good shape and few gaps."""

        def fault(columns: int) -> float:
            tried = Arrangement(
                self.count, columns, self.whole, self.part, self.is_beside, self.title_lines
            )
            gaps = columns * tried.rows - self.count
            return abs(math.log(tried.size[0] / tried.size[1] / LIKED_SHEET)) + gaps / self.count

        return min(range(1, self.count + 1), key=fault)


def _room(size: Pair, area: float, narrowest: int = NARROWEST) -> Pair:
    """Return a room of about an area in which a picture has a good size."""
    times = max(1, round(math.sqrt(area / (size[0] * size[1]))))
    ratio = min(max(size[0] / size[1], STEEPEST), FLATTEST)
    across = max(math.sqrt(area * ratio), narrowest)
    wanted = round(across), round(across / ratio)
    enlarged = size[0] * times, size[1] * times
    if all(e <= 1.5 * w for e, w in zip(enlarged, wanted, strict=True)):
        return max(enlarged[0], narrowest), enlarged[1]
    shown = fitting(size, wanted)
    # An extreme picture lies on a plate of its own.
    is_extreme = ratio != size[0] / size[1]
    return wanted if is_extreme else (max(shown[0], narrowest), shown[1])


def _rooms_with_part(size: Pair, part: Pair, area: float) -> tuple[Pair, Pair, bool]:
    """Return the rooms for a picture and a part of it, the two along one edge of one length."""
    options = []
    for along in (0, 1):
        whole, room = list(_room(size, area, 0 if along else NARROWEST)), [0, 0]
        times = max(1, round(whole[along] / part[along]))
        length = times * part[along]
        if not ALIKE[0] <= length / whole[along] <= ALIKE[1]:
            length = whole[along]
        elif size[along] >= length and fitting(size, (whole[0], whole[1])) == tuple(whole):
            whole[1 - along] = max(1, round(whole[1 - along] * length / whole[along]))
            whole[along] = length
        room[along] = length
        other = round(length * part[1 - along] / part[along])
        room[1 - along] = min(max(other, 1), round(LONGEST_PART * max(whole)))
        first, second = (whole[0], whole[1]), (room[0], room[1])
        options.append((first, second, along == 1))

    def fault(option: tuple[Pair, Pair, bool]) -> float:
        across, down = Arrangement(1, 1, *option).pictures
        return abs(math.log(across / down / LIKED_TILE))

    return min(options, key=fault)


def wrapped(title: str, room: float) -> list[str]:
    """Return a title in at most two lines; what does not fit ends in an ellipsis."""
    words, line = title.split(), ""
    for number, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if line and width(longer, TITLE) > room:
            rest = " ".join(words[number:])
            return [fitted(line, TITLE, room), fitted(rest, TITLE, room)]
        line = longer
    return [fitted(line, TITLE, room)]


def draw_contact_sheet(tiles: Sequence[Tile], arrangement: Arrangement) -> Image.Image:
    """Draw tiles row by row, on white."""
    sheet = paper(*arrangement.size)
    for number, tile in enumerate(tiles):
        left, top = arrangement.place(number)
        where = left, top, *arrangement.whole
        corner = _paste(sheet, where, tile.whole)
        if tile.marked:
            _mark(sheet, tile.marked, corner)
        if tile.part and arrangement.part:
            right, down = arrangement.place_of_part
            where = left + right, top + down, *arrangement.part
            _paste(sheet, where, tile.part, BLACK if tile.marked else LINE)
        _label(sheet, tile, (left, top + arrangement.pictures[1]), arrangement.tile[0])
    return sheet


def _paste(
    sheet: Image.Image, box: tuple[int, int, int, int], picture: Image.Image, frame: Rgb = LINE
) -> Pair:
    """Lay a picture into the middle of a room, with a hairline around; return its corner."""
    left, top, across, down = box
    pen = ImageDraw.Draw(sheet)
    if picture.size != (across, down):
        pen.rectangle((left, top, left + across - 1, top + down - 1), PLATE)
    corner = left + (across - picture.width) // 2, top + (down - picture.height) // 2
    right, bottom = corner[0] + picture.width, corner[1] + picture.height
    thickness = 1 if frame == LINE else 2
    around = corner[0] - thickness, corner[1] - thickness
    pen.rectangle((*around, right + thickness - 1, bottom + thickness - 1), frame)
    sheet.paste(picture, corner)
    return corner


def _mark(sheet: Image.Image, marked: tuple[int, int, int, int], corner: Pair) -> None:
    """Frame a part of a picture so that it shows on every colour."""
    left, top, right, bottom = marked
    box = corner[0] + left, corner[1] + top, corner[0] + right - 1, corner[1] + bottom - 1
    pen = ImageDraw.Draw(sheet)
    for beyond, colour in ((4, WHITE), (3, BLACK), (2, BLACK), (1, WHITE)):
        pen.rectangle(
            (box[0] - beyond, box[1] - beyond, box[2] + beyond, box[3] + beyond), outline=colour
        )


def _label(sheet: Image.Image, tile: Tile, place: Pair, room: int) -> None:
    left, top = place[0], place[1] + LABEL_ABOVE
    size = next((size for size in NAME_SIZES if width(tile.name, size) <= room), NAME_SIZES[-1])
    write(sheet, (left, top + NAME_STEP / 2), fitted(tile.name, size, room), size)
    for number, line in enumerate(wrapped(tile.title, room)):
        middle = top + NAME_STEP + TITLE_STEP * (number + 0.5)
        write(sheet, (left, middle), line, TITLE, MUTED)
