"""The library's functions refuse what is no argument of theirs, and say what would be."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convfilter
from convfilter import Border, Kernel, Picture, ReadOptions, WriteOptions
from convfilter.arguments import expect, path_name, whole_number

ARRAY = np.zeros((8, 9, 3), np.uint8)
BLUR = Kernel([[1, 2, 1]], divisor=4)
ANY: Any = convfilter
"""The package without its types: what is wrong here is the point."""

WRONG: dict[str, Callable[[], object]] = {
    "operation 1 is not a name": lambda: ANY.convolve(ARRAY, BLUR, operation=1),
    "range 5 is not a name": lambda: ANY.convolve(ARRAY, BLUR, range=5),
    "method None is not a name": lambda: ANY.convolve(ARRAY, BLUR, method=None),
    "int instead of a border": lambda: ANY.convolve(ARRAY, BLUR, border=3),
    "tuple instead of a border": lambda: ANY.convolve(ARRAY, BLUR, border=("constant", 1)),
    "int instead of the name of a border": lambda: ANY.Border(3),
    "float instead of the values": lambda: ANY.Border("constant", 0.5),
    "value that is not finite": lambda: ANY.Border("constant", ("a",)),
    "not a whole number or": lambda: ANY.convolve(ARRAY, BLUR, stride=2.0),
    "expected a name or": lambda: ANY.convolve(ARRAY, BLUR, padding=((0.5, 1), (1, 1))),
    "padding .* beyond any picture": lambda: ANY.convolve(
        ARRAY, BLUR, padding=((10**9, 0), (0, 0))
    ),
    "workers '2' is not a whole": lambda: ANY.convolve(ARRAY, BLUR, workers="2"),
    "ndarray instead of a number": lambda: ANY.convolve(ARRAY, BLUR, divisor=np.array([2])),
    "str instead of a number": lambda: ANY.convolve(ARRAY, BLUR, offset="half"),
    "list instead of a kernel": lambda: ANY.convolve(ARRAY, [[1, 2]]),
    "list is no array": lambda: ANY.convolve([[1, 2], [3]], BLUR),
    "unknown option 'pading'; did you mean padding": lambda: ANY.plan(
        (8, 9), "uint8", BLUR, pading="same"
    ),
    "unknown option 'alpha'": lambda: ANY.plan((8, 9), "uint8", BLUR, alpha="keep"),
    "int instead of a shape": lambda: ANY.plan(8, "uint8", BLUR),
    "side 8.5 is not a whole": lambda: ANY.plan((8.5, 9), "uint8", BLUR),
    "unknown dtype None": lambda: ANY.plan((8, 9), None, BLUR),
    "unknown option 'out_dtype'": lambda: ANY.apply(ARRAY, BLUR, out_dtype="float32"),
    "int instead of a kernel": lambda: ANY.apply(ARRAY, [5]),
    "NoneType instead of kernels": lambda: ANY.apply(ARRAY, None),
    "str instead of a picture": lambda: ANY.apply("in.jpg", BLUR),
    "layout RGB with int32 samples": lambda: ANY.apply(ARRAY.astype(np.int32), BLUR),
    "str instead of a share": lambda: ANY.apply(ARRAY, BLUR, mix="1"),
    "int instead of channels": lambda: ANY.apply(ARRAY, BLUR, channels=1),
    "name of a channel": lambda: ANY.apply(ARRAY, BLUR, channels=[1]),
    "NoneType instead of the name of a kernel": lambda: ANY.get_kernel(None),
    "origin 0 is not a row": lambda: ANY.Kernel([[1]], origin=0),
    "origin .* is not a row": lambda: ANY.Kernel([[1, 2, 1]], origin=(0, 0.7)),
    "str instead of a kernel; get_kernel": lambda: ANY.Composite(combine="l2", kernels=["sobel-x"]),
    "Kernel instead of several kernels": lambda: ANY.Composite(combine="l2", kernels=BLUR),
    "str instead of a step": lambda: ANY.Recipe(steps=["blur5"]),
    "str instead of a kernel": lambda: ANY.RecipeStep("blur5"),
    "dict instead of options": lambda: ANY.RecipeStep(BLUR, {"range": "abs"}),
    "unknown range 'x'": lambda: ANY.FilterOptions(range="x"),
    "border 'reflect' has two meanings": lambda: ANY.FilterOptions(border="reflect"),
    "unknown padding 'bogus'": lambda: ANY.FilterOptions(padding="bogus"),
    "'2' is not a whole number or": lambda: ANY.FilterOptions(stride="2"),
    "unknown depth '12'": lambda: WriteOptions(depth="12"),
    "unknown format 'jp2'": lambda: WriteOptions(format="jp2"),
    "int instead of the name of a format": lambda: ANY.WriteOptions(format=3),
    "int instead of a colour": lambda: ANY.WriteOptions(background=7),
    "is no colour; name it": lambda: ANY.WriteOptions(background=(0.5,)),
    "is no colour": lambda: ANY.WriteOptions(background=(128, 128, 128)),
    "str instead of a percentage": lambda: ANY.WriteOptions(fail_on_clip="5"),
    "ndarray instead of a path": lambda: ANY.open_picture(ARRAY),
    "int instead of ReadOptions": lambda: ANY.open_frames("in.gif", 5),
    "ndarray instead of a picture": lambda: ANY.save_picture(ARRAY, "out.png"),
    "NoneType instead of a path": lambda: ANY.save_picture(Picture.of_array(ARRAY), None),
    "dict instead of WriteOptions": lambda: ANY.save_picture(
        Picture.of_array(ARRAY), "out.png", {"quality": 5}
    ),
    "Picture instead of frames": lambda: ANY.save_frames(Picture.of_array(ARRAY), "out.gif"),
    "quality 101 is not between": lambda: WriteOptions(quality=101),
    "unknown colour 'blurple'": lambda: WriteOptions(background="blurple"),
    "max_pixels 0 lets no picture": lambda: ReadOptions(max_pixels=0),
    "frame -1 is before the first": lambda: ReadOptions(frame=-1),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_arguments_are_refused_in_words(message: str) -> None:
    with pytest.raises(convfilter.ConvfilterError, match=message):
        WRONG[message]()


@pytest.mark.parametrize("two", [2, 2.0, Fraction(2), np.int64(2), np.float32(2), Decimal(2)])
def test_numbers_of_every_kind_divide(two: Any) -> None:
    half = Kernel([[1]], divisor=two)
    assert half.divisor == 2
    bright = np.full((2, 3), 200, np.uint8)
    assert (convfilter.convolve(bright, Kernel([[1]]), divisor=two) == 100).all()


def test_decimals_stay_exact() -> None:
    tenth: Any = Decimal("0.1")
    assert Kernel([[1]], divisor=tenth).divisor == Fraction(1, 10)


def test_pairs_may_be_lists_and_sizes_numpys() -> None:
    pair: Any = [2, np.int64(3)]
    assert convfilter.convolve(ARRAY, BLUR, stride=pair).shape == (4, 3, 3)


def test_a_kernel_may_be_given_as_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("weights: [[1, 2, 1]]\ndivisor: 4\n")
    bright = np.arange(72, dtype=np.uint8).reshape(8, 9)
    expected = convfilter.convolve(bright, BLUR)
    np.testing.assert_array_equal(convfilter.convolve(bright, path), expected)
    np.testing.assert_array_equal(convfilter.apply(bright, path).array, expected)
    np.testing.assert_array_equal(convfilter.apply(bright, [path]).array, expected)


def test_a_file_is_replaced_where_the_options_say_so(tmp_path: Path) -> None:
    picture, path = Picture.of_array(ARRAY), tmp_path / "out.png"
    convfilter.save_picture(picture, path)
    with pytest.raises(convfilter.OutputError, match="exists"):
        convfilter.save_picture(picture, path)
    convfilter.save_picture(picture, path, WriteOptions(overwrite=True))


def test_options_take_what_the_functions_take() -> None:
    options = ANY.FilterOptions(border="white", stride=2, dilation=[2, 3], channels="r,g")
    assert options == convfilter.FilterOptions.parse(
        border=Border("constant", (1,)), stride=(2, 2), dilation=(2, 3), channels=("red", "green")
    )
    assert ANY.WriteOptions(depth=16) == WriteOptions(depth="16")


def test_a_background_is_named_or_made_of_fractions() -> None:
    half = Fraction(1, 2)
    assert WriteOptions(background="white").background_colour == (Fraction(1),) * 3
    assert WriteOptions(background=(half, half, half)).background_colour == (half, half, half)


def test_what_is_expected_is_handed_on() -> None:
    border = Border()
    assert expect(border, str | Border, "a border") is border
    assert whole_number(np.uint8(7), "sides") == 7
    assert path_name(Path("a.jpg")) == path_name(b"a.jpg") == "a.jpg"
