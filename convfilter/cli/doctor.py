"""``convfilter doctor``: what is installed, where things are looked for, and what is wrong."""

import os
import re
import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click

from convfilter import __version__
from convfilter.cli.messages import say, tell
from convfilter.cli.options import JSON_OPTION, debug_option
from convfilter.frozen import frozen

FOR_DEVELOPERS = {"test", "bench", "dev", "docs"}
"""Extras that no user misses."""

_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*(?:>=\s*([\d.]+))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")


@frozen
class Requirement:
    """A package that the program asks for.

    Parameters
    ----------
    extra
        The extra that asks for it; empty for what is always needed.
    lowest
        The lowest version that will do; empty for any.
    installed
        The version that is there, if any.
    """

    name: str
    extra: str
    lowest: str
    installed: str | None

    @property
    def fault(self) -> str | None:
        """What is wrong with it, if anything."""
        if self.installed is None:
            return f"{self.name} is not installed"
        if _numbers(self.installed) < _numbers(self.lowest):
            return f"{self.name} {self.installed} is older than {self.lowest}"
        return None


@click.command("doctor")
@JSON_OPTION
@debug_option
def doctor_command(*, as_json: bool) -> int:
    """Tell what is installed, where kernels are looked for, and what is wrong.

    \b
    convfilter doctor
    convfilter doctor --json

    It ends with exit code 1 if something is wrong.
    """
    facts = examine()
    if as_json:
        import json

        click.echo(json.dumps(facts, indent=2))
    else:
        _tell(facts)
        for problem in facts["problems"]:
            say("problem", problem, "red")
    return 1 if facts["problems"] else 0


def examine() -> dict[str, Any]:
    """Return everything that is told, as ``--json`` prints it."""
    import platform

    from convfilter.cores import available_cores
    from convfilter.pictures.formats import FORMATS
    from convfilter.pictures.support import format_support

    asked = requirements(_stated_requirements())
    needed = [requirement for requirement in asked if not requirement.extra]
    formats = format_support()
    folders = _kernel_folders()
    return {
        "convfilter": __version__,
        "folder": os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
        "python": platform.python_version(),
        "interpreter": sys.executable,
        "system": platform.platform(),
        "packages": {requirement.name: requirement.installed for requirement in needed},
        "formats": formats,
        "extras": _extras(asked),
        "kernel_folders": folders,
        "threads": available_cores(),
        "terminal": _terminal(),
        "problems": [
            *(fault for requirement in needed if (fault := requirement.fault)),
            *(
                f"Pillow was built without {name}"
                for name, works in formats.items()
                if not works and not FORMATS[name].extra
            ),
            *_folder_problems(folders),
        ],
    }


def requirements(stated: Iterable[str]) -> list[Requirement]:
    """Read requirements as packages state them, and look up what is installed."""
    found = []
    for text in stated:
        match, extra = _REQUIREMENT.match(text), _EXTRA.search(text)
        if match:
            name, lowest = match[1], match[2] or ""
            found.append(Requirement(name, extra[1] if extra else "", lowest, _version_of(name)))
    return found


def _stated_requirements() -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        return requires("convfilter") or []
    except PackageNotFoundError:
        return []  # run from its folder, without having been installed


def _version_of(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version.partition("+")[0])[:3]))


def _extras(asked: list[Requirement]) -> dict[str, dict[str, Any]]:
    extras: dict[str, dict[str, Any]] = {}
    for requirement in asked:
        if requirement.extra and requirement.extra not in FOR_DEVELOPERS:
            command = f"pip install 'convfilter[{requirement.extra}]'"
            told = extras.setdefault(
                requirement.extra, {"packages": {}, "complete": True, "install": command}
            )
            told["packages"][requirement.name] = requirement.installed
            told["complete"] &= requirement.fault is None
    return extras


def _kernel_folders() -> list[dict[str, Any]]:
    from convfilter.registry.search_path import kernel_files, search_folders

    return [
        {
            "folder": str(folder.path),
            "origin": folder.origin,
            "exists": folder.path.is_dir(),
            "kernels": len(kernel_files(folder)),
        }
        for folder in search_folders()
    ]


def _folder_problems(folders: list[dict[str, Any]]) -> list[str]:
    from convfilter.registry.search_path import ENVIRONMENT_VARIABLE

    problems = []
    for folder in folders:
        if folder["origin"] == ENVIRONMENT_VARIABLE and not folder["exists"]:
            problems.append(f"{ENVIRONMENT_VARIABLE} names {folder['folder']}, which is not there")
        if folder["origin"] == "built-in" and not folder["kernels"]:
            problems.append(f"the built-in kernels are missing from {folder['folder']}")
    return problems


def _terminal() -> dict[str, Any]:
    is_terminal = sys.stdout.isatty()
    return {
        "is_terminal": is_terminal,
        "columns": shutil.get_terminal_size().columns,
        "colours": is_terminal and "NO_COLOR" not in os.environ,
        "encoding": getattr(sys.stdout, "encoding", None),
    }


def _tell(facts: dict[str, Any]) -> None:
    """Print the facts, each under what it is about."""
    works = [name for name, works in facts["formats"].items() if works]
    terminal = facts["terminal"]
    seen = f"{terminal['columns']} columns" if terminal["is_terminal"] else "not a terminal"
    colours = "in colour" if terminal["colours"] else "without colour"
    lines = [
        ("convfilter", f"{facts['convfilter']}, in {facts['folder']}"),
        ("python", f"{facts['python']}, {facts['interpreter']}"),
        ("system", facts["system"]),
        *_rows("packages", [f"{n} {v or 'missing'}" for n, v in facts["packages"].items()]),
        ("formats", ", ".join(works)),
        *_rows("extras", [_extra_line(*extra) for extra in facts["extras"].items()]),
        *_rows("kernels", [_folder_line(folder) for folder in facts["kernel_folders"]]),
        ("threads", str(facts["threads"])),
        ("terminal", f"{seen}, {colours}, {terminal['encoding']}"),
        ("problems", str(len(facts["problems"])) if facts["problems"] else "none found"),
    ]
    for name, text in lines:
        tell(f"{name:<11} {text}")


def _rows(name: str, texts: list[str]) -> list[tuple[str, str]]:
    return [("" if number else name, text) for number, text in enumerate(texts)]


def _extra_line(name: str, extra: dict[str, Any]) -> str:
    packages = ", ".join(f"{n} {v}" for n, v in extra["packages"].items() if v)
    return f"{name}: {packages if extra['complete'] else extra['install']}"


def _folder_line(folder: dict[str, Any]) -> str:
    count = f"{folder['kernels']} kernels" if folder["exists"] else "not there"
    return f"{folder['folder']} ({folder['origin']}, {count})"
