import io
import os
from pathlib import Path

import pytest
from PIL import Image

from convfilter.cli.gallery import SHOWN
from tests.conftest import SAMPLES, Program

SCENE = SAMPLES / "scene.jpg"
SQUARE = SAMPLES / "square-10x10.png"


@pytest.mark.parametrize(
    ("suffix", "name"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("tif", "TIFF")]
)
def test_the_suffix_of_a_sheet_decides_its_format(
    program: Program, tmp_path: Path, suffix: str, name: str
) -> None:
    path = tmp_path / f"sheet.{suffix}"
    done = program("gallery", SCENE, "-o", path, "-k", "blur3", "-k", "sobel")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "wrote" in done.stderr
    with Image.open(path) as image:
        assert image.format == name


def test_a_tag_makes_a_sheet_of_all_its_kernels(program: Program, tmp_path: Path) -> None:
    from convfilter.gallery.contact import Gallery
    from convfilter.pictures.reading import open_picture
    from convfilter.registry.tags import find_tagged

    path = tmp_path / "sheet.png"
    done = program("gallery", SQUARE, "-o", path, "--tag", "motion", "-k", "motion-h")
    assert done.exit_code == 0
    names = {kernel.name for kernel in find_tagged(["motion"])[0]}
    assert "motion-h" in names
    kernels = find_tagged(["motion"])[0]
    expected = Gallery.of(open_picture(SQUARE), kernels, title="x")
    with Image.open(path) as image:
        assert image.size == expected.arrangement.size


def test_a_sheet_of_no_named_kernels_shows_some_of_every_kind(
    program: Program, tmp_path: Path
) -> None:
    done = program("gallery", SQUARE, "-o", tmp_path / "s.png")
    assert done.exit_code == 0
    named = program("gallery", SQUARE, "-o", tmp_path / "n.png", *(f"-k{k}" for k in SHOWN))
    assert named.exit_code == 0
    assert (tmp_path / "s.png").read_bytes() == (tmp_path / "n.png").read_bytes()


def test_sheet_and_animation_may_be_asked_for_at_once(program: Program, tmp_path: Path) -> None:
    sheet, steps = tmp_path / "sheet.png", tmp_path / "steps.gif"
    done = program("gallery", SQUARE, "-k", "diagonal", "-o", sheet, "--animate", steps)
    assert done.exit_code == 0
    assert sheet.exists()
    with Image.open(steps) as image:
        assert image.format == "GIF"


@pytest.mark.parametrize(
    ("arguments", "code", "what", "hint"),
    [
        (["-k", "blur3"], 2, "nothing to write", "-o FILE.png"),
        (["--animate", "s.gif"], 2, "no kernel given", "--kernel"),
        (["-o", "s.png", "--tag", "egdes"], 2, "no kernel has the tag", "edges"),
        (["-o", "s.xyz", "-k", "blur3"], 1, "no picture format", ".png"),
        (["-o", "none/s.png", "-k", "blur3"], 1, "cannot be written", ""),
        (["-o", "s.png", "-k", "blur3", "--crop", "1,2,3"], 2, "--crop", "40,30,64,48"),
        (["-o", "s.png", "-k", "blur3", "--crop", "950,0,64,64"], 2, "beyond", ""),
        (["--animate", "s.jpg", "-k", "blur3"], 1, "cannot hold an animation", ".gif"),
        (["--animate", "s.xyz", "-k", "blur3"], 1, "no picture format", "use one of .gif"),
        (["--animate", "s.gif", "-k", "blur3"], 2, "too many to follow", "--crop"),
        (["--animate", "s.gif", "-k", "blur3", "-k", "blur5"], 2, "at once", "single"),
        (["--animate", "s.gif", "-o", "./s.gif", "-k", "blur3"], 2, "same name", "two names"),
        (["--animate", "s.gif", "-k", "sobel"], 2, "not a single kernel", "part"),
        (["-o", "-", "-k", "sobel"], 2, "standard output", "name a file"),
    ],
)
def test_mistakes_are_told_with_a_remedy_and_leave_nothing(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    what: str,
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.listdir(tmp_path)
    done = program("gallery", SCENE, *arguments)
    assert done.exit_code == code
    assert what in done.stderr
    assert hint in done.stderr
    assert os.listdir(tmp_path) == before


@pytest.mark.parametrize("option", ["-o", "--animate"])
def test_nothing_is_overwritten_without_force(
    program: Program, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "out.gif"
    path.write_bytes(b"mine")
    arguments = ["gallery", SQUARE, option, path, "-k", "diagonal"]
    assert program(*arguments).exit_code == 1
    assert path.read_bytes() == b"mine"
    assert program(*arguments, "--force").exit_code == 0
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "GIF"


def test_what_is_no_picture_is_refused(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    path.write_text("no picture")
    done = program("gallery", path, "-o", tmp_path / "s.png", "-k", "blur3")
    assert done.exit_code == 1
    assert "is not a picture" in done.stderr


def test_kernel_files_that_cannot_be_read_are_warned_of(program: Program, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("weights: [[1], [2, 3]]\n")
    done = program(
        "gallery", SQUARE, "-o", tmp_path / "s.png", "--tag", "motion", "--kernel-path", tmp_path
    )
    assert done.exit_code == 0
    assert "warning" in done.stderr
    assert "bad.yaml" in done.stderr
