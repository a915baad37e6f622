"""The header of a JPEG XL file: size and depth, before anything is decoded.

The decoder tells them only with the samples, and deep colour only as 8 bits.
"""

from typing import IO

from convfilter.frozen import frozen

HEADER_BYTES = 65536
"""Enough of a file to find the codestream behind other boxes."""

_CODESTREAM = b"\xff\x0a"

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
"""Width to height, where only the height is stored."""

_SIZES = ((1, 9), (1, 13), (1, 18), (1, 30))
"""Ways to store a side: what is added, and the bits that follow."""

_DEPTHS = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_DEPTHS = ((32, 0), (16, 0), (24, 0), (1, 6))


@frozen
class JxlHeader:
    """Width, height, bits of a sample, and whether it moves."""

    width: int
    height: int
    bits: int
    is_animated: bool


class _Bits:
    """Bits of a codestream, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")
        self._count = 8 * len(data)

    def take(self, count: int) -> int:
        self._count -= count
        if self._count < 0:
            raise ValueError("its header is cut off")
        taken = self._left & ((1 << count) - 1)
        self._left >>= count
        return taken

    def choose(self, ways: tuple[tuple[int, int], ...]) -> int:
        """Read two bits that say how the number is stored, and the number."""
        added, count = ways[self.take(2)]
        return added + self.take(count)


def read_jxl_header(stream: IO[bytes]) -> JxlHeader:
    """Read the header, and go back to the beginning.

    Raises
    ------
    ValueError
        If there is none.
    """
    bits = _Bits(_codestream(stream.read(HEADER_BYTES))[:64])
    stream.seek(0)
    width, height = _size(bits)
    if bits.take(1):  # all else is as usual
        return JxlHeader(width, height, 8, False)
    is_animated = False
    if bits.take(1):
        bits.take(3)  # orientation
        if bits.take(1):
            _size(bits)  # that it is meant to be shown at
        has_preview, is_animated = bits.take(1), bool(bits.take(1))
        if has_preview or is_animated:
            # The depth stands behind more fields; the colours are taken for deep ones.
            return JxlHeader(width, height, 16 if has_preview else 8, is_animated)
    depths = _FLOAT_DEPTHS if bits.take(1) else _DEPTHS
    return JxlHeader(width, height, bits.choose(depths), is_animated)


def _codestream(data: bytes) -> bytes:
    """Return the codestream of a file, with or without boxes around it."""
    place = 0
    while not data[place:].startswith(_CODESTREAM):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        begin = place + 8
        if size == 1:
            size, begin = int.from_bytes(data[begin : begin + 8], "big"), begin + 8
        if kind == b"jxlc" or kind == b"jxlp":
            place = begin + 4 * (kind == b"jxlp")  # a part begins with its number
            break
        if size < 8 or place + size >= len(data):
            raise ValueError("it has no codestream near its beginning")
        place += size
    if not data[place:].startswith(_CODESTREAM):
        raise ValueError("it has no codestream near its beginning")
    return data[place + 2 :]


def _size(bits: _Bits) -> tuple[int, int]:
    is_small = bits.take(1)

    def side() -> int:
        return 8 * (bits.take(5) + 1) if is_small else bits.choose(_SIZES)

    height = side()
    ratio = bits.take(3)
    if ratio == 0:
        return side(), height
    across, down = _RATIOS[ratio]
    return height * across // down, height
