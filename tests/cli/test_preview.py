import re
from pathlib import Path

import numpy as np
import pytest

from convfilter import Picture, apply, open_picture
from convfilter.cli.preview import LOWEST, NARROWEST, preview_lines
from tests.cli.terminal import on_terminal
from tests.conftest import SAMPLES, Program

SCENE = SAMPLES / "scene.jpg"
SQUARE = SAMPLES / "square-10x10.png"


def plain(shown: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()


def test_before_and_after_stand_side_by_side_as_wide_as_the_terminal() -> None:
    code, shown, messages = on_terminal("apply", SCENE, "-k", "blur9", "--preview")
    assert (code, messages) == (0, "")
    caption, *rows = plain(shown)
    assert re.fullmatch(r"before  960 × 640 {24}after  blur9  960 × 640", caption)
    assert set(rows) == {"▀" * 38 + "   " + "▀" * 38}
    assert len(rows) == 13
    assert "\x1b[38;2;" in shown


def test_with_an_output_it_is_written_too(tmp_path: Path) -> None:
    code, shown, _ = on_terminal("apply", SCENE, tmp_path / "o.png", "-k", "blur9", "--preview")
    assert code == 0
    assert "▀" in shown
    expected = apply(open_picture(SCENE), "blur9").array
    np.testing.assert_array_equal(open_picture(tmp_path / "o.png").array, expected)


@pytest.mark.parametrize(
    ("arguments", "environment", "what"),
    [
        ([], {"NO_COLOR": "1"}, "NO_COLOR is set"),
        ([], {"TERM": "vt100", "COLORTERM": ""}, "TERM is vt100"),
        (["--json"], {}, "--json exclude"),
        (["--dry-run"], {}, "--dry-run exclude"),
    ],
)
def test_a_preview_that_cannot_be_shown_is_refused_before_any_work(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], what: str
) -> None:
    output = tmp_path / "o.png"
    code, shown, messages = on_terminal(
        "apply", SQUARE, output, "-k", "blur3", "--preview", *arguments, variables=environment
    )
    assert (code, shown) == (2, "")
    assert what in messages
    assert "hint" in messages
    assert not output.exists()


def test_a_terminal_that_is_too_small_is_refused() -> None:
    code, _, messages = on_terminal("apply", SQUARE, "-k", "blur3", "--preview", columns=12)
    assert code == 2
    assert "12 columns" in messages


def test_off_a_terminal_it_is_refused(program: Program, tmp_path: Path) -> None:
    done = program("apply", SQUARE, tmp_path / "o.png", "-k", "blur3", "--preview")
    assert done.exit_code == 2
    assert "--preview needs a terminal" in done.stderr
    assert not (tmp_path / "o.png").exists()


def test_without_output_and_preview_both_are_named(program: Program) -> None:
    done = program("apply", SQUARE, "-k", "blur3")
    assert done.exit_code == 2
    assert "no OUTPUT given" in done.stderr
    assert "--preview" in done.stderr


@pytest.mark.parametrize("shape", [(10, 10), (300, 20), (20, 300), (1, 1), (1, 4000), (4000, 1)])
@pytest.mark.parametrize("room", [(NARROWEST, LOWEST), (80, 24), (200, 60)])
def test_it_never_leaves_the_terminal(shape: tuple[int, int], room: tuple[int, int]) -> None:
    before = Picture.of_array(np.zeros(shape, np.uint8))
    after = Picture.of_array(np.zeros((shape[0], max(1, shape[1] // 2)), np.uint8))
    lines = preview_lines(before, after, "a long name " * 9, *room)
    assert len(lines) < room[1]
    assert max(line.cell_len for line in lines) <= room[0]


def test_a_wide_picture_stands_above_the_other() -> None:
    wide = Picture.of_array(np.zeros((50, 400), np.uint8))
    lines = preview_lines(wide, wide, "blur", 60, 40)
    assert sum("▀" * 60 in line.plain for line in lines) == len(lines) - 2


def test_each_character_has_the_colours_of_two_pixels() -> None:
    colours = np.arange(27, dtype=np.uint8).reshape(3, 3, 3) * 9
    picture = Picture.of_array(colours)
    _, *rows = preview_lines(picture, picture, "x", 20, 8)
    styles = [[span.style for span in row.spans] for row in rows]
    # Enlarged twice: six columns, each of its three lines shows one row of pixels twice.
    shown = [[str(style).split(" on ") for style in row[:6:2]] for row in styles]
    expected = [["#{:02x}{:02x}{:02x}".format(*pixel) for pixel in row] for row in colours]
    assert [[front for front, _ in row] for row in shown] == expected
    assert [[behind for _, behind in row] for row in shown] == expected
