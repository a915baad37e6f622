import numpy as np
import pytest

from convfilter import Picture, UsageError, apply, get_kernel, open_picture
from convfilter.drawing.contact_sheet import BETWEEN, Arrangement
from convfilter.drawing.sheet import MARGIN
from convfilter.drawing.showing import fitting, show
from convfilter.gallery.contact import MOST_KERNELS, Gallery
from convfilter.gallery.part import Part
from tests.conftest import SAMPLES

NAMES = ["blur9", "sobel", "difference-of-gaussians", "feature-stack", "emboss", "gaussian:sigma=2"]
SCENE = open_picture(SAMPLES / "scene.jpg")


def cut(sheet: Picture, left: int, top: int, size: tuple[int, int]) -> np.ndarray[tuple[int, ...]]:
    return sheet.array[top : top + size[1], left : left + size[0]]


def centred(arrangement: Arrangement, number: int, size: tuple[int, int]) -> tuple[int, int]:
    left, top = arrangement.place(number)
    room = arrangement.whole
    return left + (room[0] - size[0]) // 2, top + (room[1] - size[1]) // 2


@pytest.mark.parametrize("file", ["scene.jpg", "disc.png", "ramp16.png", "square-10x10.png"])
def test_every_tile_is_what_apply_makes_scaled_and_the_original_is_first(file: str) -> None:
    picture = open_picture(SAMPLES / file)
    gallery = Gallery.of(picture, [get_kernel(name) for name in NAMES], title=file)
    sheet = gallery.draw(border="wrap")
    assert (sheet.width, sheet.height) == gallery.arrangement.size
    results = [picture, *(apply(picture, name, border="wrap") for name in NAMES)]
    for number, result in enumerate(results):
        size = fitting((result.width, result.height), gallery.arrangement.whole)
        place = centred(gallery.arrangement, number, size)
        np.testing.assert_array_equal(cut(sheet, *place, size), np.asarray(show(result, size)))


def test_the_part_is_cut_out_of_each_result_and_enlarged_whole_times() -> None:
    part = Part(150, 140, 96, 72)
    gallery = Gallery.of(SCENE, [get_kernel("blur9"), get_kernel("sobel")], part=part)
    sheet = gallery.draw()
    assert gallery.arrangement.part == (384, 288)
    for number, picture in enumerate([SCENE, apply(SCENE, "blur9"), apply(SCENE, "sobel")]):
        left, top = gallery.arrangement.place(number)
        top += gallery.arrangement.whole[1] + BETWEEN
        expected = picture.array[140:212, 150:246].repeat(4, axis=0).repeat(4, axis=1)
        np.testing.assert_array_equal(cut(sheet, left, top, (384, 288)), expected)


def test_only_the_original_is_marked() -> None:
    kernels = [get_kernel("identity")]
    gallery = Gallery.of(SCENE, kernels, part=Part(150, 140, 96, 72))
    sheet = gallery.draw()
    first, second = (cut(sheet, *gallery.arrangement.place(n), gallery.arrangement.whole)
                     for n in (0, 1))  # fmt: skip
    differing = (first != second).any(axis=2)
    assert 0 < differing.mean() < 0.05


@pytest.mark.parametrize("count", [1, 4, 40])
def test_margins_are_white_and_labels_are_dark(count: int) -> None:
    gallery = Gallery.of(SCENE, [get_kernel("identity")] * count, title="scene")
    array = gallery.draw().array
    edges = array[: MARGIN - 4], array[:, : MARGIN - 4], array[1 - MARGIN :], array[:, 4 - MARGIN :]
    assert all((edge == 255).all() for edge in edges)
    for number in range(count + 1):
        left, top = gallery.arrangement.place(number)
        across, down = gallery.arrangement.tile
        label = array[top + gallery.arrangement.pictures[1] + 4 : top + down, left : left + across]
        assert label.min() < 90


def test_the_colour_profile_of_the_picture_is_kept() -> None:
    from dataclasses import replace

    from convfilter.picture import Metadata

    profiled = replace(SCENE, metadata=Metadata(icc=b"profile"))
    assert Gallery.of(profiled, [get_kernel("blur3")]).draw().metadata == Metadata(icc=b"profile")


@pytest.mark.parametrize(("count", "what"), [(0, "no kernel"), (MOST_KERNELS + 1, "too many")])
def test_no_kernels_and_too_many_are_refused(count: int, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        Gallery.of(SCENE, [get_kernel("identity")] * count)


def test_a_part_outside_the_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="960 × 640"):
        Gallery.of(SCENE, [get_kernel("blur3")], part=Part(950, 0, 11, 5))
