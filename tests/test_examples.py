"""Every example in the README and the documentation runs, and prints what is shown.

A ``console`` block holds commands behind ``$`` and what each prints; a line ``...`` stands for
any lines, and ``...`` in a line for anything. What follows ``cat FILE`` is the content of a file
that the reader is to write. ``pycon`` blocks are doctests. In the README and elsewhere a block
without a language that begins with a command of the program is run line by line. All blocks of
a page run in one folder, in their order.
"""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT, SAMPLES, Program

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
_BLOCK = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
_OUR_COMMAND = re.compile(r"\s*(cat \S+ \| )?convfilter ")
_FOR_A_SHELL = re.compile(r"[|<>*$~]|^\w+=")
RUN = ("console", "pycon", "python", "")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of the blocks of a page that are examples."""
    found = [
        (language, "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True)))
        for indent, language, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
    ]
    return [
        (language, text)
        for language, text in found
        if language in RUN and (language or _OUR_COMMAND.match(text))
    ]


WITH_EXAMPLES = [page for page in PAGES if blocks(page)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where examples run: with the samples, and files that examples name."""
    folder = tmp_path / "here"
    shutil.copytree(SAMPLES, folder / "samples")
    (folder / "photos").mkdir()
    for name in ("in.jpg", "photos/a.jpg", "photos/b.jpg"):
        shutil.copy(SAMPLES / "scene.jpg", folder / name)
    shutil.copy(SAMPLES / "disc.png", folder / "in.png")
    frames = [Image.new("RGB", (16, 12), colour) for colour in ("red", "green", "blue")]
    frames[0].save(folder / "in.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    np.save(folder / "series.npy", np.linspace(0, 1, 64)[None, :])
    (folder / "mine.yaml").write_text("weights: [[1, 2, 1]]\ndivisor: 4\n")
    entry = tmp_path / "bin" / "convfilter"
    entry.parent.mkdir()
    entry.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m convfilter "$@"\n')
    entry.chmod(0o755)
    monkeypatch.setenv("PATH", f"{entry.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(folder)
    return folder


class Reader:
    """Does what a page tells its reader to do."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names: dict[str, Any] = {}

    def follow(self, language: str, text: str) -> None:
        """Run one block."""
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, _, shown = part.partition("\n")
                self._type(line, shown)
        elif language == "pycon":
            self._doctest(text)
        elif language == "python":
            Path("out.jpg").unlink(missing_ok=True)  # each of these is a first one
            exec(compile(text, "example", "exec"), self.names)  # noqa: S102 - the project's own
        else:
            for line in text.splitlines():
                # In a list of examples each is the first one: what is there is overwritten.
                writes = re.search(
                    r"convfilter (apply \S+ [^-]|gallery )|kernels import .* -o ", line
                )
                self._type(line.strip() + (" --force" if writes else ""), None)

    def _type(self, line: str, shown: str | None) -> None:
        """Run one line, and compare what it prints with what is shown, if that is known."""
        words = shlex.split(line)
        if words[0] == "cat" and len(words) == 2:
            if not Path(words[1]).exists():
                Path(words[1]).write_text(shown or "", encoding="utf-8")
                return
            code, printed = 0, Path(words[1]).read_text(encoding="utf-8")
        elif words[0] == "mkdir":
            Path(words[1]).mkdir()
            return
        elif words[0] == "convfilter" and not _FOR_A_SHELL.search(
            re.sub(r"(['\"]).*?\1", "", line)
        ):
            done = self.program(*words[1:])
            code, printed = done.exit_code, done.output
        else:
            ran = subprocess.run(
                ["/bin/sh", "-c", line],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            code, printed = ran.returncode, ran.stdout
        is_error = bool(shown and shown.startswith("error:"))
        assert bool(code) == is_error, f"$ {line}\n{printed}"
        if shown is not None:
            assert fits(shown, printed), f"$ {line}\n{printed}"

    def _doctest(self, text: str) -> None:
        example = doctest.DocTestParser().get_doctest(text, self.names, "example", None, 0)
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(example, out=told.append, clear_globs=False)
        self.names.update(example.globs)
        assert not told, "".join(told)


def fits(shown: str, printed: str) -> bool:
    """Whether what is printed is what is shown, with anything in place of ``...``."""
    pattern = re.escape(shown)
    pattern = re.sub(r"^\\\.\\\.\\\.\\\n", r"(?:.*\\n)*?", pattern, flags=re.MULTILINE)
    return re.fullmatch(pattern.replace(r"\.\.\.", ".*"), printed) is not None


@pytest.mark.skipif(os.name == "nt", reason="the examples are for a POSIX shell")
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_do_what_is_shown(page: Path, program: Program) -> None:
    reader = Reader(program)
    array = np.zeros((20, 20, 3), np.uint8)
    reader.names["array"] = array
    for language, text in blocks(page):
        reader.follow(language, text)


def test_there_are_examples() -> None:
    assert len(WITH_EXAMPLES) >= 10
    assert sum(len(blocks(page)) for page in WITH_EXAMPLES) >= 60


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("", "a\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\nc\n", True),
        ("...\nb\n", "a\nb\nc\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a.c\n", "abc\n", False),
        ("a ...\n", "a b\nc\n", False),
    ],
)
def test_dots_stand_for_anything(shown: str, printed: str, expected: bool) -> None:
    assert fits(shown, printed) is expected
