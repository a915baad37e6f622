"""A picture in parts: several make rows of it, and together they make what one makes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convfilter import Picture, open_picture
from convfilter.errors import OutputError
from convfilter.filtering import Filtering, plan_filtering
from convfilter.options import FilterOptions
from convfilter.parts import Joined, Offer, Part, Piece
from convfilter.registry.catalogue import get_kernel
from convfilter.sharing import is_worth_sharing, join_parts, make_part

RANDOM = np.random.default_rng(5)

ROWS = 6000
"""Enough for several bands."""


def planned(path: Path, kernels: list[str], **options: Any) -> Filtering:
    found = [get_kernel(kernel) for kernel in kernels]
    return plan_filtering(open_picture(path), found, FilterOptions.parse(**options))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a picture of which some rows can be read."""
    array = RANDOM.integers(0, 65536, (ROWS, 120, 3), dtype=np.uint16)
    np.save(tmp_path / "in.npy", array)
    return tmp_path / "in.npy"


@pytest.mark.parametrize("count", [1, 2, 5, 40])
@pytest.mark.parametrize(
    ("kernels", "options"),
    [
        (["blur5"], {}),
        (["[[1,2,1]]"], {"stride": (3, 2)}),
        (["gaussian:sigma=3", "sobel"], {"border": "wrap", "range": "abs"}),
        (["box:size=41"], {"padding": "full"}),
        (["sharpen"], {"linear": True}),
    ],
)
def test_parts_make_the_whole(
    path: Path, tmp_path: Path, kernels: list[str], options: dict[str, Any], count: int
) -> None:
    whole = planned(path, kernels, **options)
    together = tmp_path / "together"
    together.touch()
    pieces = [Piece(str(together), number, count) for number in range(count)]
    # Each by itself, as other machines would, and in another order.
    parts = [make_part(planned(path, kernels, **options), piece) for piece in reversed(pieces)]
    joined = join_parts(whole, Joined(str(together), tuple(parts)))
    alone = whole.run()
    assert joined.executed == alone.executed
    assert joined.picture.mode == alone.picture.mode
    np.testing.assert_array_equal(joined.picture.array, alone.picture.array)


def test_several_pieces_have_something_to_do(path: Path) -> None:
    assert len(planned(path, ["blur5"]).plan.turns) >= 5


@pytest.mark.parametrize(
    "parts", [(), (Part(0, 900, 0, 1),), (Part(0, 900, 0, 1), Part(901, ROWS, 0, 1)),
              (Part(0, 901, 0, 1), Part(900, ROWS, 0, 1)), (Part(0, ROWS + 1, 0, 1),)],
)  # fmt: skip
def test_rows_that_nobody_made_or_two_made_are_told(
    path: Path, tmp_path: Path, parts: tuple[Part, ...]
) -> None:
    with pytest.raises(OutputError, match="do not fit together"):
        join_parts(planned(path, ["blur5"]), Joined(str(tmp_path / "together"), parts))


def test_a_file_that_has_gone_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be kept while it is made"):
        make_part(planned(path, ["blur5"]), Piece(str(tmp_path / "gone"), 0, 2))
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("kernels", "options", "least", "is_worth"),
    [
        (["blur5"], {}, 1000, True),
        (["blur5"], {}, 10**9, False),
        (["sobel-x"], {"range": "stretch"}, 1000, False),
        (["blur5", "sobel"], {"range": "abs"}, 1000, True),
    ],
)
def test_who_must_know_the_whole_picture_filters_it_alone(
    path: Path, kernels: list[str], options: dict[str, Any], least: int, is_worth: bool
) -> None:
    offer = Offer(least, str(path))
    assert is_worth_sharing(planned(path, kernels, **options), offer) == is_worth


def test_a_picture_in_memory_is_not_shared(path: Path) -> None:
    picture = Picture.of_array(RANDOM.integers(0, 256, (600, 600), dtype=np.uint8))
    in_memory = plan_filtering(picture, [get_kernel("blur5")], FilterOptions())
    assert not is_worth_sharing(in_memory, Offer(1, str(path)))


@pytest.mark.parametrize("lowest", [0, 65535])
def test_a_picture_that_each_would_have_to_look_through_is_not_shared(
    tmp_path: Path, lowest: int
) -> None:
    array = np.full((600, 100, 4), 65535, np.uint16)
    array[300, 50, 3] = lowest
    path = tmp_path / "in.tif"
    tifffile.imwrite(path, array, photometric="rgb", extrasamples=["unassalpha"], metadata=None)
    found = planned(path, ["blur5"])
    assert found.picture.has_alpha
    assert is_worth_sharing(found, Offer(1000, str(path))) == (lowest == 0)


def test_a_picture_is_not_shared_through_a_file_that_cannot_be_written(
    path: Path,
) -> None:
    assert not is_worth_sharing(planned(path, ["blur5"]), Offer(1000, str(path) + ".gone"))
