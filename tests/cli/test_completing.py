"""Names are completed by what the shells call: Click's own classes, and the program itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete

from convfilter.cli.main import cli
from convfilter.registry.search_path import find_kernels, user_folder


def offered(*words: str) -> list[CompletionItem]:
    """Return what is offered in place of the last word."""
    complete = ShellComplete(cli, {}, "convfilter", "_CONVFILTER_COMPLETE")
    return complete.get_completions(list(words[:-1]), words[-1])


def names(*words: str) -> list[str]:
    return [item.value for item in offered(*words)]


@pytest.fixture
def _own() -> None:
    user_folder().mkdir(parents=True)
    for name in ("mine", "blur5"):
        (user_folder() / f"{name}.yaml").write_text("weights: [[1]]\n")


@pytest.mark.parametrize(
    "words",
    [
        ["apply", "in.png", "out.png", "-k", "blur"],
        ["apply", "in.png", "out.png", "--kernel", "blur"],
        ["apply", "in.png", "out.png", "-k", "edge", "-k", "blur"],
        ["apply", "in.png", "out.png", "--kernel=blur"],
        ["kernels", "show", "blur"],
        ["kernels", "export", "blur"],
    ],
    ids=" ".join,
)
def test_kernels_are_completed(words: list[str]) -> None:
    assert names(*words) == [name for name in find_kernels() if name.startswith("blur")]


@pytest.mark.usefixtures("_own")
def test_ones_own_are_among_them_and_said_to_be_so() -> None:
    assert names("kernels", "show", "mi") == ["mine", "mixed-difference", "mitchell:"]
    assert [item.help for item in offered("kernels", "show", "mi")][:2] == [
        "user",
        "built-in",
    ]


def test_generators_are_completed_with_their_parameters() -> None:
    assert names("kernels", "show", "gaussian") == [
        *(name for name in find_kernels() if name.startswith("gaussian")),
        "gaussian:",
    ]
    assert "motion:length=" in names("kernels", "show", "motion:")
    assert names("kernels", "show", "motion:length=5,a") == ["motion:length=5,angle="]


@pytest.mark.usefixtures("_own")
def test_only_ones_own_are_offered_for_removal() -> None:
    assert names("kernels", "remove", "") == ["blur5", "mine"]
    assert names("kernels", "remove", "sobel") == []


def test_folders_that_are_stated_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs.yaml").write_text("weights: [[1]]\n")
    option = ["--kernel-path", str(tmp_path)]
    assert names("kernels", "show", *option, "thei") == ["theirs"]
    assert names("apply", "a", "b", *option, "-k", "thei") == ["theirs"]
    assert names("kernels", "show", "--kernel-path", "/nowhere", "sobel-x") == ["sobel-x"]
    monkeypatch.setenv("CONVFILTER_KERNEL_PATH", str(tmp_path))
    assert names("kernels", "show", "thei") == ["theirs"]


@pytest.mark.parametrize("text", ["./mi", "mine.y", "/etc/", "no-such-name"])
def test_the_beginning_of_a_path_is_left_to_the_shell(text: str) -> None:
    assert [(item.type, item.value) for item in offered("kernels", "show", text)] == [
        ("file", text)
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["kernels", "add", ""], "file"),
        (["kernels", "check", ""], "file"),
        (["kernels", "show", "blur5", "-o", "b"], "file"),
        (["kernels", "export", "blur5", "-o", "b"], "file"),
        (["kernels", "import", ""], "file"),
        (["kernels", "show", "--kernel-path", "m"], "dir"),
        (["apply", "sam"], "file"),
        (["apply", "in.png", ""], "file"),
        (["apply", "--kernel-path", ""], "dir"),
    ],
    ids=str,
)
def test_files_are_offered_where_files_are_expected(words: list[str], expected: str) -> None:
    assert [item.type for item in offered(*words)] == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["apply", "--border", "m"], ["mirror"]),
        (["apply", "--format", "t"], ["tiff"]),
        (["apply", "--channels", "r,a"], ["r,alpha"]),
        (["batch", "--frames", "f"], ["first"]),
    ],
    ids=str,
)
def test_names_of_the_tables_are_completed(words: list[str], expected: list[str]) -> None:
    assert names(*words) == expected


def test_commands_are_completed_and_unknown_ones_are_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert names("kern") == ["kernels"]
    assert names("kernels", "re") == ["remove"]
    names("nonsense", "")
    names("kernels", "nonsense", "")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "line", ["convfilter apply a b -k blu", "convfilter kernels show blu", "convfilter ker"]
)
def test_completing_imports_neither_numpy_nor_yaml(line: str) -> None:
    script = (
        "import sys\nfrom convfilter.cli.main import main\nsys.argv = ['convfilter']\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'numpy', 'yaml', 'PIL', 'rich'} & set(sys.modules), set(sys.modules)"
    )
    words = line.split()
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | asked | {"_CONVFILTER_COMPLETE": "bash_complete"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] in ("plain,blur-anti-diagonal", "plain,kernels")
