"""A command whose help lays its options out under headings."""

from collections.abc import Collection, Mapping
from typing import Any

import click


class GroupedCommand(click.Command):
    """A command with many options.

    Parameters
    ----------
    headings
        The names of the options under each heading, in the order of the help; under the last
        one stand all that are under none, such as ``--help``.
    """

    def __init__(
        self, *arguments: Any, headings: Mapping[str, Collection[str]], **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.headings = headings

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings."""
        rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in self.headings}
        last = list(rows)[-1]
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                homes = (head for head, names in self.headings.items() if parameter.name in names)
                rows[next(homes, last)].append(record)
        for heading, records in rows.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)
