"""Small random pictures, kernels and options for Hypothesis."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from convfilter.border import BORDERS
from convfilter.named import OPERATIONS

sides = st.integers(1, 9)
shapes = st.tuples(sides, sides) | st.tuples(sides, sides, st.integers(1, 4))
integer_pictures = st.sampled_from(["uint8", "uint16"]).flatmap(
    lambda dtype: shapes.flatmap(lambda shape: hnp.arrays(dtype, shape))
)
weights = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(-20, 20))
)


@st.composite
def kernel_fields(draw: st.DrawFn) -> dict[str, Any]:
    """Draw weights, divisor, origin and operation of an integer kernel."""
    matrix: NDArray[np.int64] = draw(weights)
    rows, columns = matrix.shape
    return {
        "weights": matrix,
        "divisor": draw(st.integers(-40, 300).filter(bool)),
        "origin": (draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))),
        "operation": draw(st.sampled_from(list(OPERATIONS))),
    }


@st.composite
def geometries(
    draw: st.DrawFn, *, window: tuple[int, int], size: tuple[int, int]
) -> dict[str, Any]:
    """Draw border, padding, stride and dilation that leave at least one pixel."""
    dilation = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    reach = tuple((w - 1) * d for w, d in zip(window, dilation, strict=True))
    sides_drawn = [
        (draw(st.integers(0, 4)), draw(st.integers(0, 4)) + max(0, r - s + 1))
        for r, s in zip(reach, size, strict=True)
    ]
    paddings: list[Any] = ["same", "full", tuple(sides_drawn)]
    if all(r < s for r, s in zip(reach, size, strict=True)):
        paddings.append("valid")
    return {
        "border": draw(st.sampled_from(list(BORDERS))),
        "padding": draw(st.sampled_from(paddings)),
        "stride": (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        "dilation": dilation,
    }
