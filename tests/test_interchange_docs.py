"""The table of docs/interchange.md has the formats that the program has."""

import re

from convfilter.registry.interchange.table import INTERCHANGE
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "interchange.md").read_text(encoding="utf-8")


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
