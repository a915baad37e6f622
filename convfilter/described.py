"""What every entry of the registry says to people, beside its numbers."""

from pathlib import Path

from convfilter.frozen import frozen


@frozen(kw_only=True, eq=False)
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
