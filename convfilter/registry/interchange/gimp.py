"""The 5 × 5 fields of the convolution matrix of GIMP and GEGL.

They are read as the grid that GIMP shows, or as the properties of ``gegl:convolution-matrix``,
in which the letter is the column and the digit the row.
"""

import re
from fractions import Fraction

from convfilter.kernel import Kernel
from convfilter.number import Number, simplify
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import matrix_text
from convfilter.registry.interchange.matrix_text import Row, Word
from convfilter.registry.interchange.table import Source
from convfilter.registry.yaml_tree import decode

SIDE = 5

CELL_NAMES = {f"{'abcde'[x]}{y + 1}": (y, x) for y in range(SIDE) for x in range(SIDE)}

SWITCHES = {"true": True, "yes": True, "false": False, "no": False}

CHANNELS = ("red", "green", "blue", "alpha")

IGNORED = ("border", "alpha-weight", "time")
"""Properties that change nothing in the kernel."""

_PROPERTY = re.compile(r"\(?\s*([A-Za-z][\w-]*)\s*[=\s:]\s*([^\s(),]+)\s*\)?[\s,]*")
_PRESET = re.compile(r'\(\s*GimpGegl-gegl-convolution-matrix-config\s+"([^"\n]*)"')
_VERSION = re.compile(r"\(\s*file-version\s+\d+\s*\)")


def is_fields(data: bytes) -> bool:
    """Whether it names GEGL's operation, GIMP's settings of it, or several of the fields."""
    text = data.decode("utf-8", "replace")
    named = "gegl:convolution-matrix" in text or _PRESET.search(text)
    return bool(named) or len(re.findall(r"\b[a-e][1-5]\s*[= ]\s*[-+.\d]", text)) >= 3


def read(source: Source) -> list[Kernel]:
    """Read a grid with optional lines ``divisor``, ``offset`` and ``normalize``, or properties."""
    text = decode(source.data)
    presets = list(_PRESET.finditer(text))
    if presets:
        ends = [match.start() for match in presets[1:]] + [len(text)]
        return [_read_preset(text, match, end) for match, end in zip(presets, ends, strict=True)]
    bare = re.sub(r"^\s*gegl:convolution-matrix\b", "", text)
    if re.search(r"\b[a-e][1-5]\s*[=:\s]", bare) or bare != text:
        line = 1 + text[: len(text) - len(bare)].count("\n")
        return [_from_properties(bare, line, "")]
    return [_from_grid(text)]


def _read_preset(text: str, match: re.Match[str], end: int) -> Kernel:
    line = 1 + text[: match.end()].count("\n")
    body = text[match.end() : end]
    # The bracket that closes the preset stays behind when its properties are taken out.
    inside = "\n".join(part.split("#")[0] for part in body.splitlines()).rstrip().removesuffix(")")
    return _from_properties(_VERSION.sub("", inside), line, match[1])


def _from_properties(text: str, line: int, title: str) -> Kernel:
    cells: list[list[Number]] = [[int(x == y == 2) for x in range(SIDE)] for y in range(SIDE)]
    numbers: dict[str, Number] = {"divisor": 1, "offset": 0}
    normalise = True
    seen: set[str] = set()
    position = len(text) - len(text.lstrip())
    while position < len(text):
        match = _PROPERTY.match(text, position)
        here = line + text[:position].count("\n")
        if match is None:
            cause = f"{matrix_text.shown(text[position:])} is no property"
            raise Fault(here, "", cause, "write them as a1=0 b1=-1 … divisor=1 normalize=false")
        key, word = match[1].lower(), Word(match[2], here)
        if key in seen:
            raise Fault(here, key, "it stands twice")
        seen.add(key)
        if key in CELL_NAMES:
            y, x = CELL_NAMES[key]
            cells[y][x] = matrix_text.decimal(word, key)
        elif key in numbers:
            numbers[key] = matrix_text.decimal(word, key)
        elif key in ("normalize", *CHANNELS):
            normalise = _switch(key, word, normalise)
        elif key not in IGNORED:
            raise Fault(here, key, "the convolution matrix has no such property")
        position = match.end()
    return _kernel(cells, numbers, normalise, line, title)


def _switch(key: str, word: Word, normalise: bool) -> bool:
    if word.text.lower() not in SWITCHES:
        raise Fault(word.line, key, f"{matrix_text.shown(word.text)} is neither true nor false")
    value = SWITCHES[word.text.lower()]
    if key == "normalize":
        return value
    if not value:
        cause = f"the {key} channel is left out, which a kernel cannot say"
        raise Fault(word.line, key, cause, "set it to true, and filter with --channels")
    return normalise


def _from_grid(text: str) -> Kernel:
    grid: list[Row] = []
    numbers: dict[str, Number] = {"divisor": 1, "offset": 0}
    normalise: bool | None = None
    for row in matrix_text.rows(text, ",;"):
        key = row.words[0].lower().rstrip(":=")
        if key in (*numbers, "normalize", "normalise"):
            if len(row.words) != 2:
                raise Fault(row.line, key, "expected one value")
            word = Word(row.words[1], row.line)
            if key in numbers:
                numbers[key] = matrix_text.decimal(word, key)
                normalise = bool(normalise)
            else:
                normalise = _switch("normalize", word, False)
        else:
            grid.append(row)
    count = sum(len(row.words) for row in grid)
    if count != SIDE * SIDE:
        cause = f"it has {count} numbers, the matrix has {SIDE * SIDE}"
        raise Fault(grid[0].line if grid else 1, "", cause, "fill the fields left empty with 0")
    flat = [matrix_text.decimal(Word(word, row.line)) for row in grid for word in row.words]
    cells = matrix_text.cut(flat, SIDE)
    return _kernel(cells, numbers, normalise is not False, grid[0].line, "")


def _kernel(
    cells: list[list[Number]], numbers: dict[str, Number], normalise: bool, line: int, title: str
) -> Kernel:
    divisor, offset = Fraction(numbers["divisor"]), Fraction(numbers["offset"])
    if normalise:
        total = Fraction(matrix_text.total(cells))
        divisor = abs(total) or Fraction(1)
        offset = Fraction(1, 2) if total == 0 else Fraction(total < 0)
    if abs(offset) > 1:
        cause = f"the offset {float(offset):g} is beyond full scale, which is 1"
        raise Fault(line, "offset", cause, "GIMP 2.8 and before counted levels: divide by 255")
    inner = [row[1:4] for row in cells[1:4]]
    # As GEGL does: fields that are empty all around are left out.
    edge = any(value for row in (cells[0], cells[4]) for value in row)
    edge = edge or any(row[0] or row[4] for row in cells)
    return matrix_text.make_kernel(
        cells if edge else inner,
        line,
        divisor=simplify(divisor),
        offset=simplify(offset),
        title=title,
        source="GEGL convolution-matrix",
    )
