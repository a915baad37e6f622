"""The table of picture formats: how each is known, and what it can hold.

Imports no Pillow, so that the help can be made from it.
"""

import os
import re

from convfilter.errors import OutputError, UsageError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.pictures.extras import is_installed


@frozen
class Format:
    """One row of the table.

    Parameters
    ----------
    name
        What ``--format`` takes.
    pillow, plugin
        What Pillow calls the format, and the module that reads and writes it.
    suffixes
        Of file names, the usual one first.
    signature
        What the file begins with; the sole thing that decides how a file is read.
    modes
        For each mode of a picture that the format can hold: the mode in which it is
        written with no value changed.
    metadata
        The fields of `Metadata` that it can hold.
    has_quality
        Whether it is lossy, so that ``--quality`` says how much.
    lossless_on_request
        Whether it is lossy, but keeps every value with ``--lossless``.
    largest_side
        In pixels.
    holds_arrays
        Whether it is an array of numbers, with no plugin: of any mode and any number of
        channels.
    several
        What several pictures in one file are: ``animation``, ``pages``; None if it has one.
    deep_modes
        Modes that Pillow does not know, held by way of the extra ``deep``.
    extra
        The extra of the package without which it is neither read nor written.
    holds_planes
        Whether the extra ``deep`` also writes any number of channels.
    """

    name: str
    pillow: str
    plugin: str
    suffixes: tuple[str, ...]
    signature: re.Pattern[bytes]
    modes: dict[str, str]
    metadata: frozenset[str]
    has_quality: bool = False
    lossless_on_request: bool = False
    largest_side: int = 2**31 - 1
    holds_arrays: bool = False
    deep_modes: frozenset[str] = frozenset()
    extra: str | None = None
    holds_planes: bool = False
    several: str | None = None

    def holds(self, mode: str) -> str | None:
        """Return the mode in which a picture of a mode is written; None if it is not."""
        return mode if self.holds_arrays or self.is_deep(mode) else self.modes.get(mode)

    def is_deep(self, mode: str) -> bool:
        """Return whether a mode is held, and only by way of the extra ``deep``."""
        return mode in self.deep_modes or (self.holds_planes and "planes" in mode)


def _same(*modes: str) -> dict[str, str]:
    return {mode: mode for mode in modes}


def _deep(layouts: str, depths: str) -> frozenset[str]:
    return frozenset(f"{layout};{depth}" for layout in layouts.split() for depth in depths.split())


_ALL_METADATA = frozenset({"exif", "icc", "xmp", "dpi"})

FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "jpeg",
            "JPEG",
            "PIL.JpegImagePlugin",
            (".jpg", ".jpeg", ".jpe", ".jfif"),
            re.compile(rb"\xff\xd8\xff"),
            _same("L", "RGB", "CMYK"),
            _ALL_METADATA | {"comment"},
            has_quality=True,
            largest_side=65500,
        ),
        Format(
            "png",
            "PNG",
            "PIL.PngImagePlugin",
            (".png", ".apng"),
            re.compile(rb"\x89PNG\r\n\x1a\n"),
            _same("L", "LA", "RGB", "RGBA", "I;16"),
            _ALL_METADATA | {"text", "gamma", "chromaticity", "srgb"},
            several="animation",
            deep_modes=_deep("LA RGB RGBA", "16"),
        ),
        Format(
            "webp",
            "WEBP",
            "PIL.WebPImagePlugin",
            (".webp",),
            re.compile(rb"RIFF....WEBP", re.DOTALL),
            _same("RGB", "RGBA") | {"L": "RGB", "LA": "RGBA"},
            frozenset({"exif", "icc", "xmp"}),
            has_quality=True,
            lossless_on_request=True,
            largest_side=16383,
            several="animation",
        ),
        Format(
            "gif",
            "GIF",
            "PIL.GifImagePlugin",
            (".gif",),
            re.compile(rb"GIF8[79]a"),
            # Of more than 256 colours the best 256 are kept, and writing says so.
            _same("L", "RGB", "RGBA") | {"LA": "RGBA"},
            frozenset({"comment"}),
            largest_side=65535,
            several="animation",
        ),
        Format(
            "tiff",
            "TIFF",
            "PIL.TiffImagePlugin",
            (".tif", ".tiff"),
            re.compile(rb"II[*+]\x00|MM\x00[*+]"),
            _same("L", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"),
            _ALL_METADATA,
            several="pages",
            deep_modes=_deep("LA RGB RGBA CMYK", "16 F D") | _deep("L RGB CMYK", "32") | {"L;D"},
            holds_planes=True,
        ),
        Format(
            "bmp",
            "BMP",
            "PIL.BmpImagePlugin",
            (".bmp", ".dib"),
            re.compile(rb"BM"),
            _same("L", "RGB"),
            frozenset({"dpi"}),
        ),
        Format(
            "ppm",
            "PPM",
            "PIL.PpmImagePlugin",
            (".ppm", ".pgm", ".pbm", ".pnm"),
            re.compile(rb"P[1-6]\s"),
            _same("L", "RGB", "I;16"),
            frozenset(),
        ),
        Format(
            "pfm",
            "PPM",
            "PIL.PpmImagePlugin",
            (".pfm",),
            re.compile(rb"P[fF]\s"),
            _same("F"),
            frozenset(),
        ),
        Format(
            "heif",
            "HEIF",
            "pillow_heif",
            (".heic", ".heif", ".hif"),
            # The last alternative is a generic brand; what follows it says what is inside.
            re.compile(
                rb"....ftyp(he[iv][cxms]|(mif1|msf1).{4}(.{4})*?he[iv][cx])",
                re.DOTALL,
            ),
            _same("L", "RGB", "RGBA") | {"LA": "RGBA"},
            frozenset({"exif", "icc", "xmp"}),
            has_quality=True,
            largest_side=16384,
            extra="heif",
        ),
        Format(
            "jxl",
            "JXL",
            "pillow_jxl",
            (".jxl",),
            re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n"),
            _same("L", "LA", "RGB", "RGBA", "I;16"),
            frozenset({"exif"}),
            has_quality=True,
            lossless_on_request=True,
            extra="jxl",
        ),
        Format(
            "avif",
            "AVIF",
            "PIL.AvifImagePlugin",
            (".avif",),
            re.compile(rb"....ftyp(avif|avis|mif1|msf1)", re.DOTALL),
            _same("L", "RGB", "RGBA") | {"LA": "RGBA"},
            frozenset({"exif", "icc", "xmp"}),
            has_quality=True,
            largest_side=65536,
            several="animation",
        ),
        Format(
            "npy",
            "",
            "",
            (".npy",),
            re.compile(rb"\x93NUMPY"),
            {},
            frozenset(),
            largest_side=2**40,
            holds_arrays=True,
        ),
    )
}

SIGNATURE_BYTES = 64
"""Enough for all signatures, and for the brands that an HEIF lists."""


def format_by_name(name: str) -> Format:
    """Return the format that ``--format`` names, by its name or a suffix without the dot.

    Raises
    ------
    UsageError
        If there is none.
    """
    wanted = name.lower().lstrip(".")
    for entry in FORMATS.values():
        if wanted == entry.name or f".{wanted}" in entry.suffixes:
            return entry
    known = ", ".join(FORMATS)
    raise UsageError(
        f"unknown format {name!r}", None, near_miss_hint(wanted, list(FORMATS), f"known: {known}")
    )


def format_by_suffix(path: str) -> Format:
    """Return the format that the suffix of an output's name stands for.

    Raises
    ------
    OutputError
        If it stands for none.
    """
    suffix = re.search(r"\.[^./\\]*$", path)
    for entry in FORMATS.values():
        if suffix and suffix[0].lower() in entry.suffixes:
            return entry
    if os.path.isdir(path) or path.endswith(("/", os.sep)):
        cause = "it is a folder, and a file is wanted"
        raise OutputError(f"no picture format for {path!r}", cause, "name a file in it")
    suffixes = " ".join(entry.suffixes[0] for entry in usable_formats())
    cause = f"its suffix {suffix[0]!r} is not known" if suffix else "its name has no suffix"
    raise OutputError(f"no picture format for {path!r}", cause, f"use one of {suffixes}")


def usable_formats() -> list[Format]:
    """Return the formats of which no package is missing."""
    return [entry for entry in FORMATS.values() if not entry.extra or is_installed(entry.extra)]


def format_by_signature(data: bytes) -> Format | None:
    """Return the format that a file's first bytes show, or None."""
    for entry in FORMATS.values():
        if entry.signature.match(data):
            return entry
    return None
