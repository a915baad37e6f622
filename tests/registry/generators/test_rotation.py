from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.kernel import Kernel
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.generators.rotation import rotated

cells = st.lists(st.integers(-9, 9), min_size=9, max_size=9)


@given(cells)
def test_eight_turns_by_45_degrees_change_nothing(values: list[int]) -> None:
    kernel = Kernel(np.reshape(values, (3, 3)), divisor=7)
    turned = kernel
    for step in range(1, 9):
        turned = rotated(turned, 45)  # type: ignore[arg-type]
        once = rotated(kernel, 45 * step)  # type: ignore[arg-type]
        assert turned.weights.tolist() == once.weights.tolist()
    assert turned.weights.tolist() == kernel.weights.tolist()
    assert turned.divisor == 7


@given(
    st.integers(1, 5).flatmap(
        lambda rows: st.integers(1, 5).flatmap(
            lambda columns: st.tuples(
                st.just((rows, columns)), st.integers(0, rows - 1), st.integers(0, columns - 1)
            )
        )
    )
)
def test_four_quarters_change_nothing_and_the_origin_turns_too(
    layout: tuple[tuple[int, int], int, int],
) -> None:
    (rows, columns), row, column = layout
    weights = np.arange(rows * columns).reshape(rows, columns)
    kernel = Kernel(weights, origin=(row, column))
    turned = rotated(kernel, 90)  # type: ignore[arg-type]
    np.testing.assert_array_equal(turned.weights, np.rot90(weights))
    assert turned.weights[turned.origin] == weights[row, column]
    whole = rotated(kernel, 360)  # type: ignore[arg-type]
    assert (whole.weights.tolist(), whole.origin) == (weights.tolist(), (row, column))


def test_sobel_turns_counter_clockwise() -> None:
    diagonal = get_kernel("rotated:kernel=sobel-x,angle=45")
    assert diagonal.weights.tolist() == [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]
    upwards = get_kernel("rotated:kernel=sobel-x,angle=90")
    assert upwards.weights.tolist() == (-get_kernel("sobel-y").weights).tolist()
    assert get_kernel("rotated:kernel=sobel-x,angle=-315").weights.tolist() == (
        diagonal.weights.tolist()
    )
    assert diagonal.range == "abs"
    assert "turned by 45°" in diagonal.title
    assert "sobel-x turned" in diagonal.description


def test_fractions_stay_exact(tmp_path: Path) -> None:
    (tmp_path / "ninths.yaml").write_text("weights: [[1/9, 2/9]]\n")
    turned = get_kernel("rotated:kernel=ninths,angle=90", [tmp_path])
    assert turned.numerators is not None
    assert turned.numerators.tolist() == [[2], [1]]
    by_file = get_kernel(f"rotated:angle=180,kernel={tmp_path}/ninths.yaml")
    assert by_file.sum == turned.sum


def test_other_sizes_and_origins_do_not_turn_by_45_degrees() -> None:
    for kernel in (Kernel(np.ones((5, 5))), Kernel(np.ones((3, 3)), origin=(0, 0))):
        with pytest.raises(Exception, match="cells"):
            rotated(kernel, 45)  # type: ignore[arg-type]
