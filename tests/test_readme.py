"""The README says what is true: its quick start, its commands and its kernels."""

import re
import subprocess
import sys

import click
import pytest

import convfilter
from convfilter.cli.lazy import LazyGroup
from convfilter.cli.main import COMMANDS, cli
from convfilter.registry.generators.generator import Generator
from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import built_in_folder, find_kernels
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUICK_START = re.search(r"## Quick start\n(.*?)\n## ", README, re.DOTALL)


def section(title: str) -> str:
    """Return the text under a heading, up to the next one."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands() -> dict[str, str]:
    """Return the summary of every command of the program, by how it is typed."""
    context = click.Context(cli)
    found: dict[str, str] = {}
    for name, entry in COMMANDS.items():
        command = cli.get_command(context, name)
        if isinstance(command, LazyGroup):
            inner = command.entries.items()
            found |= {f"convfilter {name} {sub}": below.summary for sub, below in inner}
        else:
            found[f"convfilter {name}"] = entry.summary
    return found


def test_the_quick_start_is_two_shell_blocks() -> None:
    assert QUICK_START
    blocks = re.findall(r"```sh\n(.*?)```", QUICK_START[1], re.DOTALL)
    assert QUICK_START[1].count("```") == 4
    install, test = blocks
    assert "convfilter apply samples/scene.jpg" in install
    assert test.strip().splitlines()[-1] == "pytest"


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"| `{command}` | {commands()[command]} |" in README


def families() -> dict[str, list[str]]:
    """Return the README's table of families: the kernels that it names, by folder."""
    row = re.compile(r"^\| `([a-z/-]+)` \| [^|]* \| (`[^|]*`) \|$", re.MULTILINE)
    rows = row.findall(section("Kernels"))
    return {folder: re.findall(r"`([^`]+)`", names) for folder, names in rows}


def test_the_families_in_the_readme_are_the_folders_of_the_built_in_kernels() -> None:
    folders = {file.path.parent for file in find_kernels().values()}
    names = {folder.relative_to(built_in_folder()).as_posix() for folder in folders}
    assert families().keys() == names


@pytest.mark.parametrize("folder", families())
def test_every_kernel_in_the_readme_is_in_its_family(folder: str) -> None:
    known = find_kernels()
    for name in families()[folder]:
        assert known[name].path.parent == built_in_folder() / folder


def test_every_kernel_that_the_readme_applies_exists() -> None:
    used = re.findall(r"(?:-k|--kernel) ([a-z0-9-]+)", README)
    assert used
    assert set(used) <= find_kernels().keys() | GENERATORS.keys()


def test_the_readme_says_which_diagonal_is_which() -> None:
    told = section("Kernels")
    for name in ("diagonal", "line-anti-diagonal", "gradient-anti-diagonal"):
        assert f"`{name}`" in told
        assert name in find_kernels()


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=lambda g: g.name)
def test_every_generator_is_in_the_readme_with_its_parameters(generator: Generator) -> None:
    cells = f"`{generator.name}`", generator.signature, generator.title, f"`{generator.example}`"
    assert f"| {' | '.join(cells)} |" in README


def test_the_reference_of_the_library_has_every_public_name() -> None:
    reference = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    told = re.findall(r"^\.\. auto\w+:: convfilter\.(\w+)$", reference, re.MULTILINE)
    assert sorted([*told, "__version__"]) == sorted(convfilter.__all__)


def test_every_public_name_can_be_imported() -> None:
    assert dir(convfilter) == convfilter.__all__
    for name in convfilter.__all__:
        assert getattr(convfilter, name) is not None


def test_the_program_and_the_changelog_tell_the_same_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest
    assert newest[1] == convfilter.__version__
    done = subprocess.run(
        [sys.executable, "-m", "convfilter", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == convfilter.__version__
