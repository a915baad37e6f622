"""What every entry of the registry says to people, beside its numbers."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from convfilter.arguments import expect
from convfilter.errors import UsageError
from convfilter.frozen import frozen


@frozen(kw_only=True, eq=False)
class Described:
    """A named entry of the registry.

    Parameters
    ----------
    name, title, tags, source, description, file
        What it is called, and where it is from.

    Raises
    ------
    UsageError
        If one of them is no text, or the tags are not several.
    """

    name: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    description: str = ""
    file: Path | None = None

    def __post_init__(self) -> None:
        for field in ("name", "title", "source", "description"):
            expect(getattr(self, field), str, f"text as {field}")
        object.__setattr__(self, "tags", _checked_tags(self.tags))


def _checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    hint = 'list them, as in ["blur"]'
    if isinstance(tags, str):
        raise UsageError("text instead of a list of tags", None, hint)
    several = expect(tags, Iterable, "a list of tags", hint)
    return tuple(expect(tag, str, "text as tag", hint) for tag in several)
