"""Pictures on disks that take no more of them: refused whole, whatever the encoder overlooks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convfilter import Picture, save_picture
from convfilter.errors import OutputError
from convfilter.picture import Encoding, split_mode
from convfilter.pictures.formats import FORMATS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")

MODES = ("L", "RGB", "I;16", "RGB;16", "F", "RGB;F")

CASES: list[Any] = [
    pytest.param(entry.name, mode, {}, id=f"{entry.name}-{mode}")
    for entry in FORMATS.values()
    for mode in MODES
    if entry.holds(mode)
]
CASES += [
    pytest.param("tiff", "RGB", {"compression": compression}, id=compression)
    for compression in ("raw", "packbits", "tiff_lzw")
]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size; a write across it is cut off there, as on a full disk."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("missing", [1, 40, 3000])
@pytest.mark.parametrize(("name", "mode", "settings"), CASES)
def test_a_disk_that_takes_only_a_part_is_noticed(
    name: str, mode: str, settings: dict[str, Any], missing: int, tmp_path: Path
) -> None:
    layout, dtype = split_mode(mode)
    samples = np.random.default_rng(1).random((240, 160, len(layout)))
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    picture = Picture.of_array((samples * full).astype(dtype), layout)
    picture = replace(picture, encoding=Encoding(name, settings))
    whole, torn = tmp_path / f"whole.{name}", tmp_path / f"torn.{name}"
    save_picture(picture, whole)
    size = whole.stat().st_size
    assert size > 3000
    with room_for(size - missing), pytest.raises(OutputError, match="cannot be written"):
        save_picture(picture, torn)
    assert list(tmp_path.iterdir()) == [whole]
    with room_for(size):
        save_picture(picture, torn)
    assert torn.read_bytes() == whole.read_bytes()
