"""A group of commands that imports each command's module when it is run or asked for its help."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from convfilter.errors import UsageError, near_miss_hint
from convfilter.frozen import frozen


@frozen
class Entry:
    """A command that is not imported yet.

    Parameters
    ----------
    module
        Where it is; there it is called ``COMMAND_command``.
    summary
        Its line in the help of the group.
    """

    module: str
    summary: str


class LazyGroup(click.Group):
    """A group whose commands are named in a table.

    Parameters
    ----------
    entries
        The commands, in the order of the help.
    """

    def __init__(self, *arguments: Any, entries: Mapping[str, Entry], **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None for one that is not there while a shell completes a line.

        Raises
        ------
        UsageError
            If there is none of that name.
        """
        if cmd_name not in self.entries:
            if ctx.resilient_parsing:
                return None
            raise UsageError(f"unknown command {cmd_name!r}", None, self.hint(ctx, cmd_name))
        module = import_module(self.entries[cmd_name].module)
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def hint(self, ctx: click.Context, unknown: str) -> str:
        """Say what may have been meant by a command that there is not."""
        return near_miss_hint(unknown, list(self.entries), f"see {ctx.command_path} --help")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and their summaries, for which none is imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])
