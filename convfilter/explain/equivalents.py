"""The same filter in other tools: commands of ImageMagick and libvips, Python for OpenCV and scipy.

The Python is complete, and gives our integers to the last bit: float sums of integers are
exact, and so is rounding one quotient of them. The
commands say in notes what the tool does otherwise.
"""

import math
from collections.abc import Callable
from fractions import Fraction

from convfilter.border import BORDERS, Border
from convfilter.chain import Link
from convfilter.errors import KernelError
from convfilter.explain.laying import Laying
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import Number
from convfilter.options import FilterOptions
from convfilter.registry.interchange.exporting import write_kernel
from convfilter.registry.interchange.imagemagick import BORDERS as MAGICK_BORDERS

KERNEL_FILE = "kernel.mat"

OPENCV_ITSELF = ("edge", "symmetric", "mirror")
"""Borders that filter2D lays by itself; for the others the picture is padded first."""


RANGED = {
    "abs": ["values = np.abs(values)"],
    "center": ["values = values + full / 2"],
    "relu": ["values = np.maximum(values, 0)"],
}
"""Ranges as statements of Python; clipping comes after all of them."""


@frozen
class Equivalent:
    """How another tool does it.

    Parameters
    ----------
    tool
        Its name.
    language
        ``sh`` or ``python``.
    code
        From ``in.png`` to ``out.png``; empty where the tool cannot.
    notes
        What it does otherwise.
    """

    tool: str
    language: str
    code: str
    notes: tuple[str, ...] = ()


@frozen
class Wanted:
    """One kernel with all that options say of it, as it is to be done elsewhere.

    Parameters
    ----------
    range
        What happens to values outside the scale.
    """

    kernel: Kernel
    options: FilterOptions
    range: str

    @property
    def border(self) -> Border:
        """What lies outside."""
        return self.kernel.border or Border()

    @property
    def dilated(self) -> Kernel:
        """The kernel with zeros between its cells."""
        down, across = self.options.dilation
        if (down, across) == (1, 1):
            return self.kernel
        rows, columns = (self.kernel.rows - 1) * down + 1, (self.kernel.columns - 1) * across + 1
        weights: list[list[Number]] = [[0] * columns for _ in range(rows)]
        for y, line in enumerate(self.kernel.exact_weights):
            weights[y * down][::across] = line
        origin = self.kernel.origin[0] * down, self.kernel.origin[1] * across
        return self.kernel.replace(weights=weights, origin=origin)

    @property
    def laid(self) -> Kernel:
        """The kernel as it lies on the picture: what a correlation takes."""
        return self.dilated.laid_for("correlate")


def equivalents_of(wanted: Wanted) -> tuple[Equivalent, ...]:
    """Return how every tool of the table does it."""
    return tuple(make(wanted) for make in EQUIVALENTS.values())


def _imagemagick(wanted: Wanted) -> Equivalent:
    return _command("imagemagick", wanted, _magick_border_notes(wanted.border))


def _magick_border_notes(border: Border) -> list[str]:
    if border.name in MAGICK_BORDERS:
        return []
    return [f"ImageMagick has no such border as {border}; the nearest pixel is taken instead"]


def _libvips(wanted: Wanted) -> Equivalent:
    notes = []
    if wanted.border.name != "edge":
        notes.append(f"vips conv knows the border edge only, not {wanted.border}")
    return _command("libvips", wanted, notes)


def _command(tool: str, wanted: Wanted, notes: list[str]) -> Equivalent:
    options = wanted.options
    if options.padding != "same":
        notes.append("the result has the size of the picture")
    if options.stride != (1, 1):
        notes.append(f"every pixel is kept, not one of {options.stride[0]},{options.stride[1]}")
    try:
        kernel = wanted.dilated.replace(range=wanted.range)
        written = write_kernel(kernel, tool, KERNEL_FILE)
    except KernelError as error:
        return Equivalent(tool, "sh", "", (str(error),))
    code = written.command or ""
    if KERNEL_FILE in code:
        code = f"cat > {KERNEL_FILE} <<'END'\n{written.data.decode()}END\n{code}"
    return Equivalent(tool, "sh", code, (*written.notes, *notes))


def _opencv(wanted: Wanted) -> Equivalent:
    if len(wanted.border.value) > 1:
        return _no_colour("opencv", wanted.border)
    kernel, border = wanted.laid, wanted.border
    anchor = f"anchor=({kernel.origin[1]}, {kernel.origin[0]})"
    padded = border.name not in OPENCV_ITSELF or wanted.options.padding != "same"
    lines = [
        "import cv2",
        "import numpy as np",
        "",
        'image = cv2.imread("in.png", cv2.IMREAD_UNCHANGED)',
        "full = np.iinfo(image.dtype).max",
        *_weights(kernel),
    ]
    if padded:
        lines += _padded(wanted, "image.astype(float)")
        lines += [
            f"sums = cv2.filter2D(padded, cv2.CV_64F, weights, {anchor})",
            _cut(kernel),
        ]
    else:
        name = f"cv2.{BORDERS[border.name].opencv}"
        lines += [
            "sums = cv2.filter2D(",
            f"    image.astype(float), cv2.CV_64F, weights, {anchor}, borderType={name}",
            ")",
        ]
    lines += [*_finish(wanted), 'cv2.imwrite("out.png", result)']
    return Equivalent("opencv", "python", "\n".join(lines), _channel_notes())


def _scipy(wanted: Wanted) -> Equivalent:
    if len(wanted.border.value) > 1:
        return _no_colour("scipy", wanted.border)
    kernel, border = wanted.laid, wanted.border
    # scipy counts from the middle, half the size rounded down.
    origin = kernel.origin[0] - kernel.rows // 2, kernel.origin[1] - kernel.columns // 2
    lines = [
        "import numpy as np",
        "from PIL import Image",
        "from scipy import ndimage",
        "",
        'image = np.asarray(Image.open("in.png"))',
        "full = np.iinfo(image.dtype).max",
        *_weights(kernel),
    ]
    if wanted.options.padding == "same":
        source = "image.astype(float)"
        mode = f'mode="{BORDERS[border.name].scipy}"'
        if border.value:
            mode += f", cval={_number(Fraction(border.value[0]))} * full"
    else:
        lines += _padded(wanted, "image.astype(float)")
        source, mode = "padded", 'mode="nearest"'
    lines += [
        "if image.ndim == 3:  # each channel on its own",
        "    weights = weights[:, :, np.newaxis]",
        f"origin = ({origin[0]}, {origin[1]}, 0)[: image.ndim]",
        f"sums = ndimage.correlate({source}, weights, {mode}, origin=origin)",
    ]
    if wanted.options.padding != "same":
        lines.append(_cut(kernel))
    lines += [*_finish(wanted), 'Image.fromarray(result).save("out.png")']
    return Equivalent("scipy", "python", "\n".join(lines), _channel_notes())


EQUIVALENTS: dict[str, Callable[[Wanted], Equivalent]] = {
    "imagemagick": _imagemagick,
    "libvips": _libvips,
    "opencv": _opencv,
    "scipy": _scipy,
}
"""What makes the equivalent for each tool."""


def _no_colour(tool: str, border: Border) -> Equivalent:
    note = f"the border {border} has another value for each channel: filter them one by one"
    return Equivalent(tool, "python", "", (note,))


def _channel_notes() -> tuple[str, ...]:
    return ("alpha is filtered like any channel: here --alpha straight",)


def _weights(kernel: Kernel) -> list[str]:
    """Write the weights: integers over their denominator, or floats."""
    if kernel.numerators is None:
        texts = [[repr(weight) for weight in row] for row in kernel.weights.tolist()]
    else:
        texts = [[str(weight) for weight in row] for row in kernel.numerators.tolist()]
    width = max(len(text) for row in texts for text in row)
    rows = [", ".join(text.rjust(width) for text in row) for row in texts]
    return ["weights = np.array([", *(f"    [{row}]," for row in rows), "], dtype=float)"]


def _padded(wanted: Wanted, source: str) -> list[str]:
    """Write the border out with `numpy.pad`, as far as the window reaches anywhere."""
    border = wanted.border
    (top, bottom), (left, right) = _sides(wanted)
    if not any((top, bottom, left, right)):
        return [f"padded = {source}"]
    sides = f"(({top}, {bottom}), ({left}, {right}), (0, 0))[: image.ndim]"
    mode = f'mode="{BORDERS[border.name].numpy}"'
    if border.value:
        mode += f", constant_values={_number(Fraction(border.value[0]))} * full"
    return [f"sides = {sides}", f"padded = np.pad({source}, sides, {mode})"]


def _sides(wanted: Wanted) -> tuple[tuple[int, int], tuple[int, int]]:
    # What lies before and after does not depend on the size of the picture.
    laying = Laying.of(Link(wanted.kernel, wanted.options), (1, 1))
    return (laying.before[0], laying.after[0]), (laying.before[1], laying.after[1])


def _cut(kernel: Kernel) -> str:
    """Write which part of the sums over the padded picture has its window wholly on it."""
    cuts = []
    for before, size in zip(kernel.origin, (kernel.rows, kernel.columns), strict=True):
        after = size - 1 - before
        cuts.append(f"{before or ''}:{-after if after else ''}")
    return f"sums = sums[{', '.join(cuts)}]"


def _finish(wanted: Wanted) -> list[str]:
    """Write divisor, offset, range and rounding out."""
    kernel, lines = wanted.laid, []
    down, across = wanted.options.stride
    if (down, across) != (1, 1):
        lines.append(f"sums = sums[::{down}, ::{across}]")
    if wanted.range == "stretch":  # which takes divisor and offset out again
        sums = "sums" if kernel.divisor > 0 else "-sums"
        lines.append(f"lifted = {sums} - np.min({sums})")
        lines.append("values = lifted * full / (lifted.max() or 1)")
    else:
        lines.append(f"values = {_value(kernel)}")
    lines += RANGED.get(wanted.range, [])
    return [*lines, "result = np.clip(np.floor(values + 0.5), 0, full).astype(image.dtype)"]


def _value(kernel: Kernel) -> str:
    """Write divisor and offset as one quotient, so that ties are floats without error."""
    divisor = Fraction(kernel.divisor) * (1 if kernel.numerators is None else kernel.denominator)
    offset = Fraction(kernel.offset)
    common = math.lcm(divisor.numerator, offset.denominator)
    times, shift = common // divisor, common * offset
    text = f"sums * {times}" if times != 1 else "sums"
    if shift:
        text = f"({text} {'+' if shift > 0 else '-'} {abs(shift)} * full)"
    return f"{text} / {common}" if common != 1 else text


def _number(value: Fraction) -> str:
    """Write a number as Python takes it, in brackets where it is a quotient."""
    if value.denominator == 1:
        return str(value.numerator)
    short = f"{float(value):.6g}"
    return short if Fraction(short) == value else f"({value.numerator} / {value.denominator})"
