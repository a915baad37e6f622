import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from convfilter.atomic import Attributes, write_atomically
from convfilter.errors import OutputError


def fill(stream: BinaryIO) -> None:
    stream.write(b"whole")


def test_a_file_appears_whole_with_the_usual_permissions(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(str(tmp_path / "out"), fill)
    finally:
        os.umask(old)
    assert (tmp_path / "out").read_bytes() == b"whole"
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failing_writer_leaves_nothing_and_harms_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"before")

    def fail(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        write_atomically(str(target), fail, overwrite=True)
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(str(tmp_path / "out"), interrupt)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked_even_if_it_appears_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def appear(stream: BinaryIO) -> None:
        target.write_bytes(b"theirs")
        stream.write(b"ours")

    with pytest.raises(OutputError, match="appeared"):
        write_atomically(str(target), appear)
    with pytest.raises(OutputError, match="--force"):
        write_atomically(str(target), fill)
    assert target.read_bytes() == b"theirs"


def test_overwriting_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    target, link = tmp_path / "out", tmp_path / "link"
    target.write_bytes(b"before")
    target.chmod(0o600)
    link.symlink_to(target)
    write_atomically(str(link), fill, overwrite=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_names_of_255_bytes_are_written(tmp_path: Path) -> None:
    name = "x" * 255
    write_atomically(str(tmp_path / name), fill)
    assert (tmp_path / name).read_bytes() == b"whole"


@pytest.mark.parametrize("make", ["folder", "fifo"])
def test_only_regular_files_are_replaced(tmp_path: Path, make: str) -> None:
    target = tmp_path / "out"
    if make == "folder":
        target.mkdir()
    else:
        os.mkfifo(target)
    with pytest.raises(OutputError, match="cannot be written"):
        write_atomically(str(target), fill, overwrite=True)
    assert target.exists()


@pytest.mark.parametrize("name", ["out/", "there/new/", "a\0b"])
def test_names_that_no_file_can_have_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_atomically(f"{tmp_path}/{name}", fill)
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere does not exist"):
        write_atomically(str(tmp_path / "nowhere" / "out"), fill)


def test_attributes_are_there_when_the_file_appears(tmp_path: Path) -> None:
    attributes = Attributes(0o640, (10**18, 2 * 10**18))
    write_atomically(str(tmp_path / "out"), fill, attributes=attributes)
    status = (tmp_path / "out").stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert (status.st_atime_ns, status.st_mtime_ns) == attributes.times
    assert Attributes.of(str(tmp_path / "out"), with_times=True) == attributes
    assert Attributes.of(str(tmp_path / "out"), with_times=False) == Attributes(0o640)


@pytest.mark.parametrize("umask", [0o200, 0o400, 0o777])
def test_no_umask_keeps_a_file_from_being_written(tmp_path: Path, umask: int) -> None:
    script = (
        "import os, sys\n"
        "from convfilter.atomic import Attributes, settling_postponed, write_atomically\n"
        f"os.umask({umask})\n"
        "write = lambda stream: stream.write(b'whole')\n"
        "write_atomically(sys.argv[1] + '/now', write)\n"
        "with settling_postponed(os.getppid()) as unsettled:\n"
        "    write_atomically(sys.argv[1] + '/later', write, attributes=Attributes(0o640))\n"
        "unsettled[0].settle()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert stat.S_IMODE((tmp_path / "now").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "later").stat().st_mode) == 0o640


def test_a_file_that_holds_the_same_already_can_be_accepted(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_atomically(str(target), fill, accept_same=True)
    before = target.stat().st_ino
    write_atomically(str(target), fill, accept_same=True)
    assert target.stat().st_ino == before
    target.write_bytes(b"theirs")
    with pytest.raises(OutputError, match="holds something else"):
        write_atomically(str(target), fill, accept_same=True)
    assert target.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("failing", range(12))
def test_whatever_call_fails_nothing_is_torn_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int, overwrite: bool
) -> None:
    target = tmp_path / "out"
    if overwrite:
        target.write_bytes(b"before")
    calls = 0

    def count(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **keywords: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == failing + 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return function(*arguments, **keywords)

        return counted

    with monkeypatch.context() as patched:
        for name in ("open", "chmod", "utime", "fsync", "link", "replace"):
            patched.setattr(os, name, count(getattr(os, name)))
        try:
            write_atomically(
                str(target),
                lambda stream: count(stream.write)(b"whole"),
                overwrite=overwrite,
                attributes=Attributes(0o644, (1, 1)),
            )
            failed = False
        except OutputError as error:
            assert "No space left" in str(error)
            failed = True
    # A hard link that cannot be made is done without; there are eight calls or nine.
    assert failed == (failing < calls and (overwrite or failing != 5))
    content = target.read_bytes() if target.exists() else None
    assert content in (b"whole", b"before" if overwrite else None)
    assert failed or content == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out"] * (content is not None)
