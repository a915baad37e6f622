from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.named import OPERATIONS, RANGES
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.interchange.exporting import write_kernel
from convfilter.registry.interchange.importing import read_kernels, recognise
from convfilter.registry.interchange.table import INTERCHANGE, Source
from tests.registry.interchange.effect import effect, nearly
from tests.registry.published import PUBLISHED

FIELDS = (
    "exact_weights", "denominator", "divisor", "offset", "origin", "operation", "border",
    "range", "title", "tags", "source", "description",
)  # fmt: skip

exact = st.integers(-1000, 1000) | st.fractions(-9, 9, max_denominator=60)
floats = st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-9)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


@st.composite
def kernels(draw: st.DrawFn) -> Kernel:
    """Draw a kernel of any shape, with every field that a file can say."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    number = draw(st.sampled_from([st.integers(-50, 50), exact, floats, exact | floats]))
    return Kernel(
        [[draw(number) for _ in range(columns)] for _ in range(rows)],
        divisor=draw((exact | floats).filter(bool)),
        offset=draw(st.fractions(-2, 2, max_denominator=20) | st.just(0)),
        origin=(draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))),
        operation=draw(st.sampled_from(list(OPERATIONS))),
        border=draw(st.sampled_from([None, "wrap", "constant:1/3", "constant:red"])),
        range=draw(st.sampled_from([None, *RANGES])),
        title=draw(words),
        tags=draw(st.lists(words, max_size=3)),
        source=draw(words),
        description=draw(
            words
            | st.sampled_from(["on", "a\n\nb: c\nd", "1:30", "0777", "a: b #c", "'", '"', "-"])
        ),
    )


def read_back(kernel: Kernel, format_name: str) -> Kernel:
    (back,) = read_kernels(Source(write_kernel(kernel, format_name).data), format_name)
    return back


@pytest.mark.parametrize("format_name", ["yaml", "json"])
@given(kernel=kernels())
def test_kernel_files_give_back_an_equal_kernel(format_name: str, kernel: Kernel) -> None:
    back = read_back(kernel, format_name)
    for field in FIELDS:
        assert getattr(back, field) == getattr(kernel, field), field
    assert back.weights.dtype == kernel.weights.dtype


@pytest.mark.parametrize("format_name", ["npy", "csv", "libvips", "imagemagick"])
@given(kernel=kernels())
def test_other_formats_give_back_the_same_effect(format_name: str, kernel: Kernel) -> None:
    if format_name != "libvips":
        kernel = kernel.replace(offset=0)
    assert nearly(effect(read_back(kernel, format_name)), effect(kernel))


@given(kernel=kernels())
def test_graphicsmagick_gives_back_the_effect_of_a_normalized_kernel(kernel: Kernel) -> None:
    kernel = kernel.replace(offset=0)
    if abs(float(kernel.sum)) < 1e-3:
        return
    kernel = kernel.normalized()
    assert nearly(effect(read_back(kernel, "graphicsmagick")), effect(kernel))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("format_name", ["npy", "csv", "libvips", "imagemagick"])
def test_integers_are_carried_exactly(format_name: str, operation: str) -> None:
    kernel = Kernel([[1, -2, 3, 0], [4, 5, -6, 7]], origin=(1, 3), operation=operation)
    assert effect(read_back(kernel, format_name)) == effect(kernel)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("format_name", [row.name for row in INTERCHANGE.values() if row.write])
def test_built_in_kernels_are_written_and_recognised(format_name: str, name: str) -> None:
    kernel = get_kernel(name)
    if format_name == "imagemagick":
        kernel = kernel.replace(offset=0)  # which is in the command, not in the string
    try:
        written = write_kernel(kernel, format_name)
    except KernelError as error:
        assert error.cause
        assert error.hint
        return
    row = INTERCHANGE[format_name]
    if row.recognise:
        assert recognise(Source(written.data)).name == format_name
    if row.read:
        (back,) = row.read(Source(written.data))
        assert nearly(effect(back), effect(kernel))


@given(matrix=st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_npy_holds_integers_where_the_quotients_are_integers(matrix: list[list[int]]) -> None:
    kernel = Kernel([[6 * value for value in row] for row in matrix], divisor=3, origin=(0, 0))
    array = read_back(kernel, "npy").weights
    assert array.dtype == np.int64
    assert set(array.ravel()) <= {2 * value for row in matrix for value in row} | {0}


def fraction_kernel(**fields: Any) -> Kernel:
    return Kernel([[Fraction(1, 3), Fraction(1)]], **fields)


def test_what_is_rounded_is_noted() -> None:
    for format_name in ("npy", "csv", "imagemagick"):
        assert "rounded" in write_kernel(fraction_kernel(), format_name).notes[0]
        assert not write_kernel(Kernel([[1, 0.5]]), format_name).notes
    assert not write_kernel(fraction_kernel(), "libvips").notes
    assert not write_kernel(fraction_kernel(), "c").notes
