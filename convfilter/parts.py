"""A large picture in parts: what one of several processes is told to do, and what it has done.

The parts are rows of the result. All are put into one file beside the output, from which the
output is written at the end.
"""

from convfilter.frozen import frozen


@frozen
class Offer:
    """Leave the picture to others, if several can filter it; else filter it.

    Parameters
    ----------
    least_bytes
        Of the picture's samples, from which on that is worth it.
    path
        Of the file that the rows would go to, which is there already.
    """

    least_bytes: int
    path: str


@frozen
class Piece:
    """Make some of the rows.

    Parameters
    ----------
    path
        Of the file that they go to.
    number, count
        Which part, from 0 on, of how many.
    """

    path: str
    number: int
    count: int


@frozen
class Part:
    """Rows that have been made.

    Parameters
    ----------
    top, bottom
        The first row, and that after the last; the same where there was nothing to make.
    clipped, samples
        How many were clipped, of how many.
    """

    top: int
    bottom: int
    clipped: int
    samples: int


@frozen
class Joined:
    """Write the output from the rows that others have made.

    Parameters
    ----------
    path
        Of the file that they are in.
    """

    path: str
    parts: tuple[Part, ...]


Share = Offer | Piece | Joined
