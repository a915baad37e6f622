"""Samples at another depth: a band at a time, scaled by full scale, rounded half up."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.frozen import frozen
from convfilter.picture import Picture, mode_at, split_mode
from convfilter.rows import Band, Rows

DEPTH_DTYPES = {"8": "uint8", "16": "uint16", "float": "float32"}
"""The dtypes of the `DEPTHS`; a picture of float64 is one of floats already."""

SCANNED_ROWS = 256
"""Rows that are looked at together when asking what will be clipped."""


def mode_at_depth(mode: str, depth: str | None) -> str:
    """Return the mode that a picture of a mode has at a depth; None leaves it."""
    if depth is None or (depth == "float" and split_mode(mode)[1].startswith("float")):
        return mode
    return mode_at(mode, DEPTH_DTYPES[depth])


@frozen
class Outside:
    """Samples that no integer of full scale stands for, of how many."""

    count: int = 0
    samples: int = 0

    def __add__(self, other: "Outside") -> "Outside":
        return Outside(self.count + other.count, self.samples + other.samples)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be told of them."""
        if not self.count:
            return ()
        share = self.count / self.samples
        return (f"{self.count} samples ({share:.2%}) lay outside 0 to 1 and were clipped",)


def with_dtype(picture: Picture, dtype: str) -> tuple[Picture, Outside]:
    """Return a picture with samples of another dtype, and what that clips.

    White stays white: a level is scaled by the quotient of the full scales. Floats below 0
    or above 1 are clipped where integers take their place, and are counted.
    """
    wanted = np.dtype(dtype)
    samples = picture.height * picture.width * picture.rows.planes
    if wanted == picture.dtype:
        return picture, Outside(0, samples)
    count = _outside(picture) if picture.dtype.kind == "f" and wanted.kind != "f" else 0
    rows = ScaledRows(picture.rows, picture.dtype, wanted)
    return replace(picture, rows=rows, dtype=wanted), Outside(count, samples)


class ScaledRows:
    """The rows of another source, their samples scaled to another dtype."""

    step = 1

    def __init__(self, rows: Rows, given: np.dtype[Any], wanted: np.dtype[Any]) -> None:
        self.planes = rows.planes
        self._rows = rows
        self._given = given
        self._wanted = wanted

    def read(self, top: int, bottom: int, out: Band) -> None:
        """Fill ``out`` with scaled samples."""
        samples = np.empty(out.shape, self._given)
        self._rows.read(top, bottom, samples)
        out[...] = scaled(samples, self._wanted)


def scaled(samples: NDArray[Any], wanted: np.dtype[Any]) -> NDArray[Any]:
    """Return samples as another dtype has them."""
    given = samples.dtype
    if given == wanted:
        return samples
    if given.kind == "f" and wanted.kind == "f":
        return samples.astype(wanted)
    if wanted.kind == "f":
        return (samples / np.float64(np.iinfo(given).max)).astype(wanted)
    full = int(np.iinfo(wanted).max)
    if given.kind == "f":
        values = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
        return np.floor(np.clip(values, 0, 1) * full + 0.5).astype(wanted)
    # In integers: floor(s · full ÷ white + 1/2).
    white = int(np.iinfo(given).max)
    levels = samples.astype(np.uint64)
    return ((2 * full * levels + white) // (2 * white)).astype(wanted)


def _outside(picture: Picture) -> int:
    """Count the samples that no integer of full scale stands for."""
    count = 0
    with np.errstate(invalid="ignore"):
        for top in range(0, picture.height, SCANNED_ROWS):
            bottom = min(top + SCANNED_ROWS, picture.height)
            band = np.empty((picture.rows.planes, bottom - top, picture.width), picture.dtype)
            picture.rows.read(top, bottom, band)
            count += int(np.count_nonzero(~((band >= 0) & (band <= 1))))
    return count
