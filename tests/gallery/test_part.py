import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter import Picture, UsageError
from convfilter.gallery.part import Part

SIDE = st.integers(1, 50)


def test_a_part_is_read_and_written_the_same() -> None:
    assert Part.parse("1,2,3,4") == Part(1, 2, 3, 4)
    assert str(Part.parse(" 1, 2,3 ,4")) == "1,2,3,4"


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1.5,0,3,3", "0,0,0,5", "-1,0,2,2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--crop"):
        Part.parse(text)


def test_it_is_cut_out_with_its_layout() -> None:
    array = np.arange(5 * 6 * 4, dtype=np.uint16).reshape(5, 6, 4)
    cut = Part(1, 2, 3, 2).cut_out(Picture.of_array(array, "CMYK"))
    np.testing.assert_array_equal(cut.array, array[2:4, 1:4])
    assert cut.layout == "CMYK"


@given(st.tuples(SIDE, SIDE), st.tuples(SIDE, SIDE), st.data())
def test_scaled_it_still_lies_within_and_has_a_pixel(
    size: tuple[int, int], to: tuple[int, int], data: st.DataObject
) -> None:
    left, top = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    part = Part(left, top, data.draw(st.integers(1, size[0] - left)),
                data.draw(st.integers(1, size[1] - top)))  # fmt: skip
    box = part.scaled(size, to)
    assert 0 <= box[0] < box[2] <= to[0]
    assert 0 <= box[1] < box[3] <= to[1]
