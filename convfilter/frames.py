"""Several pictures of one file: the frames of an animation, or pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from convfilter.arguments import expect
from convfilter.frozen import frozen
from convfilter.picture import Picture

FOREVER = 0
"""The number of plays of an animation that never stops."""


@frozen(eq=False)
class Frames:
    """Pictures that belong to one file, made one after another when they are asked for.

    Parameters
    ----------
    pictures
        Each frame as a viewer shows it, whole; may be gone through several times.
    count
        How many they are.
    plays
        How often the animation plays; 0 is forever, None means that these are pages.
    has_cover
        Whether the first is shown only by viewers that know no animations.
    """

    pictures: Iterable[Picture]
    count: int
    plays: int | None = None
    has_cover: bool = False

    def __iter__(self) -> Iterator[Picture]:
        return (expect(picture, Picture, "a picture of frames") for picture in self.pictures)

    def __len__(self) -> int:
        return self.count

    @property
    def first(self) -> Picture:
        """The first picture.

        Raises
        ------
        UsageError
            If it is no `Picture`.
        """
        return next(iter(self))

    def map(self, change: Callable[[Picture], Picture]) -> "Frames":
        """Return the same with every picture changed, one at a time when it is asked for.

        Parameters
        ----------
        change
            Called anew each time the frames are gone through; what it raises is raised then.
        """
        return replace(self, pictures=_Changed(self, change))

    def __repr__(self) -> str:
        return f"<Frames {self.count} of {self.first}>"


@frozen
class _Changed:
    """Pictures as a function makes them of others."""

    pictures: Frames
    change: Callable[[Picture], Picture]

    def __iter__(self) -> Iterator[Picture]:
        return map(self.change, self.pictures)
