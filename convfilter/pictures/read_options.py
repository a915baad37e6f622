"""What may be read of a file.

Imports no Pillow, so that one process can say it and another do it.
"""

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
        Larger pictures are refused before anything is decoded.
    frame
        The only frame to take of a file that has several, counted from 0; None takes all.
    """

    allow_depth_loss: bool = False
    max_pixels: int = MAX_PIXELS
    frame: int | None = None
