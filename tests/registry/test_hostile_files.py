"""Kernels from strangers: each is refused with file, line and reason, within the limits."""

import io
import os
import pickle
import socket
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy_format

from tests.registry.limited import Answer, LimitedReader

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the limits are those of Linux"
)

GOOD = b"weights: [[1]]\n"


@pytest.fixture(scope="module")
def reader() -> Iterator[LimitedReader]:
    reader = LimitedReader()
    yield reader
    reader.close()


def refusal(reader: LimitedReader, path: Path) -> Answer:
    """Return why a file was refused, having read nothing outside its folder."""
    answer = reader.read(str(path))
    assert answer.outcome == "refused", answer.error[:500]
    assert str(path) in answer.error
    assert all(Path(name).parent == path.parent for name in answer.opened)
    assert len(answer.error) < 1000
    return answer


def laughs() -> bytes:
    """Nine names, each ten times the one before: a thousand million laughs in 500 bytes."""
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines).encode()


def merge_bomb() -> bytes:
    """Ten mappings, each of which merges the one before ten times."""
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 10)}]}}" for n in range(1, 10)]
    return "\n".join(lines).encode()


def indented(levels: int) -> bytes:
    return b"".join(b" " * n + b"a:\n" for n in range(levels))


YAML: dict[str, tuple[bytes, int | None, str]] = {
    "laughs": (laughs(), 1, "anchors"),
    "an alias of nothing": (GOOD + b"title: *ha\n", 2, "aliases"),
    "merge bomb": (merge_bomb(), 1, "anchors"),
    "merge key": (b"<<: {divisor: 2}\n" + GOOD, 1, "merge keys"),
    "merge key deep inside": (GOOD + b"tags:\n- <<: [{}, {}]\n", 3, "merge keys"),
    "cycle of a list": (b"weights: &a [*a]\n", 1, "anchors"),
    "cycle of a mapping": (b"a: &a {b: *a}\n", 1, "anchors"),
    "cycle of a key": (b"? &a [*a]\n: 1\n", 1, "anchors"),
    **{
        f"10^{power} levels of {opening!r}": (opening * 10**power, 1, "")
        for power in (2, 3, 4, 5)
        for opening in (b"[", b"{a: ", b"- ", b"? ")
    },
    "10^6 levels": (b"[" * 10**6, 1, "deeper than 16"),
    "10^6 levels, closed": (b"[" * 500_000 + b"]" * 500_000, 1, "deeper than 16"),
    "10^2 levels by indentation": (indented(100), 17, "deeper than 16"),
    "10^3 levels by indentation": (indented(1000), 17, "deeper than 16"),
    "17 levels": (b"tags: " + b"[" * 16 + b"]" * 16, 1, "deeper than 16"),
    "too many nodes": (b"weights: [" + b"[1]," * 200_000 + b"]", 1, "100000 nodes"),
    "python object": (b"weights: !!python/object/apply:os.system [id]\n", 1, "tags"),
    "binary": (GOOD + b"title: !!binary aGE=\n", 2, "tags"),
    "tag of one's own": (b"!kernel\n" + GOOD, 1, "tags"),
    "a long tag": (GOOD + b"title: !" + b"x" * 900_000 + b" 1\n", 2, "tags"),
    "a long anchor": (GOOD + b"title: &" + b"x" * 900_000 + b" 1\n", 2, "anchors"),
    "60,000 tag directives": (
        b"".join(b"%%TAG !%d! a:\n" % n for n in range(60_000)) + b"---\n" + GOOD,
        1,
        "%TAG",
    ),
    "200,000 documents": (b"---\n" * 200_000, 2, "second document"),
    "5,000 digits": (b"weights:\n- [" + b"9" * 5000 + b"]\n", 2, "longer than"),
    "5,000 digits in the divisor": (GOOD + b"divisor: -" + b"9" * 5000, 2, "longer than"),
    "5,000 digits in the origin": (GOOD + b"origin: [" + b"9" * 5000 + b", 0]", 2, "longer than"),
    "5,000 digits in a quotient": (GOOD + b"offset: 1/" + b"9" * 5000, 2, "longer than"),
    "5,000 digits in a border": (GOOD + b"border: constant:" + b"9" * 5000, 2, "not a number"),
    "5,000 digits of an exponent": (b"weights: [[1e" + b"9" * 5000 + b"]]", 1, "longer than"),
    "a large exponent": (b"weights: [[1e999999999]]", 1, "64-bit"),
    "a large negative exponent": (b"weights: [[1e-999999999]]", 1, "64-bit"),
    "hexadecimal": (b"weights: [[0x10]]", 1, "not a number"),
    "octal": (b"weights: [[0o10]]", 1, "not a number"),
    "underscores": (b"weights: [[1_000]]", 1, "not a number"),
    "full-width digits": ("weights: [[\uff11]]".encode(), 1, "not a number"),
    "base 60": (GOOD + b"divisor: 190:20:30\n", 2, "not a number"),
    "a date that is none": (GOOD + b"divisor: 2001-99-99\n", 2, "not a number"),
    "a date among weights": (b"weights:\n- [2001-02-30]\n", 2, "not a number"),
    "a time that is none": (GOOD + b"offset: 2001-01-01T99:99:99Z\n", 2, "not a number"),
    "NUL": (GOOD + b"title: \x00\n", 2, "not valid YAML"),
    "nothing but NUL": (b"\x00" * 1000, 1, "not valid YAML"),
    "NUL in a name": (b'weights: "a\\0.npy"\n', 1, "plain name"),
    "NUL in a key": (b'"a\\0": 1\n' + GOOD, 1, "no such key"),
    "UTF-16 with a mark": ("weights: [[1]]".encode("utf-16"), 1, "not UTF-8"),
    "UTF-16 without a mark": ("weights: [[1]]".encode("utf-16-le"), 1, "not valid YAML"),
    "UTF-32": ("weights: [[1]]".encode("utf-32"), 1, "not UTF-8"),
    "a surrogate": (GOOD + b"title: \xed\xa0\x80\n", 2, "not UTF-8"),
    "an overlong NUL": (GOOD + b"title: \xc0\x80\n", 2, "not UTF-8"),
    "Latin-1": (GOOD + b"title: \xe9t\xe9\n", 2, "not UTF-8"),
    "a mark in the middle": (GOOD + b"\xef\xbb\xbfdivisor: 2\n", 2, "not valid YAML"),
    "a control character": (GOOD + b"title: \x07\n", 2, "not valid YAML"),
    "more than 1 MiB": (b"#" * (1024 * 1024 + 1), None, "larger than 1 MiB"),
    "a long text in quotes": (b"title: '" + b"'" * 100_001, 1, ""),
    "a long key": (b"? " + b"x" * 900_000 + b"\n: 1\n" + GOOD, 1, "no such key"),
    "a long name": (b"weights: " + b"a" * 300 + b".npy\n", 1, "cannot be read"),
    "a long word": (GOOD + b"range: " + b"c" * 900_000 + b"\n", 2, "unknown range"),
    "50,000 keys": (b"".join(b"weights%d: 1\n" % n for n in range(49_000)), 1, "no such key"),
    "one key 40,000 times": (b"weights: 1\n" * 40_000, 2, "twice"),
    "90,000 faults": (b"weights: [[" + b"x," * 90_000 + b"x]]\n", 1, "not a number"),
    "a file of passwords": (b"root:x:0:0:root:/root:/bin/sh\n", 1, "not a mapping"),
}


@pytest.mark.parametrize(("data", "line", "words"), YAML.values(), ids=YAML)
def test_hostile_yaml_is_refused_within_the_limits(
    tmp_path: Path, reader: LimitedReader, data: bytes, line: int | None, words: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)
    answer = refusal(reader, path)
    fault = answer.faults[0]
    if line:
        assert fault["line"] == line
        assert f"line {line}" in answer.error
    assert words in fault["cause"] + fault["key"]


def saved(array: Any) -> bytes:
    stream = io.BytesIO()
    npy_format.write_array(stream, np.asanyarray(array), allow_pickle=True)
    return stream.getvalue()


def npy(
    shape: str = "(1, 1)",
    descr: str = "'<f8'",
    *,
    header: str | None = None,
    body: bytes = bytes(8),
    length: int | None = None,
    version: int = 1,
    order: bool = False,
) -> bytes:
    """Return an NPY file with a header as it is stated, true or not."""
    if header is None:
        header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"
    text = header.encode("utf-8" if version == 3 else "latin-1") + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes((version, 0)) + size + text + body


class Detonator:
    """A pickle that would say that it had been loaded."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('the pickle was loaded')",)


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, saved([[1.0]]))
    return stream.getvalue()


NPY: dict[str, tuple[bytes, str]] = {
    "1 TiB claimed": (npy("(1048576, 131072)"), "takes 1099511627776 bytes"),
    "1 TiB claimed in Fortran order": (npy("(131072, 1048576)", order=True), "takes 1099511627776"),
    "2^70 rows claimed": (npy(f"({2**70}, 1)"), "side"),
    "sides that overflow": (npy("(4294967296, 4294967296)"), "bytes"),
    "a side too long to print": (npy(f"(0x{'f' * 3700}, 1)"), "side"),
    "nothing claimed to be much": (npy("(0, 99999999999999)"), "side"),
    "a side of 0": (saved(np.ones((0, 3))), "side"),
    "a negative side": (npy("(-1, -1)"), "side"),
    "a side that is True": (npy("(True, 1)"), "side"),
    "a side that is a float": (npy("(1.0, 1)"), "shape"),
    "a shape that is a list": (npy("[1, 1]"), "shape"),
    "a thousand sides": (npy("(" + "1," * 500 + ")"), "shape"),
    "no side": (saved(np.float64(3)), "shape ()"),
    "one side": (saved(np.ones(3)), "shape (3,)"),
    "three sides": (saved(np.ones((2, 2, 2))), "shape (2, 2, 2)"),
    "five sides": (saved(np.ones((1, 1, 1, 1, 1))), "shape (1, 1, 1, 1, 1)"),
    "a pickle in an array": (saved(np.array([[Detonator()]], object)), "object"),
    "a pickle alone": (pickle.dumps(Detonator()), "not an NPY file"),
    "a pickle claimed to be numbers": (npy(body=pickle.dumps(Detonator())), "takes 8 bytes"),
    "structured": (saved(np.zeros((2, 2), [("a", "f4"), ("b", "O")])), "('a'"),
    "structured without fields": (npy(descr="[]", body=b""), "holds"),
    "an array in each cell": (npy(descr="('<f8', (2, 2))", body=bytes(32)), "holds"),
    "complex": (saved([[1 + 2j]]), "complex128"),
    "long double": (saved(np.ones((1, 1), np.longdouble)), "float128"),
    "text": (saved([["a"]]), "<U1"),
    "bytes": (saved([[b"a"]]), "|S1"),
    "dates": (saved(np.array([["2020-01-01"]], "M8[D]")), "datetime64"),
    "void": (npy(descr="'|V8'"), "|V8"),
    "a type that is none": (npy(descr="'<q9'"), "not an NPY file"),
    "infinity": (saved([[np.inf]]), "infinities or NaN"),
    "not a number": (saved([[1.0, np.nan]]), "infinities or NaN"),
    "an integer beyond 2^53": (saved([[2**60]]), "2^53"),
    "a float beyond 1e100": (saved([[1e300]]), "1e100"),
    "trailing bytes": (saved([[1.0]]) + b"x", "takes 8 bytes, the file has 9"),
    "two arrays": (saved([[1.0]]) * 2, "takes 8 bytes"),
    "a missing byte": (saved([[1.0]])[:-1], "takes 8 bytes, the file has 7"),
    "a missing header": (b"\x93NUMPY\x01\x00", "not an NPY file"),
    "nothing": (b"", "not an NPY file"),
    "a zip": (zipped("a.npy"), "not an NPY file"),
    "a long header, version 1": (npy(length=65535), "not an NPY file"),
    "a long header, version 2": (npy(length=2**31 - 1, version=2), "not an NPY file"),
    "a long header, version 3": (npy(length=2**32 - 1, version=3), "not an NPY file"),
    "a header that is long": (npy(header=" " * 900_000, version=2), "not an NPY file"),
    "version 9": (npy(version=9), "unknown version"),
    "a header of brackets": (npy(header="(" * 2000), "not an NPY file"),
    "a header of signs": (npy(header="-" * 4000 + "1"), "not an NPY file"),
    "a header that is code": (npy(header="__import__('os').system('id')"), "not an NPY file"),
    "a header with a NUL": (npy(header="{'descr'\0: 1}"), "not an NPY file"),
    "a header that is not ASCII": (npy(header="{'é': '\xff'}"), "not an NPY file"),
    "a header by Python 2": (npy("(1L, 1L)"), "not an NPY file"),
    "a header with another key": (
        npy(header="{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), 'x': 1}"),
        "not an NPY file",
    ),
    "an order that is no order": (
        npy(header="{'descr': '<f8', 'fortran_order': 'F', 'shape': (1, 1)}"),
        "not an NPY file",
    ),
    "more than 1 MiB": (saved(np.ones((400, 400))), "larger than 1 MiB"),
}


@pytest.mark.parametrize(("data", "words"), NPY.values(), ids=NPY)
def test_hostile_npy_is_refused_within_the_limits(
    tmp_path: Path, reader: LimitedReader, data: bytes, words: str
) -> None:
    path = tmp_path / "mine.npy"
    path.write_bytes(data)
    assert words in refusal(reader, path).error
    beside = tmp_path / "other.yaml"
    beside.write_text("title: beside\nweights: mine.npy\n")
    answer = refusal(reader, beside)
    assert words in answer.error
    assert answer.faults[0]["key"] == "weights"


def matrix(cell: str) -> bytes:
    """Return a matrix of as many cells as a YAML file may have."""
    row = "- [" + ", ".join([cell] * 300) + "]\n"
    return b"weights:\n" + row.encode() * 330


LARGE = {
    "integers.yaml": matrix("-9"),
    "quotients.yaml": matrix("1/7"),
    "small.yaml": matrix("1e-300"),
    "decimals.yaml": matrix("0.12345"),
    "comment.yaml": b"#" * 10**6 + b"\n" + GOOD,
    "lines.yaml": b"\n" * 10**6 + GOOD,
    "tags.yaml": GOOD + b"tags: [" + b"a," * 90_000 + b"a]\n",
    "title.yaml": GOOD + b"title: >\n" + b" a\n" * 300_000,
    "dates.yaml": GOOD + b"title: 2001-99-99\ntags: [on, 0777, 1:30]\n",
    "mark.yaml": b"\xef\xbb\xbf" + GOOD,
    "directive.yaml": b"%YAML 1.2\n---\n" + GOOD + b"...\n",
    "noughts.yaml": b"weights: [[1, 0e999999999]]",
    "booleans.npy": saved(np.ones((1020, 1020), bool)),
    "halves.npy": saved((np.arange(720 * 720) % 64 / 64).astype("f2").reshape(720, 720)),
    "floats.npy": saved(np.arange(360 * 360, dtype="f8").reshape(360, 360) / 7),
    "fortran.npy": saved(np.asfortranarray(np.eye(500, dtype="f4"))),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_and_oddest_kernels_are_read_within_the_limits(
    tmp_path: Path, reader: LimitedReader, name: str
) -> None:
    (tmp_path / name).write_bytes(LARGE[name])
    answer = reader.read(str(tmp_path / name))
    assert answer.outcome == "kernel", answer.error[:500]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of kernels, with a secret beside it that is a kernel, too."""
    (tmp_path / "secret.yaml").write_bytes(GOOD)
    np.save(tmp_path / "secret.npy", np.eye(2))
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels/good.yaml").write_bytes(GOOD)
    return tmp_path / "kernels"


NAMES = [
    "../../etc/passwd", "../secret", "./../secret", "good/../../secret", "/etc/passwd", "a\0b",
    "good\0", "..", ".", "...", "", "~", "~root", "-", "%2e%2e%2fsecret", "..\\secret",
    "C:\\secret", "file:///etc/passwd", "http://localhost/x", "good ", "\tgood", "good\n.",
    "GOOD", "\uff47ood", "\udcff", "x" * 5000, "*", "$HOME", "$(id)",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_never_paths(folder: Path, reader: LimitedReader, name: str) -> None:
    answer = reader.read(name, folder)
    if name.strip() == "good":  # spaces around an argument are nobody's intent
        assert answer.outcome == "kernel"
    else:
        assert answer.outcome == "refused", answer.error
        assert answer.opened == []


@pytest.mark.parametrize(
    "weights",
    [
        "../secret.npy", "/etc/passwd", "/etc/secret.npy", "./w.npy", "sub/w.npy", "..", "~/w.npy",
        ".w.npy", "W.npy", "w.npz", "w.npy.", "w.yaml", "good.yaml", "-.npy", ".npy", "npy",
        '"w\\0.npy"', '"w.npy\\n"', "..\\secret.npy", "file://w.npy",
    ],
)  # fmt: skip
def test_weights_are_plain_names_of_npy_files(
    folder: Path, reader: LimitedReader, weights: str
) -> None:
    np.save(folder / "w.npy", np.eye(2))
    path = folder / "mine.yaml"
    path.write_text(f"weights: {weights}\n")
    answer = refusal(reader, path)
    assert "plain name" in answer.faults[0]["cause"]
    assert answer.opened == [str(path)]


@pytest.mark.parametrize(
    "target", ["../secret.npy", "/etc/passwd", "/dev/zero", "gone.npy", "w.npy", "real.npy"]
)
def test_weights_that_are_a_link_are_not_followed(
    folder: Path, reader: LimitedReader, target: str
) -> None:
    np.save(folder / "real.npy", np.eye(2))
    (folder / "w.npy").symlink_to(target)
    (folder / "mine.yaml").write_text("weights: w.npy\n")
    answer = refusal(reader, folder / "mine.yaml")
    assert "link" in answer.faults[0]["cause"]
    assert answer.opened == [str(folder / "mine.yaml")]


@pytest.mark.parametrize("target", ["../secret.yaml", "/etc/passwd", "/dev/zero", "link.yaml"])
def test_links_out_of_the_folder_are_not_kernels(
    folder: Path, reader: LimitedReader, target: str
) -> None:
    (folder / "link.yaml").symlink_to(target)
    (folder / "link.npy").symlink_to("../secret.npy")
    (folder / "sub").symlink_to("..")
    for name in ("link", "secret"):
        answer = reader.read(name, folder)
        assert answer.outcome == "refused", name
        assert not [path for path in answer.opened if "secret" in path]
    assert reader.read("good", folder).outcome == "kernel"


@pytest.mark.parametrize("suffix", ["yaml", "npy"])
@pytest.mark.parametrize("kind", ["folder", "fifo", "socket", "zero", "stdin"])
def test_odd_files_are_refused_and_never_waited_for(
    folder: Path, reader: LimitedReader, kind: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # the path of a socket is short
    odd = Path(f"odd.{suffix}")
    if kind == "folder":
        odd.mkdir()
    elif kind == "fifo":
        os.mkfifo(odd)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(odd))
    else:
        odd.symlink_to(f"/dev/{kind}")
    answer = reader.read(str(folder / odd))
    assert answer.outcome == "refused"
    assert "not a regular file" in answer.error or "cannot be read" in answer.error
    assert answer.opened == []
    assert reader.read("odd", folder).outcome == "refused"
