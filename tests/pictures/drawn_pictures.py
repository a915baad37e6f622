"""Pictures to test with, of every mode."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter import Picture
from convfilter.picture import LAYOUTS, PLANES, split_mode


def noise(mode: str, size: tuple[int, int] = (37, 45)) -> Picture:
    """Draw a picture that uses the whole range of its samples, and more for floats."""
    random = np.random.default_rng(5)
    layout, dtype = split_mode(mode)
    planes = len(LAYOUTS[layout]) if layout in LAYOUTS else int(layout.split()[0])
    shape = (*size, planes)
    if dtype.startswith("float"):
        array: NDArray[Any] = random.normal(size=shape).astype(dtype)
    else:
        array = random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    return Picture.of_array(array, layout if layout in LAYOUTS else PLANES)
