"""How a picture is written.

Imports no Pillow, so that one process can say it and another do it.
"""

from collections.abc import Iterable
from fractions import Fraction
from numbers import Real
from typing import Any

from convfilter.arguments import expect, whole_number
from convfilter.border import Colour, parse_colour
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.named import DEPTHS, METADATA, check_name
from convfilter.number import Number, format_number
from convfilter.pictures.formats import format_by_name

DEFAULT_QUALITY = 92
"""Quality in lossy formats where the input's own settings cannot be kept."""


@frozen
class WriteOptions:
    """How to write.

    Parameters
    ----------
    format
        A name from the table of formats; None goes by the suffix.
    quality
        1 to 100, for lossy formats; None keeps a JPEG's own tables, else `DEFAULT_QUALITY`.
    lossless
        For WebP and JPEG XL: keep every value.
    background
        The colour that transparent parts are laid over where the format has no alpha: a
        name or ``#rrggbb``, or fractions of full scale.
    allow_depth_loss
        Write 16-bit samples as 8 bits where the format has no more.
    metadata
        How much is kept: a name from `METADATA`.
    overwrite
        Replace a file that is there already.
    depth
        A name from `DEPTHS`, or 8 or 16: convert the samples; None leaves them as they are.
    accept_same
        Be content with a file that is there already and holds the very same bytes.
    keep_times
        Give the file the times of the picture that it was made from.
    fail_on_clip
        Refuse a result of which more than so many percent of the samples were clipped.

    Raises
    ------
    UsageError
        For a name that is unknown, or a number that is out of its range.
    """

    format: str | None = None
    quality: int | None = None
    lossless: bool = False
    background: Colour | str | None = None
    allow_depth_loss: bool = False
    metadata: str = "keep"
    overwrite: bool = False
    depth: str | None = None
    accept_same: bool = False
    keep_times: bool = False
    fail_on_clip: Number | None = None

    def __post_init__(self) -> None:
        check_name(METADATA, self.metadata, "metadata")
        if self.format is not None:
            format_by_name(expect(self.format, str, "the name of a format"))
        if self.depth is not None:
            depth: Any = str(self.depth) if isinstance(self.depth, int) else self.depth
            object.__setattr__(self, "depth", check_name(DEPTHS, depth, "depth"))
        self.background_colour  # noqa: B018 - so that a wrong one is known at once
        if self.quality is not None and not 1 <= whole_number(self.quality, "quality") <= 100:
            raise UsageError(f"quality {self.quality} is not between 1 and 100")
        limit = self.fail_on_clip
        if limit is None:
            return
        hint = "give --fail-on-clip a number from 0 to 100"
        if not 0 <= expect(limit, Real, "a percentage", hint) <= 100:
            wrong = f"{format_number(limit)} is no percentage of clipped samples"
            raise UsageError(wrong, None, hint)

    @property
    def background_colour(self) -> Colour | None:
        """The background in fractions of full scale."""
        return None if self.background is None else _colour(self.background)


def _colour(given: Colour | str) -> Colour:
    """Return a colour in fractions of full scale."""
    if isinstance(given, str):
        return parse_colour(given)
    hint = 'name it, as in "white" or "#ff8000", or give three fractions, as in (1, 0.5, 0)'
    given = expect(given, Iterable, "a colour", hint)
    parts = tuple(expect(part, Real, "a fraction", hint) for part in given)
    if len(parts) != 3 or not all(0 <= part <= 1 for part in parts):
        raise UsageError(f"background {given} is no colour", None, hint)
    red, green, blue = map(Fraction, parts)
    return red, green, blue


def checked(options: WriteOptions | None) -> WriteOptions:
    """Return what was stated, or the defaults.

    Raises
    ------
    UsageError
        If it is something else.
    """
    stated = WriteOptions() if options is None else options
    return expect(stated, WriteOptions, "WriteOptions", "as in WriteOptions(overwrite=True)")
