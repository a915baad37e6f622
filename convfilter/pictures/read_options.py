"""What may be read of a file.

Imports no Pillow, so that one process can say it and another do it.
"""

from convfilter.arguments import expect, whole_number
from convfilter.errors import UsageError
from convfilter.frozen import frozen

MAX_PIXELS = 2**28
"""The default limit: a gigabyte of RGB in memory."""


@frozen
class ReadOptions:
    """What may be read.

    Parameters
    ----------
    allow_depth_loss
        Go on where 16-bit samples can only be read as 8 bits.
    max_pixels
        Larger pictures are refused before anything is decoded; GIFs and animations, of whose
        frames copies are made, from an eighth of it on.
    frame
        The only frame to take of a file that has several, counted from 0; None takes all.

    Raises
    ------
    UsageError
        For a limit or a frame that no file can have.
    """

    allow_depth_loss: bool = False
    max_pixels: int = MAX_PIXELS
    frame: int | None = None

    def __post_init__(self) -> None:
        if whole_number(self.max_pixels, "max_pixels") < 1:
            raise UsageError(f"max_pixels {self.max_pixels} lets no picture through")
        if self.frame is not None and whole_number(self.frame, "frame") < 0:
            raise UsageError(f"frame {self.frame} is before the first", "frames count from 0")


def checked(options: ReadOptions | None) -> ReadOptions:
    """Return what was stated, or the defaults.

    Raises
    ------
    UsageError
        If it is something else.
    """
    stated = ReadOptions() if options is None else options
    return expect(stated, ReadOptions, "ReadOptions", "as in ReadOptions(frame=0)")
