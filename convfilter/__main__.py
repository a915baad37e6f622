"""``python -m convfilter``: the same as the command."""

from convfilter.cli.main import main

main()
