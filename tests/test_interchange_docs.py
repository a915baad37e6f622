"""docs/interchange.md says what is true: its table, and what its commands print."""

import re
import shlex
from pathlib import Path

import pytest

from convfilter.registry.interchange.table import INTERCHANGE
from tests.conftest import ROOT, Program

TEXT = (ROOT / "docs" / "interchange.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)


def test_the_table_has_every_format() -> None:
    told = re.findall(r"(?m)^\| `([\w-]+)` \| (yes|) ?\| (yes|) ?\| (.*?) ?\|$", TEXT)
    expected = [
        (
            row.name,
            "yes" if row.read else "",
            "yes" if row.write else "",
            ", ".join(f"`{suffix}`" for suffix in row.suffixes),
        )
        for row in INTERCHANGE.values()
    ]
    assert told == expected


def test_there_are_examples() -> None:
    assert len(BLOCKS) > 10


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][2:50])
def test_examples_print_what_is_shown(
    block: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        line, _, shown = part.partition("\n")
        command, *arguments = shlex.split(line)
        if command == "cat":
            Path(arguments[0]).write_text(shown, encoding="utf-8")
        elif command == "mkdir":
            Path(arguments[0]).mkdir()
        else:
            assert command == "convfilter"
            assert program(*arguments).output == shown
