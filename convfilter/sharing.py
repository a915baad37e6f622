"""One large picture that several processes filter, each some of its rows; see `parts`."""

import os
from itertools import pairwise

from convfilter.engine.bands import Executed, execute
from convfilter.errors import OutputError
from convfilter.filtering import Filtered, Filtering
from convfilter.parts import Joined, Offer, Part, Piece
from convfilter.pictures.raster import ImageRows
from convfilter.pictures.scratch import ScratchSink
from convfilter.rows import PlanarRows


def is_worth_sharing(planned: Filtering, offer: Offer) -> bool:
    """Whether each process can filter some rows of a picture without reading all of it."""
    picture = planned.picture
    # To know that it is opaque, each worker would have to look through all of it.
    looked_through = picture.has_alpha and planned.working.alpha == "keep"
    lies_in_a_file = not isinstance(picture.rows, ImageRows | PlanarRows)
    # Whoever wants the extremes of the whole picture has to filter all of it.
    finishers = [planned.finish, *filter(None, planned.plan.between)]
    row_by_row = not any(finisher.needs_extremes for finisher in finishers)
    # It may be another user's, who works for all of the cluster.
    can_be_put_there = os.access(offer.path, os.R_OK | os.W_OK)
    is_large = picture.nbytes >= offer.least_bytes
    return is_large and lies_in_a_file and row_by_row and not looked_through and can_be_put_there


def make_part(planned: Filtering, piece: Piece) -> Part:
    """Filter some of the rows of a picture into a file.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    turns = planned.plan.turns
    first, last = (len(turns) * n // piece.count for n in (piece.number, piece.number + 1))
    if first == last:
        return Part(0, 0, 0, 0)
    chosen = turns[first:last]
    with ScratchSink.shared(piece.path, planned.shape, planned.picture.dtype) as sink:
        made = execute(planned.plan, planned.working.rows, sink, planned.finish, chosen)
    return Part(chosen[0][0][0], chosen[-1][-1][1], made.clipped, made.samples)


def join_parts(planned: Filtering, joined: Joined) -> Filtered:
    """Return the result whose rows others have put into a file.

    Raises
    ------
    OutputError
        If there are rows that nobody has made, or the file cannot be read.
    """
    made = sorted((part.top, part.bottom) for part in joined.parts if part.samples)
    height = planned.size[0]
    if any(one[1] != other[0] for one, other in pairwise([(0, 0), *made, (height, height)])):
        cause = "the rows that the machines have made are not those of the picture"
        raise OutputError("the parts of the result do not fit together", cause)
    with ScratchSink.shared(joined.path, planned.shape, planned.picture.dtype) as sink:
        rows = sink.rows
    clipped = sum(part.clipped for part in joined.parts)
    return planned.filtered(rows, Executed(clipped, sum(part.samples for part in joined.parts)))
