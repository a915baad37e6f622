"""How kernels get into files: all of them or none, and nothing is overwritten unasked."""

import os
from functools import partial
from typing import BinaryIO

from convfilter.cli.messages import say
from convfilter.errors import OutputError


def write_files(files: dict[str, bytes], force: bool) -> None:
    """Write files, each whole or not at all, and say which.

    Raises
    ------
    OutputError
        Before anything is written, if one of them cannot or must not be written.
    """
    from convfilter.atomic import check_target, write_atomically

    for path in files:
        if not force and os.path.isfile(path):
            raise OutputError(f"{path} exists", "nothing is overwritten unasked", "use --force")
        check_target(path, overwrite=force)
    for path, data in files.items():
        write_atomically(path, partial(_put, data), overwrite=force)
        say("wrote", path)


def _put(data: bytes, stream: BinaryIO) -> None:
    stream.write(data)
