import pytest

from tests.cli.terminal import on_terminal
from tests.conftest import SAMPLES

COMMANDS = {
    "heat": ("kernels", "show", "sobel-x", "--format", "heat"),
    "facts": ("explain", "sobel-x"),
    "window": ("explain", "sobel-x", "--image", SAMPLES / "square-10x10.png", "--at", "4,4"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("variables", "escape"),
    [
        ({}, "48;2;"),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, "48;5;"),
        ({"TERM": "xterm", "COLORTERM": ""}, None),
        ({"NO_COLOR": "1"}, None),
    ],
    ids=["truecolor", "256", "16", "unwanted"],
)
def test_every_matrix_has_the_colours_of_the_terminal(
    command: str, variables: dict[str, str], escape: str | None
) -> None:
    code, shown, _ = on_terminal(*COMMANDS[command], columns=120, variables=variables)
    assert code == 0
    assert ("\x1b[" in shown) is (escape is not None)
    assert escape is None or escape in shown
