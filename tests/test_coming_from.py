"""docs/coming-from.md says what is true: each row is run by the tool and by the program."""

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import ndimage, signal

import convfilter
from convfilter import Kernel, open_picture
from convfilter.cli.main import cli
from tests.conftest import ROOT, Program

PAGE = (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8")

PICTURE = np.random.default_rng(11).random((23, 31)) * 0.1 + 0.4
"""Floats, which no tool rounds."""
WEIGHTS = np.random.default_rng(5).random((3, 5))


def rows(tool: str) -> list[tuple[str, str]]:
    """Return the two sides of the table under a heading, as code."""
    section = PAGE.split(f"\n## From {tool}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| `(.+?)` \| `(.+?)`[^|]*\|$", section, re.MULTILINE)
    assert found
    return found


def value(code: str, **names: Any) -> Any:
    """Return the value of an expression of the page."""
    ast.parse(code, mode="eval")
    return eval(code, {"p": PICTURE, "k": WEIGHTS, **names})  # noqa: S307 - the project's own


def ours(code: str) -> Any:
    return value(code, convolve=convfilter.convolve, Kernel=Kernel)


@pytest.mark.parametrize(("theirs", "here"), rows("SciPy"))
def test_scipy_gives_the_same(theirs: str, here: str) -> None:
    expected = value(theirs, ndimage=ndimage, signal=signal)
    np.testing.assert_allclose(ours(here), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("theirs", "here"), rows("OpenCV"))
def test_opencv_gives_the_same(theirs: str, here: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    np.testing.assert_allclose(ours(here), value(theirs, cv2=cv2), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("theirs", "here"), rows("Pillow"))
def test_pillow_gives_the_same_away_from_the_rim(theirs: str, here: str) -> None:
    noise = np.random.default_rng(2).integers(90, 160, (20, 30), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(noise).filter(value(theirs, ImageFilter=ImageFilter)))
    _, name, *options = here.split()
    range_ = {"range": options[1]} if options else {}
    result = convfilter.apply(noise, name, **range_).array
    difference = np.abs(result.astype(int) - expected)[2:-2, 2:-2]
    assert difference.max() <= 1, "Pillow rounds in floats"


@pytest.mark.parametrize(("theirs", "here"), rows("ImageMagick")[:5])
def test_imagemagick_gives_the_same(
    theirs: str, here: str, program: Program, tmp_path: Path
) -> None:
    tool = shutil.which("convert")
    if not tool:
        pytest.skip("ImageMagick is not installed")
    # Rows of a border alone are tried with a kernel that is not symmetric.
    kernel = "5x3: 1,2,0,0,3 0,1,1,0,0 2,0,1,4,1"
    if "Convolve" not in theirs:
        theirs += f' -morphology Convolve "{kernel}" -define convolve:scale=!'
        (tmp_path / "k.yaml").write_text(
            program("kernels", "import", kernel, "--scale", "!").stdout
        )
        here += f" -k {tmp_path / 'k.yaml'}"
    words = shlex.split(theirs)
    if "-define" in words:  # ImageMagick heeds what stands before the operator
        place = words.index("-define")
        words = words[place : place + 2] + words[:place] + words[place + 2 :]
    source, target = tmp_path / "in.png", tmp_path / "theirs.png"
    noise = np.random.default_rng(2).integers(0, 256, (20, 30)).astype(np.uint16) * 256
    Image.fromarray(noise).save(source)
    subprocess.run([tool, source, *words, "-depth", "16", target], check=True)
    done = program("apply", source, tmp_path / "ours.png", *shlex.split(here))
    assert done.exit_code == 0, done.stderr
    expected = open_picture(target).array.astype(int)
    assert np.abs(open_picture(tmp_path / "ours.png").array.astype(int) - expected).max() <= 1


def test_every_option_on_the_page_exists() -> None:
    known = set()
    for name in ("apply", "kernels"):
        command: Any = cli.get_command(None, name)  # type: ignore[arg-type]
        below = [command.get_command(None, sub) for sub in getattr(command, "entries", ())]
        for each in [command, *below]:
            known |= {option for parameter in each.params for option in parameter.opts}
    here = "\n".join(re.findall(r"\| [^|]+ \| (.*) \|$", PAGE, re.MULTILINE))
    stated = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", here))
    assert stated
    assert stated <= known | {"-o"}
