import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from convfilter.atomic import write_atomically
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


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere does not exist"):
        write_atomically(str(tmp_path / "nowhere" / "out"), fill)
