"""Options that several of the commands take."""

import click

KERNEL_PATH_OPTION = click.option(
    "--kernel-path", multiple=True, metavar="FOLDER", help="Look here first."
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
