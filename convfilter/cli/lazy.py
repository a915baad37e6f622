"""A group of commands that imports each command's module when it is asked for."""

from importlib import import_module
from typing import Any

import click

from convfilter.errors import UsageError, near_miss_hint


class LazyGroup(click.Group):
    """A group whose commands are named in a table.

    Parameters
    ----------
    modules
        For each command, in the order of the help, the module that holds it; there it is
        called ``COMMAND_command``.
    """

    def __init__(self, *arguments: Any, modules: dict[str, str], **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None for one that is not there while a shell completes a line.

        Raises
        ------
        UsageError
            If there is none of that name.
        """
        if cmd_name not in self.modules:
            if ctx.resilient_parsing:
                return None
            hint = near_miss_hint(cmd_name, list(self.modules), f"see {ctx.command_path} --help")
            raise UsageError(f"unknown command {cmd_name!r}", None, hint)
        module = import_module(self.modules[cmd_name])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command
