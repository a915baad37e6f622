"""What every entry of the registry says to people, beside its numbers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, eq=False)
class Described:
    """A named entry of the registry.

    Parameters
    ----------
    name, title, tags, source, description, file
        What it is called, and where it is from.
    """

    name: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    description: str = ""
    file: Path | None = None
