"""How a picture is written.

Imports no Pillow, so that one process can say it and another do it.
"""

from convfilter.arguments import expect, whole_number
from convfilter.border import Colour, parse_colour
from convfilter.errors import UsageError
from convfilter.frozen import frozen
from convfilter.named import METADATA, check_name
from convfilter.number import Number, format_number

DEFAULT_QUALITY = 92
"""For lossy formats, where the input's own settings cannot be kept."""


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
        A name from `DEPTH_DTYPES`: convert the samples; None leaves them as they are.
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
        self.background_colour  # noqa: B018 - so that a wrong one is known at once
        if self.quality is not None and not 1 <= whole_number(self.quality, "quality") <= 100:
            raise UsageError(f"quality {self.quality} is not between 1 and 100")
        if self.fail_on_clip is not None and not 0 <= self.fail_on_clip <= 100:
            raise UsageError(
                f"{format_number(self.fail_on_clip)} is no percentage of clipped samples",
                None,
                "give --fail-on-clip a number from 0 to 100",
            )

    @property
    def background_colour(self) -> Colour | None:
        """The background in fractions of full scale."""
        given = self.background
        return parse_colour(given) if isinstance(given, str) else given


def checked(options: WriteOptions | None) -> WriteOptions:
    """Return what was stated, or the defaults.

    Raises
    ------
    UsageError
        If it is something else.
    """
    stated = WriteOptions() if options is None else options
    return expect(stated, WriteOptions, "WriteOptions", "as in WriteOptions(overwrite=True)")
