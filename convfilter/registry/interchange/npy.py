"""NPY: the weights alone, so divided, laid for correlation, and padded to the default origin."""

import io
from fractions import Fraction

import numpy as np
from numpy.lib import format as npy_format

from convfilter.kernel import Kernel
from convfilter.registry.interchange import forms, matrix_text
from convfilter.registry.interchange.table import Source, Written
from convfilter.registry.npy_file import parse_weights
from convfilter.weights import LARGEST_INTEGER


def is_npy(data: bytes) -> bool:
    """Whether it begins as NPY files do."""
    return data.startswith(npy_format.MAGIC_PREFIX)


def read(source: Source) -> list[Kernel]:
    """Read the weights."""
    name = source.path.stem if source.path else ""
    return [matrix_text.make_kernel(parse_weights(source.data), None, name=name)]


def write(kernel: Kernel, _file: str) -> Written:
    """Write integers where the quotients are integers, else 64-bit floats."""
    forms.refuse_offset(kernel, "npy")
    values = forms.quotients(forms.at_default_origin(kernel.laid_for("correlate")))
    flat = [value for row in values for value in row]
    whole = all(isinstance(value, int) and abs(value) <= LARGEST_INTEGER for value in flat)
    array = np.array([[value if whole else float(value) for value in row] for row in values])
    notes = forms.range_notes(kernel, "an array")
    if not all(Fraction(float(value)) == value for value in flat):
        notes = ("weights are rounded to 64-bit floats", *notes)
    stream = io.BytesIO()
    npy_format.write_array(stream, array.astype(np.int64 if whole else np.float64))
    return Written(stream.getvalue(), notes)
