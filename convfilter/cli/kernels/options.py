"""Options that several of the commands take."""

import click

from convfilter.cli.completing import complete_folder

KERNEL_PATH_OPTION = click.option(
    "--kernel-path",
    multiple=True,
    metavar="FOLDER",
    shell_complete=complete_folder,
    help="Look here first.",
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
