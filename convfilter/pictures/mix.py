"""The filtered picture blended with the original."""

import numpy as np

from convfilter.frozen import frozen
from convfilter.pictures.alpha import is_hidden
from convfilter.pictures.centre import CentreRows
from convfilter.rows import Band


@frozen
class Mix:
    """Blends values with those of the original.

    Parameters
    ----------
    share
        Of the values, 0 to 1; the rest is the original.
    originals
        As values on the same scale.
    by_alpha
        Whether a colour counts as much as its alpha, which is the last plane: what cannot
        be seen in one of the two is then not seen in the blend.
    step
        How far apart the levels are to which alpha will be rounded; 0 if it is not.
    """

    share: float
    originals: CentreRows
    by_alpha: bool
    step: float

    def blend(self, top: int, values: Band) -> None:
        """Blend a band in place."""
        originals = np.empty_like(values)
        self.originals.read(top, top + values.shape[1], originals)
        if self.by_alpha:
            self._blend_by_alpha(values, originals)
            return
        values *= self.share
        originals *= 1 - self.share
        values += originals

    def _blend_by_alpha(self, values: Band, originals: Band) -> None:
        weight, other = self.share * values[-1], (1 - self.share) * originals[-1]
        alpha = weight + other
        seen = ~is_hidden(alpha, self.step)
        for colours, hidden in zip(values[:-1], originals[:-1], strict=True):
            blend = colours * weight + hidden * other
            np.divide(blend, alpha, out=colours, where=seen)
            # Where nothing is seen, the original's colour stays.
            np.copyto(colours, hidden, where=~seen)
        values[-1] = alpha
