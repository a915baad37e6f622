"""A kernel as an array in C."""

import re

from convfilter.kernel import Kernel
from convfilter.registry.interchange import forms
from convfilter.registry.interchange.table import Written

LARGEST_INT = 2**31 - 1


def write(kernel: Kernel, _file: str) -> Written:
    """Write integers as ``int`` and everything else as ``double``, laid for correlation."""
    laid = kernel.laid_for("correlate")
    whole = forms.integers(laid)
    if whole and max(whole[1], *(abs(n) for row in whole[0] for n in row)) <= LARGEST_INT:
        kind, texts, divisor = "int", [[str(n) for n in row] for row in whole[0]], str(whole[1])
        notes: tuple[str, ...] = ()
    else:
        values = forms.quotients(laid)
        kind, texts = "double", [[repr(float(value)) for value in row] for row in values]
        divisor = "1"
        notes = () if forms.is_exact(texts, values) else ("weights are rounded to doubles",)
    name = "kernel_" + re.sub(r"[^a-z0-9]", "_", (kernel.name or "inline").lower())
    macro = name.upper()
    lines = [
        *_comment(kernel, name, macro),
        f"#define {macro}_ROWS {laid.rows}",
        f"#define {macro}_COLUMNS {laid.columns}",
        f"#define {macro}_ORIGIN_ROW {laid.origin[0]}",
        f"#define {macro}_ORIGIN_COLUMN {laid.origin[1]}",
        f"#define {macro}_DIVISOR {divisor}",
        f"#define {macro}_OFFSET {float(kernel.offset)!r}",
        "",
        f"static const {kind} {name}[{macro}_ROWS][{macro}_COLUMNS] = {{",
        *(f"    {{{row}}}," for row in forms.aligned(texts, ", ")),
        "};",
    ]
    return Written("".join(f"{line}\n" for line in lines).encode(), notes)


def _comment(kernel: Kernel, name: str, macro: str) -> list[str]:
    said = f"{kernel.label}: {kernel.title}" if kernel.title else kernel.label
    heading = " ".join(said.split()).replace("*/", "* /")
    lines = [
        f"/* {heading}",
        " *",
        " * result(y, x) = sum over r and c of",
        f" *     {name}[r][c] * pixel(y + r - {macro}_ORIGIN_ROW, x + c - {macro}_ORIGIN_COLUMN)",
        f" * divided by {macro}_DIVISOR, plus {macro}_OFFSET times full scale.",
    ]
    if kernel.operation == "convolve":
        lines.append(" * Convolution: the array is the kernel already turned by 180 degrees.")
    if kernel.range not in (None, "clip"):
        lines.append(f" * Range: {kernel.range}.")
    return [*lines, " */"]
