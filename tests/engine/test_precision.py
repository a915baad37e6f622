import numpy as np
import pytest

from convfilter import Kernel, convolve
from convfilter.engine.algorithms import METHODS


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in ("integer", "separable")]
)
@pytest.mark.parametrize(
    "kernel",
    [
        Kernel([[1, 2, 1], [2, 3, 2], [1, 2, 1]], divisor=10**45),
        Kernel([[1e-45, 2e-45], [3e-45, 1e-45]]),
        Kernel([[1e35, 2e35], [3e35, 1e35]], divisor=10**35),
    ],
    ids=["divisor", "tiny", "huge"],
)
def test_weights_far_from_1_cost_short_floats_no_digits(kernel: Kernel, method: str) -> None:
    picture = np.full((5, 5), 1e-3 if kernel.divisor == 10**35 else 1e30, np.float32)
    expected = float(kernel.sum) / float(kernel.divisor) * float(picture[0, 0])
    np.testing.assert_allclose(convolve(picture, kernel, method=method), expected, rtol=1e-5)
