import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy_format

from convfilter.registry.fault import Fault
from convfilter.registry.npy_file import parse_weights, read_weights


def saved(array: Any, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    npy_format.write_array(stream, np.asanyarray(array), version=version, allow_pickle=True)
    return stream.getvalue()


def with_header(header: str, body: bytes = b"", length: int | None = None, major: int = 1) -> bytes:
    packed = struct.pack("<H" if major == 1 else "<I", len(header) if length is None else length)
    return b"\x93NUMPY" + bytes((major, 0)) + packed + header.encode() + body


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u1", "<i2", ">i2", "<i8", ">u4", "<f2", ">f4", "<f8"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_kind_and_order_are_read(dtype: str, order: Any) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype=dtype, order=order)
    weights = parse_weights(saved(array))
    assert weights.dtype.isnative
    assert weights.tolist() == array.tolist()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_read(version: tuple[int, int]) -> None:
    assert parse_weights(saved([[1, 2]], version)).tolist() == [[1, 2]]


GOOD = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"not numpy at all",
        saved([[1.0, np.nan]]),
        saved([[np.inf]]),
        saved(np.ones(3)),
        saved(np.float64(3)),
        saved(np.ones((2, 2, 2))),
        saved(np.ones((0, 3))),
        saved(np.array([[1 + 2j]])),
        saved(np.array([["a"]])),
        saved(np.array([["2020-01-01"]], "M8[D]")),
        saved(np.zeros((2, 2), [("a", "f4")])),
        saved(np.array([[object()]])),
        saved(np.ones((1, 1), np.longdouble)),
        saved([[1.0]]) + b"x",
        saved([[1.0]])[:-1],
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1048576, 131072)}\n"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}\n", bytes(8)),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1.5, 1)}\n", bytes(8)),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (True, 1)}\n", bytes(16)),
        with_header("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}\n", bytes(8)),
        with_header(GOOD, bytes(8), length=60000),
        with_header(GOOD, bytes(8), length=2**31 - 1, major=2),
        with_header(GOOD, bytes(8), length=2**32 - 1, major=3),
        with_header(GOOD, bytes(8), major=9),
        with_header("(" * 2000, bytes(8)),
        with_header("__import__('os').system('true')", bytes(8)),
        with_header(GOOD.replace("}", ", 'extra': 1}"), bytes(8)),
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    with pytest.raises(Fault) as caught:
        parse_weights(data)
    assert caught.value.cause


def test_a_zip_and_a_large_file_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.npy", "w") as archive:
        archive.writestr("a.npy", saved([[1.0]]))
    np.save(tmp_path / "large.npy", np.ones((400, 400)))
    for name in ("zip.npy", "large.npy", "missing.npy"):
        with pytest.raises(Fault):
            read_weights(tmp_path / name)
