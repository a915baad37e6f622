"""Names that options, kernel files and the library share.

Every table but `CHANNELS` maps a name to the one line that the help shows.
"""

from collections.abc import Mapping

from convfilter.errors import UsageError, near_miss_hint

OPERATIONS = {
    "correlate": "the kernel lies on the picture as it is written",
    "convolve": "the kernel is turned by 180 degrees first",
}

RANGES = {
    "clip": "values outside the picture's scale become black or white",
    "abs": "absolute value, then clip",
    "center": "add half of full scale, then clip",
    "stretch": "lowest value to black, highest to white, over the whole picture",
    "relu": "keep positive values, then clip",
}

COMBINATIONS = {
    "l2": "root of the sum of the squares, the magnitude of a gradient",
    "l1": "sum of the absolute values",
    "max": "largest value",
    "min": "smallest value",
    "sum": "sum",
    "mean": "sum divided by how many there are",
    "angle": "direction of the gradient (across, down): black to the right, one turn to white",
}

PADDINGS = {
    "same": "a result for every pixel",
    "valid": "only where the kernel lies wholly on the picture",
    "full": "wherever the kernel touches the picture",
}

ALPHAS = {
    "auto": "premultiply, or keep for a kernel whose weights sum to 0",
    "premultiply": "filter colour times alpha, and alpha; then divide back",
    "straight": "filter alpha like any channel",
    "keep": "filter the colours as they are, leave alpha alone",
}

CHANNELS = {
    "luma": "luma",
    "r": "red",
    "g": "green",
    "b": "blue",
    "c": "cyan",
    "m": "magenta",
    "y": "yellow",
    "k": "black",
    "gray": "gray",
    "alpha": "alpha",
}
"""What may be filtered alone: ``luma`` is brightness, the others are channels of pictures."""

DTYPES = {
    "uint8": "whole levels, white is 255",
    "uint16": "whole levels, white is 65535",
    "float32": "white is 1",
    "float64": "white is 1",
}

DEPTHS = {
    "8": "whole numbers up to 255",
    "16": "whole numbers up to 65535",
    "float": "floats of 32 bits, white being 1",
}
"""The depths to which the samples of a result can be converted."""

METADATA = {
    "keep": "all that the format can hold",
    "icc": "only what says which colours are meant",
    "none": "nothing",
}
"""How much of what a file says about its picture is kept."""


def check_name(table: Mapping[str, str], name: str, what: str) -> str:
    """Return ``name`` if the table has it.

    Raises
    ------
    UsageError
        Otherwise, with the names that are near.
    """
    known = list(table)
    if not isinstance(name, str):
        raise UsageError(f"{what} {name!r} is not a name", None, "known: " + ", ".join(known))
    if name in table:
        return name
    raise UsageError(
        f"unknown {what} {name!r}", None, near_miss_hint(name, known, "known: " + ", ".join(known))
    )
