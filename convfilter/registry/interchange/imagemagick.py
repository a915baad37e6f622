"""Kernel strings of ImageMagick, as ``-morphology Convolve`` and ``-convolve`` take them.

The first turns kernels by 180° and adds up what it finds; the second lays them down as they
are written, and divides by the signed sum.
"""

import re
import shlex
from fractions import Fraction
from math import isqrt

from convfilter.errors import near_miss_hint
from convfilter.kernel import Kernel
from convfilter.number import Number, format_number, parse_number
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import forms, matrix_text
from convfilter.registry.interchange.imagemagick_cells import EPSILON, NUMBER, Cell, Cells, Scale
from convfilter.registry.interchange.imagemagick_names import NAMED, OTHERS, Arguments
from convfilter.registry.interchange.matrix_text import Word
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.yaml_tree import decode

MOST_KERNELS = 100

FLAGS = "@<>!^%"

_SIZE = re.compile(r"(\d+)(?:[xX](\d+)(?:\+(\d+)(?:\+(\d+))?)?)?", re.ASCII)

_ARGUMENTS = re.compile(
    rf"(?P<rho>[+-]?{NUMBER})?(?:[xX,](?P<sigma>[+-]?{NUMBER}))?"
    rf"(?:(?P<xi>[+-]{NUMBER}|,[+-]?{NUMBER}))?(?:(?P<psi>[+-]{NUMBER}|,[+-]?{NUMBER}))?",
    re.ASCII,
)

ODD_FREI_CHEN = "As in ImageMagick, whose scale and signs differ from the published ones."

BORDERS = {"edge": "edge", "symmetric": "mirror", "wrap": "tile"}
"""What ``-virtual-pixel`` calls the borders that both have."""


def is_kernel_string(data: bytes) -> bool:
    """Whether it begins with the size of a kernel, or with the name of one."""
    text = data[:200].decode("utf-8", "replace").strip(" \t\r\n;'\"")
    name = re.match(r"[A-Za-z]+(?=$|[\s:;,])", text)
    if name and (name[0].lower() in NAMED or name[0].lower() in OTHERS):
        return True
    return re.match(rf"\s*\d[\dxX+\s{re.escape(FLAGS)}]*:", text) is not None


def read_morphology(source: Source) -> list[Kernel]:
    """Read a string as ``-morphology Convolve`` does."""
    text = decode(source.data)
    scale = Scale.parse(source.scale) if source.scale is not None else None
    kernels = []
    for cells, label, line in _read_list(text):
        divisor: Number = 1
        if scale:
            cells, divisor = scale.apply(cells)
        used = f"ImageMagick -morphology Convolve {shlex.quote(label)}"
        if source.scale is not None:
            used += f" with convolve:scale {shlex.quote(source.scale)}"
        kernels.append(_kernel(cells, line, label, used, divisor, "convolve"))
    return kernels


def read_convolve(source: Source) -> list[Kernel]:
    """Read a string as ``-convolve`` does."""
    kernels = []
    for cells, label, line in _read_list(decode(source.data)):
        if any(value is None for row in cells.rows for value in row):
            raise Fault(line, "", "it has holes, with which -convolve gives an empty picture")
        signed = sum((Fraction(value) for value in cells.values()), Fraction(0))
        divisor = signed if abs(signed) > EPSILON else 1
        used = f"ImageMagick -convolve {shlex.quote(label)}"
        kernels.append(_kernel(cells, line, label, used, divisor, "correlate"))
    return kernels


def _kernel(
    cells: Cells, line: int, label: str, used: str, divisor: Number, operation: str
) -> Kernel:
    weights = [[0 if value is None else value for value in row] for row in cells.rows]
    return matrix_text.make_kernel(
        weights,
        line,
        divisor=divisor,
        origin=cells.origin,
        operation=operation,
        name=cells.kind,
        title=f"ImageMagick {label}" if cells.kind else "",
        source=used if len(used) <= 200 else "ImageMagick",
        description=ODD_FREI_CHEN if cells.kind == "freichen" else "",
    )


def _read_list(text: str) -> list[tuple[Cells, str, int]]:
    """Return the kernels of a list with the text and the line of each."""
    found: list[tuple[Cells, str, int]] = []
    line = 1
    for part in text.split(";"):
        begins = line + part[: len(part) - len(part.lstrip())].count("\n")
        line += part.count("\n")
        bare = part.strip().strip("'\"").strip()
        if not bare:
            continue
        label = " ".join(bare.split())
        try:
            found += [(cells, label, begins) for cells in _read_one(bare, begins)]
        except Fault as fault:
            raise Fault(fault.line or begins, fault.key, fault.cause, fault.hint) from None
        if len(found) > MOST_KERNELS:
            raise Fault(begins, "", f"it lists more than {MOST_KERNELS} kernels")
    if not found:
        raise Fault(1, "", "it holds no kernel", "write for example 3x3: 0,-1,0 -1,5,-1 0,-1,0")
    return found


def _read_one(text: str, line: int) -> list[Cells]:
    name = re.match(r"[A-Za-z]\w*", text)
    if name and name[0].lower() != "nan":
        return _read_named(name[0], text[name.end() :])
    head, colon, body = text.partition(":")
    values = _read_values(body if colon else head, line)
    if not colon:
        side = isqrt(len(values))
        if side * side != len(values):
            cause = f"{len(values)} numbers make no square"
            raise Fault(line, "", cause, "say the size, as in 3x1: 1,2,1")
        return [_cells(values, side, side, None, None)]
    flags = "".join(sign for sign in head if sign in FLAGS)
    size = _SIZE.fullmatch("".join(sign for sign in head if sign not in FLAGS and sign > " "))
    if size is None:
        cause = f"{matrix_text.shown(head)} is no size"
        raise Fault(line, "", cause, "write WIDTHxHEIGHT+X+Y, as in 3x3+1+1: 1,2,1 …")
    width, height = int(size[1]), int(size[2] or size[1])
    if width * height != len(values):
        cause = f"it has {len(values)} numbers, {width}x{height} needs {width * height}"
        raise Fault(line, "", cause)
    x, y = (int(part) if part else None for part in size.groups()[2:])
    return _cells(values, width, height, x, y).expanded(flags)


def _cells(values: list[Cell], width: int, height: int, x: int | None, y: int | None) -> Cells:
    origin = (height - 1) // 2 if y is None else y, (width - 1) // 2 if x is None else x
    if not (origin[0] < height and origin[1] < width):
        cause = f"the origin +{origin[1]}+{origin[0]} lies outside the {width}x{height} kernel"
        raise Fault(None, "", cause)
    if all(value is None for value in values):
        raise Fault(None, "", "it has holes only")
    return Cells(tuple(map(tuple, matrix_text.cut(values, width))), origin)


def _read_values(text: str, line: int) -> list[Cell]:
    values: list[Cell] = []
    for row in text.split("\n"):
        pieces = matrix_text.split(row.strip().strip(","), ",", line)
        if len(values) + len(pieces) > matrix_text.MOST_CELLS:
            raise Fault(line, "", f"it has more than {matrix_text.MOST_CELLS} numbers")
        for piece in pieces:
            hole = piece == "-" or piece.lower() == "nan"
            values.append(None if hole else matrix_text.decimal(Word(piece, line)))
        line += 1
    return values


def _read_named(name: str, rest: str) -> list[Cells]:
    kind = name.lower()
    if kind in OTHERS:
        hint = "only kernels for convolution are read: " + ", ".join(NAMED)
        raise Fault(None, "", f"{name} is not for convolution: {OTHERS[kind]}", hint)
    if kind not in NAMED:
        hint = near_miss_hint(kind, list(NAMED), "known names: " + ", ".join(NAMED))
        raise Fault(None, "", f"ImageMagick has no kernel named {name!r}", hint)
    given = rest.lstrip(" \t\r\n,:")
    flags = "".join(sign for sign in given if sign in FLAGS)
    bare = "".join(sign for sign in given if sign not in FLAGS and sign > " ")
    match = _ARGUMENTS.fullmatch(bare)
    if match is None:
        cause = f"{matrix_text.shown(given)} are no arguments"
        raise Fault(None, "", cause, "write them as in Gaussian:0x2, DoG:0,1,2 or Sobel:45")
    numbers = {key: _argument(part) for key, part in match.groupdict().items() if part}
    kernels = NAMED[kind](Arguments(**numbers))
    if len(kernels) > 1:
        return kernels
    return kernels[0].expanded(flags)


def _argument(text: str) -> Number:
    try:
        return parse_number(text.lstrip(","))
    except ValueError as error:
        raise Fault(None, "", f"{text!r} is not a number: {error}") from None


def write_morphology(kernel: Kernel, _file: str) -> Written:
    """Write a string for ``-morphology Convolve``: turned, and divided by the divisor."""
    laid = kernel.laid_for("convolve")
    values = forms.quotients(laid)
    texts = [[forms.decimal_text(value) for value in row] for row in values]
    size = "{}x{}+{}+{}".format(laid.columns, laid.rows, *laid.origin[::-1])
    string = f"{size}: {'  '.join(','.join(row) for row in texts)}"
    notes = list(forms.range_notes(kernel, "ImageMagick"))
    if not forms.is_exact(texts, values):
        notes.insert(0, "weights are rounded to 64-bit floats")
    options = (
        f"-virtual-pixel {BORDERS.get(kernel.border.name if kernel.border else 'edge', 'edge')}"
    )
    if kernel.offset:
        percent = format_number(float(kernel.offset * 100))
        options += f" -define convolve:bias={percent}%"
        notes.insert(
            0, f"the offset {format_number(kernel.offset)} is not in the string, but in the command"
        )
    command = f"convert in.png {options} -morphology Convolve {shlex.quote(string)} out.png"
    return Written(f"{string}\n".encode(), tuple(notes), command)
