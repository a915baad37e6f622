"""The page on formats says what the tables say; tests/pictures tries every cell of them."""

import pytest

from convfilter.pictures.formats import FORMATS
from convfilter.pictures.frame_writing import MOST_PLAYS
from docs.make_formats import COMMAND, PAGE, make_page, mode_cell
from tests.conftest import ROOT


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), f"run {COMMAND}"


@pytest.mark.parametrize(
    ("mode", "name", "cell"),
    [
        ("RGB", "png", "kept"),
        ("L", "webp", "as RGB"),
        ("RGBA", "jpeg", "with `--background`"),
        ("I;16", "jpeg", "with `--depth`"),
        ("F", "png", "with `--depth`"),
        ("RGB;16", "png", "kept by `deep`"),
    ],
)
def test_cells(mode: str, name: str, cell: str) -> None:
    assert mode_cell(mode, FORMATS[name]) == cell


def test_loops_are_kept_by_formats_of_animations_alone() -> None:
    assert all(FORMATS[name].several == "animation" for name in MOST_PLAYS)


def test_the_readme_leads_to_the_page() -> None:
    assert "](docs/formats.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_row_on_the_page(name: str) -> None:
    assert f"\n| `{name}` |" in PAGE.read_text(encoding="utf-8")
