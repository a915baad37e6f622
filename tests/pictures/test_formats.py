import io
import sys

import numpy as np
import pytest
from PIL import Image

from convfilter.errors import OutputError, UsageError
from convfilter.pictures.extras import load_plugin
from convfilter.pictures.formats import (
    FORMATS,
    SIGNATURE_BYTES,
    Format,
    format_by_name,
    format_by_signature,
    format_by_suffix,
    usable_formats,
)


@pytest.mark.parametrize("entry", FORMATS.values(), ids=FORMATS)
def test_a_format_is_found_by_name_suffix_and_signature(entry: Format) -> None:
    assert format_by_name(entry.name) is entry
    for suffix in entry.suffixes:
        assert format_by_suffix(f"a.b/c{suffix.upper()}") is entry
        assert format_by_name(suffix) is entry
    stream = io.BytesIO()
    if entry.holds_arrays:
        np.save(stream, np.zeros((8, 8)))
    else:
        load_plugin(entry.plugin)
        Image.new("RGB" if "RGB" in entry.modes else "F", (8, 8)).save(stream, format=entry.pillow)
    assert format_by_signature(stream.getvalue()[:SIGNATURE_BYTES]) is entry


@pytest.mark.parametrize("name", ["picture", "picture.txt", "folder.jpg/picture", "x.eps"])
def test_other_suffixes_are_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(OutputError, match=r"\.jpg"):
        format_by_suffix(name)


@pytest.mark.parametrize("name", [".", "out.png/"])
def test_the_name_of_a_folder_is_told_to_be_one(name: str) -> None:
    with pytest.raises(OutputError, match=r"it is a folder.*; name a file in it"):
        format_by_suffix(name)


def test_formats_whose_packages_are_missing_are_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert "heif" not in {entry.name for entry in usable_formats()}
    with pytest.raises(OutputError) as failure:
        format_by_suffix("out.xyz")
    assert ".heic" not in str(failure.value)


def test_an_unknown_name_says_which_is_near() -> None:
    with pytest.raises(UsageError, match="jpeg"):
        format_by_name("jpegg")


@pytest.mark.parametrize("data", [b"", b"%!PS-Adobe-3.0 EPSF", b"8BPS", b"\x00" * 16, b"SIMPLE  ="])
def test_formats_that_run_programs_or_are_not_pictures_are_unknown(data: bytes) -> None:
    assert format_by_signature(data) is None
