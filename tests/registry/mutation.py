"""Files that were kernels once: cut, flipped, doubled, and with hostile pieces inserted."""

import io
import random
from collections.abc import Callable

import numpy as np

from convfilter.registry.search_path import built_in_folder

HOSTILE = {
    "yaml": [
        b"&a ", b"*a", b"<<: *a\n", b"!!python/name:os.system ", b"!!binary ", b"%TAG ! x:\n",
        b"---\n", b"...\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\t", b"\r",
        b"[" * 40, b"]" * 3, b"{a: " * 40, b"- " * 40, b"? ", b": ", b", ", b"'", b'"',
        b"|\n", b">\n", b"weights: " + b"a" * 300 + b".npy\n",
        b'"\\0"', b'"\\ud800"', b"9" * 5000, b"1e999999999", b"1e-999999999", b"0x" + b"f" * 90,
        b"1/0", b"1/" + b"9" * 90, b".inf", b".nan", b"2001-99-99", b"on", b"0777", b"1:30",
        b"weights: ../../etc/passwd\n", b"weights: gone.npy\n",
        b"border: constant:\n", b"origin: [1e300, -1]\n", b"divisor: 0\n", b"divisor: 1e-300\n",
        b"offset: 1e300\n", b"range: stretch\n", b"combine: l2\n", b"kernels: [mine]\n",
        b"steps: [mine]\n", b"generator: gaussian\n", b"parameters: {sigma: 1e9}\n",
        b"\xc2\x85", b"\xe2\x80\xa8", b"\x7f", b"#", b"\n" * 40, b" " * 40,
    ],
    "npy": [
        b"\x93NUMPY", b"\x01\x00", b"\x03\x00", b"\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00",
        b"'|O'", b"'<c16'", b"'<f16'", b"'<f2'", b"'|V8'", b"'<M8[D]'", b"'<U3'", b"True", b"None",
        b"(", b")" * 3, b"-" * 60, b"9" * 60, b"0x" + b"f" * 60, b"1.5", b"1j", b"[]", b"{}", b"'",
        b"(1099511627776, 1)", b"(0, 0)", b"()", b"(1,) * 9", b"__import__('os')", b"\\x", b"\n",
        b"[('a', '<f8')]", b"('<f8', (2, 2))", b"L", b"\xe9", b"\x00\x00\x00\x00\x00\x00\xf0\x7f",
    ],
    "inline": [
        b"[", b"]", b"[[", b"]]", b",", b"1/9", b"1e-3", b"&a ", b"*a", b"!!x ", b"{a: 1}", b"'",
        b'"', b"\x00", b"\xff", b"9" * 5000, b"1e999999999", b".inf", b"\n", b"---", b"#", b"- ",
        b": ", b"?",
    ],
}  # fmt: skip
"""Pieces that mean something to the reader of each kind."""


def _npy_files() -> list[bytes]:
    saved = []
    for dtype in ("?", "i1", ">i2", "<i8", "<f2", ">f4", "<f8"):
        for order in ("C", "F"):
            stream = io.BytesIO()
            np.save(stream, np.array(np.eye(12, 11), dtype, order=order))
            saved.append(stream.getvalue())
    return saved


def _yaml_files() -> list[bytes]:
    built_in = sorted(built_in_folder().rglob("*.yaml"))
    every_key = (
        b"title: All\ndescription: |\n  of\n  them\nweights:\n- [1, 2.5e0, 1/3]\n- [0, -1, 1e-3]\n"
        b"divisor: 5/2\noffset: 0.5\norigin: [1, 2]\noperation: convolve\n"
        b"border: 'constant:0.25'\nrange: center\ntags: [a, b]\nsource: \"x\"\n"
    )
    return [every_key, b"weights: w.npy\n", *(path.read_bytes() for path in built_in)]


VALID: dict[str, list[bytes]] = {
    "yaml": _yaml_files(),
    "npy": _npy_files(),
    "inline": [b"[[0,-1,0],[-1,5,-1],[0,-1,0]]", b"[[1/9, 1e-3], [2.5, -4]]"],
}
"""For each kind of kernel, what to begin from."""


def _cut(data: bytes, draw: random.Random, kind: str) -> bytes:  # noqa: ARG001
    return data[: draw.randrange(len(data) + 1)]


def _drop(data: bytes, draw: random.Random, kind: str) -> bytes:  # noqa: ARG001
    start = draw.randrange(len(data) + 1)
    return data[:start] + data[start + draw.randrange(1, 20) :]


def _flip(data: bytes, draw: random.Random, kind: str) -> bytes:  # noqa: ARG001
    flipped = bytearray(data)
    if flipped:
        flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
    return bytes(flipped)


def _double(data: bytes, draw: random.Random, kind: str) -> bytes:  # noqa: ARG001
    start, end = sorted(draw.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:end] * draw.choice([1, 1, 1, 2, 50]) + data[end:]


def _insert(data: bytes, draw: random.Random, kind: str) -> bytes:
    place = draw.randrange(len(data) + 1)
    if kind == "yaml" and draw.random() < 0.5:
        place = data.rfind(b"\n", 0, place) + 1
    piece = draw.choice(HOSTILE[kind])
    overwritten = draw.choice([0, 0, 1, 4, len(piece), len(piece)])  # which keeps lengths true
    return data[:place] + piece + data[place + overwritten :]


_MUTATIONS: list[Callable[[bytes, random.Random, str], bytes]] = [
    _cut, _drop, _flip, _flip, _double, _insert, _insert, _insert
]  # fmt: skip


def mutated(kind: str, number: int) -> bytes:
    """Return the n-th mutated file of a kind, the same one every time."""
    draw = random.Random(f"{kind} {number}")  # noqa: S311 - no secret depends on it
    data = draw.choice(VALID[kind])
    for _ in range(draw.choice([1, 1, 2, 3, 6])):
        data = draw.choice(_MUTATIONS)(data, draw, kind)
    return data
