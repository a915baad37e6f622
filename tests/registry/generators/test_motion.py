import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter import convolve
from convfilter.kernel import Kernel
from convfilter.registry.generators.making import generate

angles = st.integers(-360, 360)


def places(kernel: Kernel) -> tuple[Any, Any, Any]:
    """Return weight, and distance to the right of and above the origin, of every cell."""
    rows, columns = np.indices(kernel.weights.shape)
    weights = kernel.weights.ravel() / float(kernel.divisor)
    return weights, (columns - kernel.origin[1]).ravel(), (kernel.origin[0] - rows).ravel()


@pytest.mark.parametrize(
    ("length", "row", "divisor"),
    [
        (1, [1], 1),
        (3, [1, 1, 1], 3),
        (4, [1, 2, 2, 2, 1], 8),
        ("2.5", [3, 4, 3], 10),
        (9, [1] * 9, 9),
    ],
)
def test_along_rows_and_columns_motion_is_exact(
    length: object, row: list[int], divisor: int
) -> None:
    flat = generate("motion", {"length": length})
    assert flat.weights.tolist() == [row]
    assert flat.divisor == divisor
    assert flat.is_integer
    for angle in (90, -90, 270):
        steep = generate("motion", {"length": length, "angle": angle})
        assert steep.weights.T.tolist() == [row]
        assert steep.divisor == divisor


@pytest.mark.parametrize(("length", "count"), [(1, 1), (3, 3), (5, 3), (9, 7), (14, 9)])
def test_on_the_diagonals_motion_is_exact(length: int, count: int) -> None:
    rising = generate("motion", {"length": length, "angle": 45})
    falling = generate("motion", {"length": length, "angle": 135})
    assert rising.weights.tolist() == np.eye(count, dtype=int)[::-1].tolist()
    assert falling.weights.tolist() == np.eye(count, dtype=int).tolist()
    assert rising.divisor == falling.divisor == count


@given(st.floats(1, 60).map(lambda n: round(n, 2)), angles)
def test_motion_is_centred_and_lies_along_its_angle(length: float, angle: int) -> None:
    kernel = generate("motion", {"length": length, "angle": angle})
    weights, right, up = places(kernel)
    assert float(kernel.sum / kernel.divisor) == pytest.approx(1, abs=1e-15)
    assert kernel.is_symmetric
    assert (weights >= 0).all()
    along = right * math.cos(math.radians(angle)) + up * math.sin(math.radians(angle))
    across = up * math.cos(math.radians(angle)) - right * math.sin(math.radians(angle))
    assert (np.abs(across[weights > 0]) <= math.sqrt(0.5) + 1e-9).all()
    assert (np.abs(along[weights > 0]) <= length / 2 + 1.8).all()
    if angle % 45 and length > 5:
        assert weights @ along**2 == pytest.approx(length**2 / 12, rel=0.12, abs=0.2)


@pytest.mark.parametrize(("length", "angle"), [(7.3, 20), (12, 77), (5, 100)])
def test_weights_are_the_lengths_in_each_pixel(length: float, angle: float) -> None:
    kernel = generate("motion", {"length": length, "angle": angle})
    t = (np.arange(200_000) + 0.5) / 200_000 * length - length / 2
    rows = np.rint(-t * math.sin(math.radians(angle))).astype(int) + kernel.origin[0]
    columns = np.rint(t * math.cos(math.radians(angle))).astype(int) + kernel.origin[1]
    counted = np.zeros(kernel.weights.shape)
    np.add.at(counted, (rows, columns), 1 / len(t))
    np.testing.assert_allclose(kernel.weights, counted, atol=2e-5)


@given(st.floats(0.2, 20).map(lambda n: round(n, 2)), angles)
def test_a_comet_begins_at_its_origin_and_trails_along_its_angle(sigma: float, angle: int) -> None:
    kernel = generate("comet", {"sigma": sigma, "angle": angle})
    weights, right, up = places(kernel)
    assert float(kernel.sum) == pytest.approx(1, abs=1e-12)
    turned = math.radians(angle)
    # Light that ends to the right of a point comes from the left of where it ends.
    behind = -(right * math.cos(turned) + up * math.sin(turned))
    assert (behind[weights > 0] >= -1e-9).all()
    assert weights @ behind == pytest.approx(sigma * math.sqrt(2 / math.pi), rel=0.1, abs=0.3)
    across = up * math.cos(turned) - right * math.sin(turned)
    assert (np.abs(across[weights > 0]) <= math.sqrt(0.5) + 1e-9).all()
    assert "left out" in kernel.description


def test_the_tail_of_a_bright_point_points_where_it_is_said_to() -> None:
    picture = np.zeros((41, 41))
    picture[20, 20] = 1
    for angle, (down, right) in {0: (0, 1), 90: (-1, 0), 180: (0, -1), 270: (1, 0)}.items():
        tail = convolve(picture, generate("comet", {"sigma": 3, "angle": angle}))
        assert tail[20 + 4 * down, 20 + 4 * right] > 0.05
        assert tail[20 - 2 * down, 20 - 2 * right] == 0
