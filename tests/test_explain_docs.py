"""docs/explain.md and the README show what explain prints."""

import re
import shlex

import pytest

from tests.conftest import ROOT, Program

PAGES = [ROOT / "docs" / "explain.md", ROOT / "README.md"]
BLOCK = re.compile(r"^( *)```console\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def examples() -> list[tuple[str, str]]:
    """Return every command that explains, and what it is said to print."""
    found = []
    for page in PAGES:
        for indent, block in BLOCK.findall(page.read_text(encoding="utf-8")):
            text = "".join(line.removeprefix(indent) for line in block.splitlines(keepends=True))
            command, _, shown = text.partition("\n")
            if command.startswith("$ convfilter explain"):
                found.append((command.removeprefix("$ "), shown))
    return found


def test_both_pages_have_examples() -> None:
    assert len(examples()) >= 9


@pytest.mark.parametrize(("command", "shown"), examples())
def test_explanations_are_what_is_shown(
    command: str, shown: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = program(*shlex.split(command)[1:])
    assert done.exit_code == 0
    assert done.stdout == shown
