"""What a file says about its picture survives wherever both formats can hold it."""

import io
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from convfilter import Picture, apply, open_picture, save_picture
from convfilter.named import METADATA
from convfilter.picture import COLOUR_METADATA, Metadata
from convfilter.pictures.formats import FORMATS, Format
from convfilter.pictures.metadata import KINDS
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.reading import read_picture
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import encode_picture
from tests.conftest import Program
from tests.pictures.drawn_pictures import noise

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
WIDTH, HEIGHT = 24, 16


def exif_block(**more: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x8298] = "Somebody"
    for tag, value in more.get("first", {}).items():
        exif[tag] = value
    exif.get_ifd(EXIF_IFD).update({0x9003: "2020:01:02 03:04:05"} | more.get("directory", {}))
    exif.get_ifd(GPS_IFD)[1] = "N"
    return exif.tobytes()


def loaded(block: bytes | None) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block or b"")
    return exif


SAID: dict[str, Any] = {
    "exif": exif_block(),
    "icc": bytes(range(256)) * 3,
    "xmp": b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>\xc3\xa9</a></x:xmpmeta>',
    "dpi": (300.0, 150.0),
    "text": (
        ("Author", "Émile", "", ""),
        ("Title", "題", "ja", "題名"),
        ("Comment", "a\nb", "", ""),
    ),
    "comment": b"said in passing",
    "gamma": 0.5,
    "chromaticity": (0.31, 0.32, 0.6, 0.3, 0.2, 0.7, 0.1, 0.05),
    "srgb": 1,
}


def sample_mode(entry: Format) -> str:
    return "RGB" if "RGB" in entry.modes else "F"


def picture_with(metadata: Metadata, entry: Format) -> Picture:
    shape = (HEIGHT, WIDTH, 3) if sample_mode(entry) == "RGB" else (HEIGHT, WIDTH)
    dtype = np.uint8 if sample_mode(entry) == "RGB" else np.float32
    return replace(Picture.of_array(np.full(shape, 1, dtype)), metadata=metadata)


def through(picture: Picture, *entries: Format, **options: Any) -> Metadata:
    for entry in entries:
        data, _ = encode_picture(picture, entry, WriteOptions(**options))
        picture = read_picture(io.BytesIO(data), "test")
    return picture.metadata


def assert_said(kind: str, metadata: Metadata) -> None:
    value, expected = getattr(metadata, kind), SAID[kind]
    if kind == "exif":
        exif = loaded(value)
        assert (exif[0x010F], exif[0x8298]) == ("Maker", "Somebody")
        assert exif.get_ifd(EXIF_IFD)[0x9003] == "2020:01:02 03:04:05"
        assert exif.get_ifd(GPS_IFD)[1] == "N"
    elif kind in ("dpi", "gamma", "chromaticity"):
        assert value == pytest.approx(expected, rel=1e-3)
    else:
        assert value == expected


def test_every_kind_is_known_and_tested() -> None:
    names = [field.name for field in fields(Metadata)]
    assert set(names) == KINDS.keys() == SAID.keys()
    assert set(COLOUR_METADATA) <= set(names)
    assert all(entry.metadata <= KINDS.keys() for entry in FORMATS.values())


DESCRIBES_ITSELF = {"jxl"}
"""Formats whose decoder makes a profile, whether or not the file had one."""

PAIRS = [
    (source, target)
    for source in FORMATS.values()
    for target in FORMATS.values()
    if sample_mode(source) in target.modes
]


@pytest.mark.parametrize(
    ("source", "target"), PAIRS, ids=[f"{source.name}-{target.name}" for source, target in PAIRS]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_survives_where_both_formats_hold_it(
    kind: str, source: Format, target: Format
) -> None:
    metadata = through(picture_with(Metadata(**{kind: SAID[kind]}), source), source, target)
    if kind in source.metadata & target.metadata:
        assert_said(kind, metadata)
    elif kind == "icc" and {source.name, target.name} & DESCRIBES_ITSELF:
        assert getattr(metadata, kind) != SAID[kind]
    else:
        assert not getattr(metadata, kind)


@pytest.mark.parametrize("entry", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "srgb"])
def test_what_a_format_cannot_hold_is_told(kind: str, entry: Format) -> None:
    picture = picture_with(Metadata(**{kind: SAID[kind]}), entry)
    _, notes = encode_picture(picture, entry, WriteOptions())
    told = [note for note in notes if f"cannot hold its {KINDS[kind]}: left out" in note]
    assert bool(told) == (kind not in entry.metadata)
    for extent in ("icc", "none"):
        if extent == "none" or kind not in COLOUR_METADATA:
            assert encode_picture(picture, entry, WriteOptions(metadata=extent))[1] == ()


@pytest.mark.parametrize(
    "said",
    [
        {"gamma": 0.45455},
        {"gamma": 0.45455, "srgb": 0},
        {"chromaticity": (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06), "gamma": 0.45455},
    ],
    ids=["gamma", "intent", "primaries"],
)
def test_that_a_picture_is_srgb_need_not_be_said(said: dict[str, Any]) -> None:
    picture = picture_with(Metadata(**said), FORMATS["jpeg"])
    assert encode_picture(picture, FORMATS["jpeg"], WriteOptions())[1] == ()


@pytest.mark.parametrize("extent", METADATA)
@pytest.mark.parametrize("entry", FORMATS.values(), ids=FORMATS)
def test_as_much_is_kept_as_is_asked_for(extent: str, entry: Format) -> None:
    metadata = through(picture_with(Metadata(**SAID), entry), entry, metadata=extent)
    kept = {"keep": set(KINDS), "icc": set(COLOUR_METADATA), "none": set()}[extent]
    for kind in KINDS.keys() - ({"icc"} if entry.name in DESCRIBES_ITSELF else set()):
        expected = kind in kept & entry.metadata and not (kind == "srgb" and "icc" in kept)
        assert bool(getattr(metadata, kind)) == expected, kind


def test_nothing_is_kept_of_a_picture_that_was_not_filtered_either(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 8))
    image.save(tmp_path / "in.png", icc_profile=SAID["icc"], exif=SAID["exif"], dpi=(99, 99))
    save_picture(
        open_picture(tmp_path / "in.png"), tmp_path / "out.png", WriteOptions(metadata="none")
    )
    with Image.open(tmp_path / "out.png") as back:
        assert back.info == {}


@pytest.mark.parametrize("mode", ["L", "I;16", "F"])
def test_gray_of_every_depth_keeps_its_profile(mode: str, tmp_path: Path) -> None:
    picture = replace(noise(mode), metadata=Metadata(icc=SAID["icc"]))
    assert save_picture(picture, tmp_path / "out.tif") == ()
    assert open_picture(tmp_path / "out.tif").metadata.icc == SAID["icc"]


def test_icc_bytes_are_the_same_over_four_formats(tmp_path: Path, program: Program) -> None:
    profile = np.random.default_rng(1).bytes(100_000)  # more than one segment of a JPEG
    Image.new("RGB", (16, 16)).save(tmp_path / "0.jpg", icc_profile=profile)
    names = ["0.jpg", "1.png", "2.tif", "3.webp", "4.avif", "5.jpg"]
    for before, after in pairwise(names):
        done = program("apply", tmp_path / before, tmp_path / after, "-k", "blur3")
        assert (done.exit_code, done.stderr) == (0, "")
        assert open_picture(tmp_path / after).metadata.icc == profile


SIZES = {
    "first": {0x0100: 9, 0x0101: 9, 0x011A: 300.0, 0x011B: 150.0, 0x0128: 2},
    "directory": {0xA002: 9, 0xA003: 9},
}


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_sizes_and_resolution_in_exif_follow_the_result(name: str) -> None:
    said = Metadata(exif=exif_block(**SIZES), dpi=(300.0, 150.0))
    entry = FORMATS[name]
    result = apply(picture_with(said, entry), "blur3", stride=(2, 3))
    metadata = through(result, entry)
    exif = loaded(metadata.exif)
    assert (exif[0x0100], exif[0x0101]) == (8, 8)
    assert [exif.get_ifd(EXIF_IFD)[tag] for tag in (0xA002, 0xA003)] == [8, 8]
    assert (float(exif[0x011A]), float(exif[0x011B])) == (100, 75)
    assert metadata.dpi == pytest.approx((100, 75), rel=1e-3)


@pytest.mark.parametrize(
    ("options", "size", "dpi"),
    [
        ({}, (16, 24), (300, 150)),
        ({"stride": 2}, (8, 12), (150, 75)),
        ({"stride": (1, 4)}, (16, 6), (75, 150)),
        ({"dilation": 3}, (16, 24), (300, 150)),
        ({"padding": "valid"}, (14, 22), (300, 150)),
        ({"padding": "valid", "dilation": 2}, (12, 20), (300, 150)),
        ({"padding": "full", "stride": 2}, (9, 13), (150, 75)),
    ],
    ids=str,
)
def test_the_printed_size_stays(
    options: dict[str, Any], size: tuple[int, int], dpi: tuple[int, int]
) -> None:
    picture = picture_with(Metadata(dpi=SAID["dpi"]), FORMATS["png"])
    result = apply(picture, "blur3", **options)
    assert (result.height, result.width) == size
    assert result.metadata.dpi == dpi


def test_strides_of_several_kernels_multiply() -> None:
    picture = picture_with(Metadata(dpi=(300.0, 300.0)), FORMATS["png"])
    result = apply(picture, ["blur3", "gaussian3"], stride=2)
    expected = 300 * result.width / WIDTH, 300 * result.height / HEIGHT
    assert result.metadata.dpi == pytest.approx(expected)


def test_what_a_jpeg_says_of_how_it_is_stored_does_not_go_into_a_tiff() -> None:
    block = exif_block(first={0x0100: 5, 0x0103: 6, 0x0111: 7, 0x0106: 6, 0x0213: 1})
    picture = picture_with(Metadata(exif=block), FORMATS["tiff"])
    data, _ = encode_picture(picture, FORMATS["tiff"], WriteOptions())
    back = read_picture(io.BytesIO(data), "test")
    assert (back.width, back.height) == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(back.array, picture.array)
    assert_said("exif", back.metadata)


def test_the_interoperability_directory_is_kept() -> None:
    block = exif_block(directory={INTEROP_IFD: {1: "R98"}})
    exif = loaded(
        through(picture_with(Metadata(exif=block), FORMATS["jpeg"]), FORMATS["jpeg"]).exif
    )
    assert exif.get_ifd(INTEROP_IFD)[1] == "R98"


@pytest.mark.parametrize("name", ["jpeg", "png", "tiff"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
def test_resolution_turns_with_the_picture(name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    image = Image.new("RGB", (16, 16))
    image.save(stream, FORMATS[name].pillow, exif=exif, dpi=(300, 150))
    dpi = read_picture(io.BytesIO(stream.getvalue()), "test").metadata.dpi
    assert dpi == pytest.approx((150, 300) if orientation >= 5 else (300, 150), rel=1e-3)


def test_resolution_that_exif_alone_states_is_known() -> None:
    stream = io.BytesIO()
    block = exif_block(first={0x011A: 100.0, 0x011B: 50.0, 0x0128: 3})
    Image.new("RGB", (8, 8)).save(stream, "WEBP", exif=block)
    assert read_picture(io.BytesIO(stream.getvalue()), "test").metadata.dpi == pytest.approx(
        (254, 127)
    )


def test_resolution_that_exif_keeps_is_not_told_as_lost() -> None:
    for tags, lost in (({}, True), (SIZES["first"], False)):
        said = Metadata(exif=exif_block(first=tags), dpi=(300.0, 150.0))
        picture = picture_with(said, FORMATS["webp"])
        data, notes = encode_picture(picture, FORMATS["webp"], WriteOptions())
        assert bool(notes) == lost
        kept = read_picture(io.BytesIO(data), "test").metadata.dpi
        assert kept == (None if lost else (300, 150))


def test_a_damaged_exif_block_costs_neither_the_picture_nor_the_rest() -> None:
    stream = io.BytesIO()
    icc = SAID["icc"]
    Image.new("RGB", (8, 8)).save(stream, "PNG", exif=b"Exif\0\0XX*\0\0\0\0\0", icc_profile=icc)
    picture = read_picture(io.BytesIO(stream.getvalue()), "test")
    assert any("EXIF block is damaged" in note for note in picture.notes)
    assert (picture.metadata.exif, picture.metadata.icc) == (None, icc)


def test_text_of_any_name_harms_nothing() -> None:
    names = ["icc_profile", "exif", "dpi", "gamma", "srgb", "chromaticity", "aspect", "comment"]
    names += ["duration", "loop", "xmp", "transparency", "default_image", "Raw profile type exif"]
    for name in names:
        chunks = PngInfo()
        chunks.add_text(name, "x")
        stream = io.BytesIO()
        Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=chunks)
        picture = read_picture(io.BytesIO(stream.getvalue()), "test")
        assert encode_picture(picture, FORMATS["png"], WriteOptions())[0]


def test_pixels_that_are_not_square_are_told(corpus: Path) -> None:
    notes = open_picture(corpus / "pngsuite/png/cdhn2c08.png").notes
    assert any("not square" in note for note in notes)
    assert open_picture(corpus / "pngsuite/png/cdsn2c08.png").notes == ()


class TestTheCorpus:
    def test_all_of_exif_but_orientation_and_thumbnail(self, corpus: Path, tmp_path: Path) -> None:
        for path in sorted((corpus / "orientation").glob("*.jpg")):
            before, picture = Image.open(path), open_picture(path)
            save_picture(apply(picture, "blur3"), tmp_path / path.name)
            after = Image.open(tmp_path / path.name)
            assert dict(after.getexif()) == dict(before.getexif()) | {
                tag: 1 for tag in before.getexif() if tag == 0x0112
            }
            assert not after.getexif().get_ifd(1)
            assert after.quantization == before.quantization  # type: ignore[attr-defined]
            assert open_picture(tmp_path / path.name).encoding == picture.encoding
            before.close()
            after.close()

    def test_text_gamma_and_chromaticities_of_png(self, corpus: Path, tmp_path: Path) -> None:
        told = set()
        for path in sorted((corpus / "pngsuite/png").glob("c*.png")):
            picture = open_picture(path, ReadOptions(allow_depth_loss=True))
            save_picture(apply(picture, "blur3"), tmp_path / path.name)
            after = open_picture(tmp_path / path.name).metadata
            assert after == picture.metadata
            told |= {kind for kind in KINDS if getattr(after, kind)}
        assert told >= {"text", "gamma", "chromaticity", "dpi"}
