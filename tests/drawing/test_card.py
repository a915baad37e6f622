import io

import numpy as np
import pytest
from PIL import Image

from convfilter import Kernel
from convfilter.drawing.card import draw_kernel_card, encode_kernel_card
from convfilter.drawing.matrix import draw_matrix
from convfilter.drawing.response import draw_response
from convfilter.registry.catalogue import get_single_kernel as get_kernel


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (101, 101), (1, 31), (31, 1), (1, 400)])
def test_a_card_has_room_for_both_panels(shape: tuple[int, int]) -> None:
    kernel = Kernel(np.arange(shape[0] * shape[1]).reshape(shape), name="x", title="t " * 200)
    card, matrix, response = draw_kernel_card(kernel), draw_matrix(kernel), draw_response(kernel)
    assert card.width <= 1500
    beside = matrix.width + response.width <= card.width
    assert beside or matrix.height + response.height <= card.height
    margin = np.asarray(card)[:, -20:], np.asarray(card)[-20:]
    assert all((edge == 255).all() for edge in margin)


def test_the_plots_begin_at_the_same_height() -> None:
    card = np.asarray(draw_kernel_card(get_kernel("blur9")).convert("L")).astype(int)
    dark = card < 160
    first = {half: np.flatnonzero(dark[110:, part].sum(axis=1) > 100)[0] for half, part in
             (("left", slice(0, 500)), ("right", slice(500, None)))}  # fmt: skip
    assert abs(first["left"] - first["right"]) <= 2


def test_the_bytes_are_a_png_of_the_card() -> None:
    kernel = get_kernel("sobel-x")
    with Image.open(io.BytesIO(encode_kernel_card(kernel)), formats=["PNG"]) as image:
        assert image.tobytes() == draw_kernel_card(kernel).tobytes()


@pytest.mark.parametrize("weight", [5e-324, 1e-300, 1e100])
@pytest.mark.parametrize("divisor", [1e-100, 1, 1e100])
def test_extreme_weights_are_drawn(weight: float, divisor: float) -> None:
    for side in (1, 60):
        kernel = Kernel(np.full((side, side), weight), divisor=divisor)
        assert draw_kernel_card(kernel).width > 0
