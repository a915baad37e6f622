import io

import numpy as np
import pytest
from PIL import Image

from convfilter import ConvfilterError, Kernel, Picture, apply, get_kernel, open_picture
from convfilter.drawing.animated import ANIMATED
from convfilter.drawing.lettering import width
from convfilter.drawing.sliding_window import END, FIRST_ROW, START, STEP, SUM, Scene
from convfilter.gallery.animation import animation_writer, make_scene
from convfilter.gallery.part import Part
from convfilter.options import FilterOptions
from convfilter.registry.catalogue import get_single_kernel
from tests.conftest import SAMPLES

SQUARE = open_picture(SAMPLES / "square-10x10.png")
ANTI_DIAGONAL = Kernel([[0, 0, 1], [0, 1, 0], [1, 0, 0]], name="anti-diagonal")
BLACK_OUTSIDE = FilterOptions.parse(border="constant:0")


def scene(**options: object) -> Scene:
    return make_scene(SQUARE, ANTI_DIAGONAL, FilterOptions.parse(**options), title="square")


def shades(image: Image.Image, drawn: Scene) -> np.ndarray[tuple[int, ...]]:
    """Return the shade of each cell of the result, from its corner, where no number stands."""
    cells = np.empty(drawn.walk.result.shape, int)
    for row, column in np.ndindex(*cells.shape):
        left, top = drawn.right[0] + column * drawn.cell, drawn.right[1] + row * drawn.cell
        cells[row, column] = np.asarray(image)[top + 3, left + 3].mean()
    return cells


def test_frames_are_the_first_products_each_pixel_and_the_result() -> None:
    drawn = scene()
    frames = list(drawn.frames())
    durations = [milliseconds for _, milliseconds in frames]
    assert durations[0] == START
    assert len(set(durations[1:9])) == 1
    assert durations[9:] == [SUM, *[FIRST_ROW] * 9, *[STEP] * 90, END]
    assert {image.size for image, _ in frames} == {drawn.size}
    assert sum(durations) < 60_000


def test_the_last_frame_shows_the_result() -> None:
    drawn = scene(border="constant:0")
    expected = apply(SQUARE, ANTI_DIAGONAL, border="constant:0").array
    np.testing.assert_array_equal(drawn.walk.result, expected)
    assert expected[4, 4] == 3
    np.testing.assert_array_equal(shades(drawn.last, drawn), np.rint(expected / 3 * 255))


def test_the_result_grows_pixel_by_pixel() -> None:
    drawn = scene(border="constant:0")
    final = shades(drawn.last, drawn).ravel()
    images = [image for image, _ in drawn.frames()]
    for done in (1, 37, 99):
        shown = shades(images[8 + done], drawn).ravel()
        # The last one has the frame of the window around it.
        assert (shown[: done - 1] == final[: done - 1]).all()
        assert (shown[done:] == 255).all()


@pytest.mark.parametrize("name", ANIMATED)
def test_the_file_has_every_frame_its_duration_and_ends_with_the_result(name: str) -> None:
    drawn = scene(border="constant:0")
    stream = io.BytesIO()
    animation_writer(drawn, name)(stream)
    with Image.open(stream) as image:
        assert image.format == name.upper()
        frames, lasting = getattr(image, "n_frames"), []  # noqa: B009 - of animations
        for number in range(frames):
            image.seek(number)
            image.load()
            lasting.append(image.info["duration"])
        np.testing.assert_array_equal(
            shades(image.convert("RGB"), drawn), shades(drawn.last, drawn)
        )
    # Frames that look like the one before are stored as one that stands longer.
    assert sum(lasting) == sum(milliseconds for _, milliseconds in drawn.frames())
    assert frames >= 100
    assert lasting[-1] >= END


def test_of_colours_the_brightness_is_shown_and_named() -> None:
    colours = open_picture(SAMPLES / "scene.jpg")
    drawn = make_scene(colours, get_single_kernel("sharpen"), part=Part(150, 140, 8, 8))
    assert "0.299 R" in drawn.note
    assert drawn.walk.pixels.shape == (8, 8)


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ("laplacian7", {}),
        ("[[1]]", {}),
        ("[[1,2],[3,4]]", {"padding": "full"}),
        ("sobel-x", {"stride": 2}),
        ("blur3", {"dilation": 3}),
        ("[[0.123456, -7.5]]", {"range": "center", "operation": "convolve"}),
        ("blur5", {"padding": "valid"}),
    ],
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_every_number_has_room(kernel: str, options: dict[str, object], dtype: str) -> None:
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    array = (np.random.default_rng(1).random((12, 11)) * full).astype(dtype)
    drawn = make_scene(
        Picture.of_array(array),
        get_single_kernel(kernel),
        FilterOptions.parse(**options),
    )
    assert max(width(text, 10) for text in drawn._texts) <= drawn.cell
    across, down = drawn.size
    assert max(drawn.left[2], drawn.middle[2], drawn.right[2]) < across <= 2600
    assert max(drawn.left[3], drawn.middle[3], drawn.right[3]) < down <= 1200
    assert drawn.left[2] < drawn.middle[0] < drawn.middle[2] < drawn.right[0]


@pytest.mark.parametrize(
    ("side", "kernel", "options", "what"),
    [
        (13, "blur3", {}, "too many to follow"),
        (12, "blur9", {}, "too many to follow"),
        (12, "laplacian7", {"dilation": 5}, "reaches too far"),
    ],
)
def test_what_could_not_be_followed_is_refused(
    side: int, kernel: str, options: dict[str, object], what: str
) -> None:
    picture = Picture.of_array(np.zeros((side, side), np.uint8))
    with pytest.raises(ConvfilterError, match=what) as caught:
        make_scene(picture, get_single_kernel(kernel), FilterOptions.parse(**options))
    assert caught.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_has_no_shade_is_refused(value: float) -> None:
    picture = Picture.of_array(np.full((3, 3), value, np.float32))
    with pytest.raises(ConvfilterError, match="NaN"):
        make_scene(picture, ANTI_DIAGONAL)


def test_composites_cannot_be_stepped_through() -> None:
    with pytest.raises(ConvfilterError, match="single"):
        get_single_kernel("sobel")
    assert get_kernel("sobel").label == "sobel"
