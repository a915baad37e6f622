"""``convfilter kernels check``."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from convfilter.cli.messages import printable
from convfilter.cli.options import JSON_OPTION, debug_option

if TYPE_CHECKING:
    from convfilter.registry.checking import Checked
    from convfilter.registry.fault import Fault


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@JSON_OPTION
@debug_option
def check_command(*, files: tuple[str, ...], as_json: bool) -> None:
    """Check kernel files, and all in folders, for everything that is wrong.

    \b
    convfilter kernels check mine.yaml
    convfilter kernels check kernels/ --json

    Each fault is a line, FILE:LINE: KEY: what is wrong (what to do). The exit code is 2
    if there are any.
    """
    from convfilter.cli.main import ExitCode
    from convfilter.registry.checking import check_paths

    all_fine = True
    told = []
    for checked in check_paths(map(Path, files)):
        all_fine = all_fine and not checked.faults
        if as_json:
            told.append(_to_json(checked))
            continue
        for fault in checked.faults:
            click.echo(printable(_line(checked.path, fault)))
        if not checked.faults:
            click.echo(printable(f"{checked.path}: fine"))
    if as_json:
        click.echo(json.dumps(told, indent=2))
    if not all_fine:
        sys.exit(ExitCode.WRONG_USE)


def _line(path: Path, fault: "Fault") -> str:
    place = f"{path}:{fault.line}" if fault.line else str(path)
    hint = f" ({fault.hint})" if fault.hint else ""
    return ": ".join(part for part in (place, fault.key, fault.cause + hint) if part)


def _to_json(checked: "Checked") -> dict[str, Any]:
    faults = [
        {"line": fault.line, "key": fault.key or None, "cause": fault.cause, "hint": fault.hint}
        for fault in checked.faults
    ]
    return {"file": str(checked.path), "fine": not faults, "faults": faults}
