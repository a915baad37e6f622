"""Samples that Pillow does not hold come through whole, or are refused with the remedy."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convfilter import (
    Frames,
    OutputError,
    Picture,
    PictureError,
    apply,
    open_frames,
    open_picture,
    save_picture,
)
from convfilter.filtering import plan_filtering
from convfilter.options import FilterOptions
from convfilter.picture import Metadata, split_mode
from convfilter.pictures.depth import DEPTH_DTYPES, with_dtype
from convfilter.pictures.formats import FORMATS, Format
from convfilter.pictures.frames import read_any
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_picture
from convfilter.registry.catalogue import get_kernel
from tests.conftest import Program
from tests.pictures.drawn_pictures import noise
from tests.pictures.full_metadata import EXIF, FULL

DEEP = [(entry, mode) for entry in FORMATS.values() for mode in sorted(entry.deep_modes)]


def tiff(array: NDArray[Any], **settings: Any) -> bytes:
    stream = io.BytesIO()
    settings.setdefault("photometric", "rgb" if array.ndim == 3 else "minisblack")
    tifffile.imwrite(stream, array, metadata=None, **settings)
    return stream.getvalue()


def read(data: bytes, tmp_path: Path | None = None) -> Picture:
    """Read from memory, or from a file, which goes other ways."""
    if tmp_path is None:
        return read_picture(io.BytesIO(data), "test")
    (tmp_path / "picture").write_bytes(data)
    return open_picture(tmp_path / "picture")


RGB16 = noise("RGB;16").array


@pytest.mark.parametrize(("entry", "mode"), DEEP, ids=lambda value: getattr(value, "name", value))
def test_every_deep_mode_comes_back_bit_for_bit(entry: Format, mode: str) -> None:
    picture = noise(mode)
    assert picture.mode == mode
    data, notes = encode_picture(picture, entry, WriteOptions())
    back = read(data)
    assert (back.mode, notes, back.notes) == (mode, (), ())
    np.testing.assert_array_equal(back.array, picture.array)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
class TestARamp:
    """A 16-bit RGB ramp, by way of the program."""

    @staticmethod
    def ramp() -> NDArray[np.uint16]:
        across, down = np.meshgrid(np.arange(300), np.arange(200))
        return np.stack([across * 219, down * 329, across * down], axis=-1).astype(np.uint16)

    def test_identity_keeps_every_bit(self, suffix: str, tmp_path: Path, program: Program) -> None:
        given, made = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
        save_picture(Picture.of_array(self.ramp()), given)
        done = program("apply", given, made, "-k", "identity")
        assert (done.exit_code, done.stderr) == (0, "")
        np.testing.assert_array_equal(open_picture(made).array, self.ramp())

    def test_gaussian5_is_exact(self, suffix: str, tmp_path: Path, program: Program) -> None:
        given, made = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
        save_picture(Picture.of_array(self.ramp()[:30, :40]), given)
        assert program("apply", given, made, "-k", "gaussian5").exit_code == 0
        row = np.array([1, 4, 6, 4, 1])
        padded = np.pad(self.ramp()[:30, :40].astype(int), ((2, 2), (2, 2), (0, 0)), "edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(0, 1))
        sums = (windows * np.outer(row, row)).sum(axis=(-2, -1))
        np.testing.assert_array_equal(open_picture(made).array, (2 * sums + 256) // 512)

    def test_without_the_extra_it_is_refused(
        self, suffix: str, tmp_path: Path, program: Program, request: pytest.FixtureRequest
    ) -> None:
        given, made = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
        save_picture(Picture.of_array(self.ramp()), given)
        request.getfixturevalue("without_deep")
        done = program("apply", given, made, "-k", "identity")
        assert done.exit_code == 1
        assert "pip install 'convfilter[deep]'" in done.stderr
        assert not made.exists()
        with pytest.raises(OutputError, match=r"pip install 'convfilter\[deep\]'"):
            save_picture(Picture.of_array(self.ramp()), made)
        assert not made.exists()


@pytest.mark.usefixtures("without_deep")
@pytest.mark.parametrize("dtype", ["uint32", "int32", "float64"])
def test_other_tiffs_name_the_extra_too(dtype: str) -> None:
    with pytest.raises(PictureError, match=r"pip install 'convfilter\[deep\]'"):
        read(tiff(np.zeros((9, 9), dtype)))


@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "zstd", "lzma", "packbits"])
@pytest.mark.parametrize("cut", [{}, {"tile": (32, 16)}, {"rowsperstrip": 7}], ids=str)
def test_strips_tiles_and_compressions(
    compression: str | None, cut: dict[str, Any], from_file: bool, tmp_path: Path
) -> None:
    data = tiff(RGB16, compression=compression, **cut)
    picture = read(data, tmp_path if from_file else None)
    np.testing.assert_array_equal(picture.array, RGB16)
    # Rows from the middle, as bands ask for them.
    band = np.empty((3, 13, RGB16.shape[1]), np.uint16)
    picture.rows.read(11, 24, band)
    np.testing.assert_array_equal(band, RGB16[11:24].transpose(2, 0, 1))
    again, _ = encode_picture(picture, FORMATS["tiff"], WriteOptions())
    assert read(again).encoding == picture.encoding


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("cut", [{}, {"tile": (16, 16)}, {"rowsperstrip": 5}], ids=str)
def test_byte_orders_bigtiff_and_planes(
    byteorder: Any, bigtiff: bool, planar: str, cut: dict[str, Any], tmp_path: Path
) -> None:
    given = RGB16 if planar == "contig" else np.ascontiguousarray(RGB16.transpose(2, 0, 1))
    kinds = {"byteorder": byteorder, "bigtiff": bigtiff, "planarconfig": planar}
    for compression in (None, "zlib"):
        data = tiff(given, compression=compression, **kinds, **cut)
        np.testing.assert_array_equal(read(data, tmp_path).array, RGB16)


@pytest.mark.parametrize(
    ("dtype", "mode"),
    [("float16", "F"), ("int8", "F"), ("int16", "F"), ("int32", "L;D"), ("uint32", "L;32")],
)
def test_other_samples_keep_their_values_and_say_so(dtype: str, mode: str) -> None:
    array = (np.random.default_rng(2).random((20, 30)) * 120 - 60).astype(dtype)
    picture = read(tiff(array))
    assert picture.mode == mode
    assert bool(picture.notes) == (dtype != "uint32")
    np.testing.assert_array_equal(picture.array, array)


def test_32_bit_integers_are_filtered_exactly() -> None:
    picture = noise("L;32")
    made = apply(picture, ["gaussian5"]).array.astype(object)
    row = np.array([1, 4, 6, 4, 1], object)
    padded = np.pad(picture.array.astype(np.int64), 2, "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).astype(object)
    sums = (windows * np.outer(row, row)).sum(axis=(-2, -1))
    np.testing.assert_array_equal(made, (2 * sums + 256) // 512)
    smooth = apply(picture, ["gaussian:sigma=1.5"]).array
    exact = apply(Picture.of_array(picture.array / (2**32 - 1)), ["gaussian:sigma=1.5"]).array
    assert np.abs(smooth - exact * (2**32 - 1)).max() < 1


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_white_may_be_0(bits: int, byteorder: Any) -> None:
    levels = noise({8: "L", 16: "I;16", 32: "L;32"}[bits]).array
    picture = read(tiff(levels, photometric="miniswhite", byteorder=byteorder))
    np.testing.assert_array_equal(picture.array, 2**bits - 1 - levels)


@pytest.mark.usefixtures("without_deep")
@pytest.mark.parametrize("mode", ["I;16", "F"])
def test_white_that_is_0_is_not_taken_for_black(mode: str) -> None:
    with pytest.raises(PictureError, match="white as 0"):
        read(tiff(noise(mode).array, photometric="miniswhite"))


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_bits_between_8_and_16_are_not_taken_for_16(bits: int) -> None:
    data = bytearray(tiff(noise("I;16").array))
    # The entry of the tag BitsPerSample, whose value is told to be another.
    place = bytes(data).index(b"\x02\x01\x03\x00\x01\x00\x00\x00\x10\x00")
    data[place + 8] = bits
    with pytest.raises(PictureError, match="bit"):
        read(bytes(data))


def test_associated_alpha_is_divided_out() -> None:
    straight = noise("RGBA;16").array
    straight[..., 3] |= 1024
    straight[0, 0] = 0
    colours = np.rint(straight[..., :3].astype(float) * straight[..., 3:] / 65535)
    stored = np.dstack([colours, straight[..., 3]]).astype(np.uint16)
    picture = read(tiff(stored, extrasamples=["assocalpha"]))
    assert "alpha" in picture.notes[0]
    alpha = straight[..., 3:].astype(float)
    error = np.abs(picture.array[..., :3].astype(float) - straight[..., :3])
    assert (error <= 0.5 + 32768 / np.maximum(alpha, 1)).all()
    np.testing.assert_array_equal(picture.array[..., 3], straight[..., 3])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_reset(orientation: int) -> None:
    array = noise("RGB;16", (10, 20)).array
    tags = [(0x0112, 3, 1, orientation, True)]
    tall = read(tiff(array, extratags=tags))
    with Image.open(io.BytesIO(tiff((array >> 8).astype(np.uint8), extratags=tags))) as image:
        image.load()
        expected = np.asarray(image)
    np.testing.assert_array_equal(tall.array >> 8, expected)
    data, _ = encode_picture(tall, FORMATS["png"], WriteOptions())
    np.testing.assert_array_equal(read(data).array, tall.array)


def test_a_transparent_colour_of_16_bits_becomes_alpha() -> None:
    levels = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, format="PNG", transparency=700)
    picture = read(stream.getvalue())
    assert picture.mode == "LA;16"
    np.testing.assert_array_equal(picture.array[..., 0], levels)
    np.testing.assert_array_equal(picture.array[..., 1], np.where(levels == 700, 0, 65535))


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_metadata_come_through(name: str) -> None:
    picture = replace(noise("RGB;16"), metadata=FULL)
    data, notes = encode_picture(picture, FORMATS[name], WriteOptions())
    back = read(data)
    assert (notes, back.notes) == ((), ())
    assert (back.metadata.icc, back.metadata.xmp) == (FULL.icc, FULL.xmp)
    assert back.metadata.dpi == pytest.approx(FULL.dpi, rel=1e-3)
    with Image.open(io.BytesIO(data)) as image:  # as another program reads it
        for exif in (image.getexif(), Image.Exif()):
            if not exif:
                exif.load(back.metadata.exif or b"")
            for tag in (0x010E, 0x010F, 0x0132, 0x4746, 0x9C9C):
                assert exif[tag] == EXIF[tag]
            for directory in (0x8769, 0x8825):
                assert exif.get_ifd(directory) == EXIF.get_ifd(directory)


def test_nothing_is_printed_about_odd_profiles(capfd: pytest.CaptureFixture[str]) -> None:
    data, _ = encode_picture(
        replace(noise("RGB;16"), metadata=FULL), FORMATS["png"], WriteOptions()
    )
    read(data)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "zstd"])
def test_a_tiff_cut_off_is_refused(compression: str | None) -> None:
    data = tiff(RGB16, compression=compression, rowsperstrip=8)
    for length in np.linspace(0, len(data) - 1, 65).astype(int).tolist():
        with pytest.raises(PictureError):
            _ = read(data[:length]).array


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_no_flipped_byte_raises_anything_but_our_error(name: str) -> None:
    data, _ = encode_picture(noise("RGB;16"), FORMATS[name], WriteOptions())
    random = np.random.default_rng(11)
    for number in range(200):
        broken = bytearray(data)
        reach = len(data) if number % 2 else min(len(data), 400)
        for place in random.integers(0, reach, 3):
            broken[place] = random.integers(256)
        try:
            _ = read_picture(io.BytesIO(bytes(broken)), "broken").array
        except PictureError as error:
            assert error.what


def test_limits_hold_for_deep_files_too() -> None:
    options = ReadOptions(max_pixels=100)
    for data in (tiff(np.zeros((20, 30, 3), np.float32)), tiff(RGB16)):
        with pytest.raises(PictureError, match="--max-pixels"):
            read_picture(io.BytesIO(data), "large", options)


def test_many_channels_go_round_in_tiff() -> None:
    array = np.random.default_rng(1).integers(0, 65536, (20, 30, 5)).astype(np.uint16)
    data = tiff(array, photometric="minisblack", planarconfig="contig")
    picture = read(data)
    assert picture.mode == "5 planes;16"
    again, _ = encode_picture(picture, FORMATS["tiff"], WriteOptions())
    np.testing.assert_array_equal(read(again).array, array)


def test_kinds_that_are_not_filtered_say_which_are() -> None:
    with pytest.raises(PictureError, match="float64"):
        read(tiff(np.zeros((9, 9), np.complex64)))
    with pytest.raises(PictureError, match="gray, RGB and CMYK"):
        read(tiff(RGB16, photometric="cielab"))


def test_text_gamma_and_chromaticities_of_a_deep_png_are_kept(tmp_path: Path) -> None:
    said = Metadata(
        text=(("Title", "a ramp", "", ""), ("Author", "käse", "de", "Autor")),
        gamma=0.45455,
        chromaticity=(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06),
    )
    picture = replace(Picture.of_array(np.zeros((4, 5, 3), np.uint16)), metadata=said)
    assert save_picture(picture, tmp_path / "deep.png") == ()
    assert open_picture(tmp_path / "deep.png").metadata == said


class TestPages:
    """Several pages in one file, of samples that Pillow holds, or does not."""

    SETS = (
        ("RGB;16", "RGB;16", "RGB;16"),
        ("RGB", "RGB;16", "L"),
        ("F", "I;16", "RGBA;16"),
        ("L;D", "L;32", "RGB", "CMYK;16"),
        ("L", "L;D"),
        ("RGB;F", "5 planes;16", "F"),
    )
    """Of which Pillow knows all samples, and some, the first page's or not."""

    @staticmethod
    def pages(modes: tuple[str, ...]) -> list[Picture]:
        return [noise(mode, (13 + 5 * n, 29 - 3 * n)) for n, mode in enumerate(modes)]

    @staticmethod
    def file(pictures: list[Picture], path: Path, **settings: Any) -> Path:
        """Write them by the other package's own writer."""
        with tifffile.TiffWriter(path, **settings) as writer:
            for number, picture in enumerate(pictures):
                channels, _ = split_mode(picture.mode)
                kind = {"R": "rgb", "C": "separated"}.get(channels[0], "minisblack")
                writer.write(
                    picture.array,
                    photometric=kind,
                    planarconfig="contig" if picture.rows.planes > 1 else None,
                    extrasamples=["unassalpha"] if picture.has_alpha else None,
                    resolution=(100 + number, 70),
                    resolutionunit="INCH",
                    description=f"page {number}",
                    metadata=None,
                )
        return path

    @pytest.mark.parametrize("from_pipe", [False, True])
    @pytest.mark.parametrize("modes", SETS, ids=" ".join)
    def test_all_are_read_each_as_it_is(
        self, modes: tuple[str, ...], from_pipe: bool, tmp_path: Path
    ) -> None:
        pictures = self.pages(modes)
        path = self.file(pictures, tmp_path / "in.tif")
        options = ReadOptions()
        frames = read_any(path.read_bytes(), "-", options) if from_pipe else open_frames(path)
        assert isinstance(frames, Frames)
        assert (frames.count, frames.plays) == (len(modes), None)
        assert frames.first.mode == modes[0]
        for _ in range(2):
            for number, (page, picture) in enumerate(zip(frames, pictures, strict=True)):
                assert page.mode == picture.mode
                np.testing.assert_array_equal(page.array, picture.array)
                assert page.metadata.dpi == (100 + number, 70)
                assert f"page {number}".encode() in (page.metadata.exif or b"")

    @pytest.mark.parametrize("settings", [{"bigtiff": True}, {"byteorder": ">"}], ids=str)
    @pytest.mark.parametrize("modes", SETS[:4], ids=" ".join)
    def test_all_kinds_of_files_are_read(
        self, modes: tuple[str, ...], settings: dict[str, Any], tmp_path: Path
    ) -> None:
        pictures = self.pages(modes)
        frames = open_frames(self.file(pictures, tmp_path / "in.tif", **settings))
        for page, picture in zip(frames, pictures, strict=True):
            np.testing.assert_array_equal(page.array, picture.array)

    @pytest.mark.parametrize("modes", SETS, ids=" ".join)
    def test_all_are_filtered_each_by_itself(
        self, modes: tuple[str, ...], tmp_path: Path, program: Program
    ) -> None:
        pictures = self.pages(modes)
        given, made = self.file(pictures, tmp_path / "in.tif"), tmp_path / "out.tif"
        call = ("apply", given, made, "-k", "[[3]]", "--mix", "0.5", "--json", "-q")
        done = program(*call)
        assert (done.exit_code, done.stderr) == (0, "")
        filterings = [
            plan_filtering(one, [get_kernel("[[3]]")], FilterOptions.parse(mix=0.5)).run()
            for one in pictures
        ]
        for page, filtered in zip(open_frames(made), filterings, strict=True):
            assert page.mode == filtered.picture.mode
            np.testing.assert_array_equal(page.array, filtered.picture.array)
        told = json.loads(done.stdout)
        assert (told["frames"], told["mode"]) == (len(modes), modes[0])
        assert told["clipped"] == sum(one.clipped for one in filterings) > 0

    @pytest.mark.parametrize("modes", SETS, ids=" ".join)
    def test_one_of_them_may_be_taken(
        self, modes: tuple[str, ...], tmp_path: Path, program: Program
    ) -> None:
        pictures = self.pages(modes)
        given, made = self.file(pictures, tmp_path / "in.tif"), tmp_path / "out.tif"
        for asked, number in [("first", 0), *((str(n), n) for n in range(len(modes)))]:
            call = ("apply", given, made, "-k", "identity", "--force", "--frames", asked)
            assert program(*call).exit_code == 0
            np.testing.assert_array_equal(open_picture(made).array, pictures[number].array)
        refused = program(*call[:-1], str(len(modes)))
        assert refused.exit_code == 1
        assert f"--frames {len(modes) - 1}" in refused.stderr

    @pytest.mark.parametrize("modes", SETS, ids=" ".join)
    def test_one_picture_is_not_made_of_several(
        self, modes: tuple[str, ...], tmp_path: Path
    ) -> None:
        path = self.file(self.pages(modes), tmp_path / "in.tif")
        with pytest.raises(PictureError, match="--frames first") as caught:
            open_picture(path)
        assert f"has {len(modes)} frames" in caught.value.what

    @pytest.mark.parametrize("modes", [one for one in SETS if one[-1] != "L"], ids=" ".join)
    def test_without_the_extra_they_are_refused(
        self,
        modes: tuple[str, ...],
        tmp_path: Path,
        program: Program,
        request: pytest.FixtureRequest,
    ) -> None:
        given = self.file(self.pages(modes), tmp_path / "in.tif")
        request.getfixturevalue("without_deep")
        done = program("apply", given, tmp_path / "out.tif", "-k", "identity")
        assert done.exit_code == 1
        assert "pip install 'convfilter[deep]'" in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]

    @pytest.mark.parametrize("depth", ["8", "16", "float"])
    def test_a_depth_is_that_of_every_page(
        self, depth: str, tmp_path: Path, program: Program
    ) -> None:
        pictures = self.pages(("RGB;16", "L", "RGBA"))
        given, made = self.file(pictures, tmp_path / "in.tif"), tmp_path / "out.tif"
        done = program("apply", given, made, "-k", "identity", "--depth", depth)
        assert (done.exit_code, done.stderr) == (0, "")
        for page, picture in zip(open_frames(made), pictures, strict=True):
            expected, _ = with_dtype(picture, DEPTH_DTYPES[depth])
            assert page.mode == expected.mode
            np.testing.assert_array_equal(page.array, expected.array)

    def test_each_is_turned_upright(self, tmp_path: Path) -> None:
        picture = noise("RGB;16", (10, 20))
        with tifffile.TiffWriter(tmp_path / "in.tif") as writer:
            for orientation in (1, 6, 3):
                tags = [(0x0112, 3, 1, orientation, True)]
                writer.write(picture.array, photometric="rgb", metadata=None, extratags=tags)
        upright, sideways, overhead = open_frames(tmp_path / "in.tif")
        np.testing.assert_array_equal(upright.array, picture.array)
        np.testing.assert_array_equal(sideways.array, np.rot90(picture.array, -1))
        np.testing.assert_array_equal(overhead.array, np.rot90(picture.array, 2))

    def test_notes_of_all_are_told_once(self, tmp_path: Path, program: Program) -> None:
        with tifffile.TiffWriter(tmp_path / "in.tif") as writer:
            for dtype in ("uint16", "int16", "int16"):
                writer.write(np.zeros((9, 9), dtype), photometric="minisblack", metadata=None)
        done = program("apply", tmp_path / "in.tif", tmp_path / "out.tif", "-k", "identity")
        assert done.exit_code == 0
        assert done.stderr.count("its int16 samples") == 1

    def test_limits_hold_for_each(self, tmp_path: Path) -> None:
        pictures = [noise("RGB;16", (9, 9)), noise("RGB;16", (20, 30))]
        path = self.file(pictures, tmp_path / "in.tif")
        with pytest.raises(PictureError, match="--max-pixels 600"):
            list(open_frames(path, ReadOptions(max_pixels=100)))

    @pytest.mark.parametrize("modes", [SETS[0], SETS[3]], ids=" ".join)
    def test_a_file_cut_off_is_refused(self, modes: tuple[str, ...], tmp_path: Path) -> None:
        data = self.file(self.pages(modes), tmp_path / "in.tif").read_bytes()
        for length in np.linspace(0, len(data) - 1, 65).astype(int).tolist():
            with pytest.raises(PictureError):
                _ = [page.array for page in self.read_all(data[:length], len(modes))]

    @pytest.mark.parametrize("modes", [SETS[1], SETS[3]], ids=" ".join)
    def test_no_flipped_byte_raises_anything_but_our_error(
        self, modes: tuple[str, ...], tmp_path: Path
    ) -> None:
        data = self.file(self.pages(modes), tmp_path / "in.tif").read_bytes()
        random = np.random.default_rng(12)
        for _ in range(200):
            broken = bytearray(data)
            for place in random.integers(0, len(data), 6):
                broken[place] = random.integers(256)
            try:
                _ = [page.array for page in self.read_all(bytes(broken))]
            except PictureError as error:
                assert error.what

    @staticmethod
    def read_all(data: bytes, count: int | None = None) -> list[Picture]:
        """Read the pages; so many of them, or it is as bad as damage."""
        found = read_any(data, "test", ReadOptions())
        pages = list(found) if isinstance(found, Frames) else [found]
        if count not in (None, len(pages)):
            raise PictureError("pages are missing")
        return pages
