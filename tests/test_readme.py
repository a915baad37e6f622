"""The README says what is true: its quick start, its commands and its kernels."""

import re
import subprocess
import sys

import click
import pytest

import convfilter
from convfilter.cli.main import COMMANDS, cli
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.generators.generator import Generator
from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import find_kernels
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUICK_START = re.search(r"## Quick start\n(.*?)\n## ", README, re.DOTALL)


def commands() -> list[str]:
    """Return every command of the program, as it is typed."""
    context = click.Context(cli)
    found = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
        found += [f"convfilter {name} {sub}" for sub in inner] or [f"convfilter {name}"]
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
    assert f"| `{command}` |" in README


def test_every_built_in_kernel_is_in_the_readme_under_its_title() -> None:
    for name, file in find_kernels().items():
        assert file.origin == "built-in"
        assert f"| `{name}` | {get_kernel(name).title} |" in README


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=lambda g: g.name)
def test_every_generator_is_in_the_readme_with_its_parameters(generator: Generator) -> None:
    cells = f"`{generator.name}`", generator.signature, generator.title, f"`{generator.example}`"
    assert f"| {' | '.join(cells)} |" in README


def test_every_public_name_is_there() -> None:
    for name in convfilter.__all__:
        assert getattr(convfilter, name) is not None
    assert dir(convfilter) == convfilter.__all__


def test_the_version_is_the_same_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "convfilter", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith(convfilter.__version__)
