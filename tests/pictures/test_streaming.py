"""Large pictures go from file to file in bands, with the same result and little memory."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from convfilter import Picture, apply, open_frames, open_picture, save_picture
from convfilter.errors import OutputError
from convfilter.filtering import plan_filtering
from convfilter.options import FilterOptions
from convfilter.pictures import decoding
from convfilter.pictures.arrays import FileRows
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.raster import ImageRows
from convfilter.pictures.scratch import ScratchSink
from convfilter.pictures.segments import SegmentRows
from convfilter.pictures.writing import is_written_in_bands
from convfilter.registry.catalogue import get_kernel
from tests.conftest import Program

RANDOM = np.random.default_rng(3)


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few kilobytes count as more than memory should hold."""
    monkeypatch.setattr(decoding, "STREAMED_BYTES", 4096)


def levels(dtype: str, channels: int) -> NDArray[Any]:
    shape = (150, 130, channels) if channels > 1 else (150, 130)
    array: NDArray[Any] = RANDOM.integers(0, 256, shape).astype(dtype)
    array *= 3
    return array


def put(array: NDArray[Any], path: Path, **cut: Any) -> Path:
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".tif":
        kind = "rgb" if array.ndim == 3 else "minisblack"
        tifffile.imwrite(path, array, photometric=kind, metadata=None, **cut)
    else:
        save_picture(Picture.of_array(array), path)
    return path


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("source", [".tif", ".npy", ".png"])
@pytest.mark.parametrize("target", [".tif", ".npy", ".png"])
@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 1), ("uint8", 3), ("uint16", 3)])
def test_the_result_is_the_same_as_in_memory(
    source: str, target: str, dtype: str, channels: int, tmp_path: Path, program: Program
) -> None:
    array = levels(dtype, channels)
    given = put(array, tmp_path / f"in{source}")
    made = tmp_path / "made" / f"out{target}"
    made.parent.mkdir()
    done = program("apply", given, made, "-k", "gaussian5", "-k", "sobel-x", "--range", "stretch")
    assert done.exit_code == 0, done.stderr
    expected = apply(array, ["gaussian5", "sobel-x"], range="stretch").array
    np.testing.assert_array_equal(open_picture(made).array, expected)
    assert os.listdir(made.parent) == [made.name]


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize(
    ("cut", "kind"),
    [
        ({}, FileRows),
        ({"compression": "zlib", "rowsperstrip": 8}, SegmentRows),
        ({"compression": "lzw", "tile": (32, 48)}, SegmentRows),
        ({"tile": (32, 48), "bigtiff": True}, SegmentRows),
    ],
    ids=["plain", "strips", "tiles", "BigTIFF"],
)
def test_large_tiffs_are_not_read_at_once(cut: dict[str, Any], kind: type, tmp_path: Path) -> None:
    array = levels("uint8", 1)
    picture = open_picture(put(array, tmp_path / "in.tif", **cut))
    assert isinstance(picture.rows, kind)
    np.testing.assert_array_equal(picture.array, array)


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_large_pages_are_read_and_written_in_bands(
    dtype: str, tmp_path: Path, program: Program
) -> None:
    arrays = [levels(dtype, 3), levels("uint8", 1)[:9, :9], levels(dtype, 1)]
    given, made = tmp_path / "in.tif", tmp_path / "made" / "out.tif"
    made.parent.mkdir()
    with tifffile.TiffWriter(given) as writer:
        for array in arrays:
            kind = "rgb" if array.ndim == 3 else "minisblack"
            writer.write(array, photometric=kind, metadata=None, rowsperstrip=8, compression="zlib")
    rows = [type(page.rows) for page in open_frames(given)]
    assert rows == [SegmentRows, ImageRows, SegmentRows]
    done = program("apply", given, made, "-k", "gaussian5", "--range", "stretch")
    assert (done.exit_code, done.stderr) == (0, "")
    for page, array in zip(open_frames(made), arrays, strict=True):
        np.testing.assert_array_equal(page.array, apply(array, "gaussian5", range="stretch").array)
    assert os.listdir(made.parent) == [made.name]


@pytest.mark.usefixtures("small_is_large")
def test_large_results_lie_in_a_file(tmp_path: Path) -> None:
    picture = Picture.of_array(levels("uint16", 3))
    planned = plan_filtering(picture, [get_kernel("blur5")], FilterOptions())
    in_memory = planned.run().picture
    in_file = planned.run(os.fspath(tmp_path)).picture
    assert not isinstance(in_memory.rows, FileRows)
    assert isinstance(in_file.rows, FileRows)
    np.testing.assert_array_equal(in_file.array, in_memory.array)
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("small_is_large", "without_deep")
def test_without_the_extra_large_tiffs_are_filtered_in_memory(
    tmp_path: Path, program: Program
) -> None:
    array = levels("uint8", 1)
    save_picture(Picture.of_array(array), tmp_path / "in.tif")
    done = program("apply", tmp_path / "in.tif", tmp_path / "out.tif", "-k", "blur5")
    assert done.exit_code == 0, done.stderr
    np.testing.assert_array_equal(
        open_picture(tmp_path / "out.tif").array, apply(array, "blur5").array
    )


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    sink = ScratchSink.unnamed(os.fspath(tmp_path), (4, 5, 1), np.dtype(np.uint8))
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OutputError, match="No space left"):
        sink.write(0, sink.band(0, 4))
    with pytest.raises(OutputError, match="kept while it is made"):
        ScratchSink.unnamed(os.fspath(tmp_path / "missing"), (4, 5, 1), np.dtype(np.uint8))


def test_formats_written_in_bands_are_those_the_documentation_names() -> None:
    able = {name for name, entry in FORMATS.items() if is_written_in_bands(entry)}
    assert able == {"tiff", "npy"}


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("suffix", [".tif", ".npy"])
def test_memory_does_not_grow_with_the_picture(suffix: str, tmp_path: Path) -> None:
    side = 13_000  # 16 bits: 322 MiB, above the limit for memory
    given, made = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    array = np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint16, (side, side))
    for top in range(0, side, 1000):
        array[top : top + 1000] = RANDOM.integers(0, 65536, (1, side), np.uint16)
    put(array, given, **({"tile": (256, 256), "compression": "zlib"} if suffix == ".tif" else {}))
    script = (
        "import sys\nfrom pathlib import Path\nfrom convfilter.cli.main import cli\n"
        "try: cli(sys.argv[1:], prog_name='convfilter')\n"
        "except SystemExit as end: assert not end.code\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "apply", given, made, "-k", "gaussian5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 250 * 1024
    rows = open_picture(made).rows
    for top in (0, 6100, side - 40):
        band = np.empty((1, 40, side), np.uint16)
        rows.read(top, top + 40, band)
        from_row, to_row = max(0, top - 2), min(side, top + 42)
        part = apply(array[from_row:to_row], "gaussian5").array
        inner = part[top - from_row : top - from_row + 40]
        keep = slice(2, None) if top else slice(None)
        keep = slice(keep.start, -2 if top + 40 < side else None)
        np.testing.assert_array_equal(band[0, keep], inner[keep])
