"""NPY files as pictures: values and shapes kept, in bands, and to pictures where they fit."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image
from scipy.signal import savgol_filter

from convfilter import OutputError, PictureError, convolve, open_picture, save_picture
from convfilter.mixing import MixingKernel
from convfilter.picture import Picture
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_picture
from convfilter.registry.catalogue import get_kernel
from tests.conftest import SAMPLES, Program

shapes = st.one_of(
    st.tuples(st.integers(1, 9)),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6)),
)
arrays = st.sampled_from(["uint8", "<u2", ">u2", "<f4", ">f8"]).flatmap(
    lambda dtype: shapes.flatmap(lambda shape: hnp.arrays(dtype, shape))
)


def file_of(array: NDArray[Any], fortran: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asfortranarray(array) if fortran else array)
    return stream.getvalue()


@given(array=arrays, fortran=st.booleans(), piped=st.booleans())
def test_arrays_come_through_bit_for_bit(
    array: NDArray[Any], fortran: bool, piped: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("arrays") / "in.npy"
    path.write_bytes(file_of(array, fortran))
    if piped:
        picture = read_picture(io.BytesIO(path.read_bytes()), "standard input")
    else:
        picture = open_picture(path)
    data, notes = encode_picture(picture, FORMATS["npy"], WriteOptions())
    back = np.load(io.BytesIO(data))
    assert not notes
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.tobytes() == np.ascontiguousarray(array.astype(back.dtype)).tobytes()


def test_a_series_is_smoothed_unrounded(tmp_path: Path, program: Program) -> None:
    series = np.cumsum(np.random.default_rng(1).normal(size=200))
    for shape in ((200,), (1, 200)):
        np.save(tmp_path / "series.npy", series.reshape(shape))
        target = tmp_path / f"out{len(shape)}.npy"
        done = program("apply", tmp_path / "series.npy", target, "-k", "savgol:window=7,order=2")
        assert done.exit_code == 0, done.stderr
        smooth = np.load(target)
        assert smooth.shape == shape
        expected = savgol_filter(series, 7, 2, mode="nearest")
        np.testing.assert_allclose(smooth.ravel(), expected, rtol=1e-12, atol=1e-12)


def test_float_arrays_keep_their_values(tmp_path: Path, program: Program) -> None:
    array = np.random.default_rng(2).normal(size=(20, 30, 5)).astype(np.float32) * 1e4
    np.save(tmp_path / "in.npy", array)
    done = program("apply", tmp_path / "in.npy", tmp_path / "out.npy", "-k", "laplacian4")
    assert done.exit_code == 0, done.stderr
    out = np.load(tmp_path / "out.npy")
    assert out.dtype == np.float32
    expected = convolve(array, get_kernel("laplacian4"), range="abs")
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(("outputs", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_mixed_channels_make_a_picture_where_one_has_so_many(
    outputs: int, mode: str, tmp_path: Path, program: Program
) -> None:
    weights = np.ones((1, 1, 3, outputs)) / 3
    np.save(tmp_path / "mix.npy", weights)
    done = program("apply", SAMPLES / "scene.jpg", tmp_path / "out.png", "-k", tmp_path / "mix.npy")
    assert done.exit_code == 0, done.stderr
    with Image.open(tmp_path / "out.png") as image:
        assert image.mode == mode
        pixels = np.asarray(image)
    scene = open_picture(SAMPLES / "scene.jpg").array
    expected = convolve(scene, MixingKernel.of_weights(weights))
    np.testing.assert_array_equal(pixels.reshape(expected.shape), expected)


def test_any_number_of_outputs_goes_to_an_array(tmp_path: Path, program: Program) -> None:
    np.save(tmp_path / "mix.npy", np.arange(63).reshape(3, 3, 1, 7))
    source = SAMPLES / "square-10x10.png"
    args = ("apply", source, tmp_path / "out.npy", "-k", tmp_path / "mix.npy", "--divisor", 9)
    assert program(*args).exit_code == 0
    assert np.load(tmp_path / "out.npy").shape == (10, 10, 7)
    done = program("apply", source, tmp_path / "out.png", "-k", tmp_path / "mix.npy")
    assert done.exit_code == 1
    assert "7 planes" in done.stderr
    assert "npy" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_alpha_stays_where_the_colours_are_mixed(tmp_path: Path, program: Program) -> None:
    np.save(tmp_path / "mix.npy", np.eye(3)[None, None, :, ::-1])
    done = program("apply", SAMPLES / "disc.png", tmp_path / "out.png", "-k", tmp_path / "mix.npy")
    assert done.exit_code == 0, done.stderr
    before = open_picture(SAMPLES / "disc.png").array
    after = open_picture(tmp_path / "out.png").array
    np.testing.assert_array_equal(after, before[..., [2, 1, 0, 3]])


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.zeros((2, 2), np.int32), "int32"),
        (np.zeros((2, 2), np.float16), "float16"),
        (np.zeros((2, 2), complex), "complex"),
        (np.zeros((2, 2, 2, 2)), "shape"),
        (np.zeros(()), "shape"),
    ],
)
def test_other_arrays_are_refused(array: NDArray[Any], told: str, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", array)
    with pytest.raises(PictureError, match=told):
        open_picture(tmp_path / "in.npy")


def test_damaged_arrays_are_refused(tmp_path: Path) -> None:
    whole = file_of(np.zeros((50, 60)))
    for length in (*range(0, 130, 7), len(whole) - 1):
        (tmp_path / "in.npy").write_bytes(whole[:length])
        with pytest.raises(PictureError):
            open_picture(tmp_path / "in.npy")
    (tmp_path / "in.npy").write_bytes(whole + b"x")
    with pytest.raises(PictureError, match="damaged"):
        open_picture(tmp_path / "in.npy")
    (tmp_path / "in.npy").write_bytes(whole)
    with pytest.raises(PictureError, match="--max-pixels 3000"):
        open_picture(tmp_path / "in.npy", ReadOptions(max_pixels=2999))


def test_a_file_that_becomes_shorter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "in.npy"
    path.write_bytes(file_of(np.zeros((50, 60))))
    picture = open_picture(path)
    path.write_bytes(b"")
    with pytest.raises(PictureError, match="shorter"):
        _ = picture.array


def test_floats_do_not_go_into_pictures_of_bytes(tmp_path: Path) -> None:
    picture = Picture.of_array(np.zeros((3, 3, 3)))
    with pytest.raises(OutputError, match="npy"):
        save_picture(picture, tmp_path / "out.png")
