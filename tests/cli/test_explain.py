"""The command explain, as a shell sees it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SAMPLES, Program

SQUARE = SAMPLES / "square-10x10.png"
DISC = SAMPLES / "disc.png"
ANTI = "[[0,0,1],[0,1,0],[1,0,0]]"
FOUR = ["--image", SQUARE, "--at", "4,4", "--border", "constant:0", "--divisor", "1"]


def told_json(program: Program, *words: object) -> Any:
    done = program("explain", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_the_sliding_window_is_shown_with_its_numbers(program: Program) -> None:
    done = program("explain", ANTI, *FOUR)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[-1].split() == ["value", "3"]
    assert "0 + 0 + 1 + 0 + 1 + 0 + 1 + 0 + 0 = 3" in done.stdout
    assert "\x1b" not in done.stdout


def test_json_carries_the_numbers(program: Program) -> None:
    told = told_json(program, ANTI, *FOUR)
    assert told["window"] == [[1, 1, 1]] * 3
    assert told["weights"] == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert told["products"] == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert told["sum"] == 3
    assert told["value"] == 3


@pytest.mark.parametrize("alpha", ["premultiply", "straight", "keep"])
@pytest.mark.parametrize("at", ["0,0", "160,30", "75,120"])
def test_the_value_is_the_sample_that_apply_writes(
    program: Program, tmp_path: Path, alpha: str, at: str
) -> None:
    options = ["--alpha", alpha, "--border", "wrap", "--stride", "2", "--operation", "convolve"]
    kernel = "[[1,2,3],[4,9,-5]]"
    output = tmp_path / "o.png"
    assert program("apply", DISC, output, "-k", kernel, *options).exit_code == 0
    x, y = map(int, at.split(","))
    x, y = x // 2, y // 2
    told = told_json(program, kernel, "--image", DISC, "--at", f"{x},{y}", *options)
    with Image.open(output) as image:
        assert told["value"] == list(np.asarray(image)[y, x])
    assert told["alpha"] == alpha
    assert np.array(told["window"]).shape[:2] == (2, 3)


def test_steps_are_followed(program: Program) -> None:
    words = ["gaussian5", "sobel-x", "--image", SQUARE, "--at", "2,2"]
    whole, last = program("explain", *words, "--steps"), program("explain", *words)
    assert "step 1 of 2: gaussian5" in whole.stdout
    assert "as the next step reads it" in whole.stdout
    assert "step 1 of 2" not in last.stdout
    assert whole.stdout.splitlines()[-1] == last.stdout.splitlines()[-1]
    assert len(told_json(program, *words, "--steps")["steps"]) == 2
    assert len(told_json(program, *words)["steps"]) == 1


def test_composites_show_how_responses_combine(program: Program) -> None:
    done = program("explain", "sobel", "--image", SQUARE, "--at", "2,2")
    assert "l2 of the responses 1, 1 = 1.414214" in done.stdout
    assert "1.414214 → 1, half up" in done.stdout


@pytest.mark.parametrize("name", ["sobel-x", "sobel", "unsharp-mask", "gaussian:sigma=9", "blur5"])
def test_facts_are_told_of_every_kind(program: Program, name: str) -> None:
    done = program("explain", name)
    assert done.exit_code == 0
    for word in ("rank", "values", "algorithm", "rejected", "clipped", "border", "symmetry"):
        assert f"\n{word}" in done.stdout
    facts = done.stdout.split("the same in other tools")[0]
    assert max(map(len, facts.splitlines())) < 200


def test_options_take_the_place_of_what_a_kernel_states(program: Program) -> None:
    told = told_json(
        program, "sobel-x", "--divisor", "4", "--operation", "convolve", "--border", "wrap"
    )
    assert (told["divisor"], told["operation"], told["border"]) == (4, "convolve", "wrap")


@pytest.mark.parametrize(
    ("words", "width", "mode"),
    [
        (["--size", "640x480"], 640, "RGB"),
        (["--size", "640x480x1", "--dtype", "uint16"], 640, "I;16"),
        (["--image", SQUARE], 10, "L"),
        ([], 6000, "RGB"),
    ],
)
def test_the_picture_decides(program: Program, words: list[object], width: int, mode: str) -> None:
    picture = told_json(program, "blur3", *words)["picture"]
    assert (picture["width"], picture["mode"]) == (width, mode)


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["--at", "1,2"], "--at needs --image", "add --image"),
        (["--image", SQUARE, "--steps"], "--steps needs --at", "add --at"),
        (["--image", SQUARE, "--size", "3x3"], "--image excludes --size", "leave them out"),
        (["--image", SQUARE, "--at", "10,0"], "lies outside the result", "X is 0 to 9"),
        (["--image", SQUARE, "--at", "1;2"], "is not X,Y", "--help"),
        (["--size", "large"], "is not WIDTHxHEIGHT", "--help"),
        (["--image", "nowhere.png", "--at", "1,2"], "nowhere.png", None),
        (["--size", "2x2", "--padding", "valid"], "leaves no pixel", "--padding same"),
    ],
)
def test_mistakes_bring_one_message_with_a_remedy(
    program: Program, words: list[object], what: str, hint: str | None
) -> None:
    done = program("explain", "blur3", *words)
    assert done.exit_code in (1, 2)
    assert done.stdout == ""
    assert what in done.stderr
    assert len(done.stderr.splitlines()) <= 3
    if hint:
        assert hint in done.stderr.splitlines()[-1]


def test_no_name_reaches_the_terminal_raw(program: Program, tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text('title: "\\e]0;pwned\\a"\nweights: [[1]]\n')
    done = program("explain", tmp_path / "evil.yaml")
    assert "\x1b" not in done.output


def test_large_windows_are_shortened(program: Program) -> None:
    done = program("explain", "gaussian:sigma=9", "--image", SQUARE, "--at", "0,0")
    assert "…" in done.stdout
    assert "[" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120
