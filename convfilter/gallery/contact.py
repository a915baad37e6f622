"""One picture through many kernels, side by side on a contact sheet."""

from collections.abc import Sequence

import numpy as np

from convfilter.drawing.contact_sheet import Arrangement, Tile, draw_contact_sheet
from convfilter.drawing.showing import fitting, over_squares, scaled, to_looked_at
from convfilter.errors import UsageError
from convfilter.filtering import apply
from convfilter.frozen import frozen
from convfilter.gallery.part import Part
from convfilter.picture import Metadata, Picture
from convfilter.recipe import Filter

MOST_KERNELS = 400
"""One sheet shows no more kernels; they could hardly be looked at."""

ORIGINAL = "original"


@frozen
class Gallery:
    """A sheet that is arranged, and not yet drawn.

    Parameters
    ----------
    picture
        The original.
    title
        What it is called on the sheet.
    kernels
        Each is applied by itself.
    part
        What of the picture is shown enlarged, too.
    """

    picture: Picture
    title: str
    kernels: tuple[Filter, ...]
    arrangement: Arrangement
    part: Part | None = None

    @classmethod
    def of(
        cls,
        picture: Picture,
        kernels: Sequence[Filter],
        *,
        title: str = "",
        part: Part | None = None,
        columns: int | None = None,
    ) -> "Gallery":
        """Arrange a sheet.

        Parameters
        ----------
        columns
            None finds how many look well.

        Raises
        ------
        UsageError
            If there is no kernel, or are too many; or the part lies outside the picture.
        """
        if not kernels:
            raise UsageError("no kernel given", None, "name some, or a tag that they have")
        if len(kernels) > MOST_KERNELS:
            raise UsageError(
                f"{len(kernels)} kernels are too many for one sheet",
                f"it has room for {MOST_KERNELS}",
                "make several sheets",
            )
        size = picture.width, picture.height
        if part:
            part.check_within(size)
        labels = [(ORIGINAL, title), *((kernel.label, kernel.title) for kernel in kernels)]
        seen = (part.width, part.height) if part else None
        arrangement = Arrangement.of(labels, size, seen, columns)
        return cls(picture, title, tuple(kernels), arrangement, part)

    def draw(self, **options: object) -> Picture:
        """Filter and draw.

        Parameters
        ----------
        **options
            The fields of `FilterOptions`, for every kernel.
        """
        tiles = [self._tile(ORIGINAL, self.title, self.picture)]
        for kernel in self.kernels:
            filtered = apply(self.picture, kernel, **options)
            tiles.append(self._tile(kernel.label, kernel.title, filtered))
        sheet = Picture.of_array(np.asarray(draw_contact_sheet(tiles, self.arrangement)))
        return _with_profile_of(sheet, self.picture)

    def _tile(self, name: str, title: str, picture: Picture) -> Tile:
        image = to_looked_at(picture)
        size = fitting(image.size, self.arrangement.whole)
        whole = over_squares(scaled(image, size))
        if self.part is None or self.arrangement.part is None:
            return Tile(name, title, whole)
        # A result may be smaller than the picture, and its part is then, too.
        box = self.part.scaled((self.picture.width, self.picture.height), image.size)
        cut = image.crop(box)
        part = over_squares(scaled(cut, fitting(cut.size, self.arrangement.part)))
        original = picture is self.picture
        marked = self.part.scaled(image.size, size) if original else None
        return Tile(name, title, whole, part, marked)


def _with_profile_of(sheet: Picture, picture: Picture) -> Picture:
    """Return the sheet with the colour profile of the picture, where it is one for RGB."""
    if not picture.layout.startswith("RGB"):
        return sheet
    metadata = Metadata(icc=picture.metadata.icc)
    return Picture(
        sheet.rows, sheet.height, sheet.width, sheet.layout, sheet.dtype, metadata=metadata
    )
