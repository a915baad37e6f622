"""What a file says about its picture: taken out of Pillow's image, and handed to its encoders."""

import math
import struct
from contextlib import suppress
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from convfilter.options import Pair
from convfilter.picture import Metadata
from convfilter.pictures.formats import Format

KINDS = {
    "exif": "EXIF",
    "icc": "ICC profile",
    "xmp": "XMP",
    "dpi": "DPI",
    "text": "text",
    "comment": "comment",
    "gamma": "gamma",
    "chromaticity": "chromaticities",
    "srgb": "sRGB intent",
}
"""The fields of `Metadata`, and what they are called."""

TIFF_DESCRIPTIVE_TAGS = frozenset(
    {
        Base.DocumentName,
        Base.ImageDescription,
        Base.Make,
        Base.Model,
        Base.Orientation,
        Base.PageName,
        Base.Software,
        Base.DateTime,
        Base.Artist,
        Base.HostComputer,
        Base.Rating,
        Base.Copyright,
        Base.ExifOffset,
        Base.GPSInfo,
        Base.XPTitle,
        Base.XPComment,
        Base.XPAuthor,
        Base.XPKeywords,
        Base.XPSubject,
    }
)
"""Tags that say something about the picture; the others in a TIFF say how it is stored."""

SUB_DIRECTORIES = frozenset({Base.ExifOffset, Base.GPSInfo})

TIFF_XMP_TAG = 700

PNG_XMP_KEYWORD = "XML:com.adobe.xmp"

NO_TEXT = frozenset({PNG_XMP_KEYWORD, "xmp", "Raw profile type exif", "Raw profile type APP1"})
"""Entries that look like text of a PNG but are read as something else."""

SRGB_GAMMA = 0.45455

SRGB_CHROMATICITY = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
"""White point and primaries of sRGB, which pictures that state none are taken to have."""

MICRO = 100_000
"""What PNG multiplies gamma and chromaticities by."""


def read_metadata(image: Image.Image, notes: list[str]) -> Metadata:
    """Collect the metadata of a decoded image whose orientation has been applied.

    Parameters
    ----------
    notes
        Gets a sentence for what cannot be kept.
    """
    info, is_png = image.info, image.format == "PNG"
    aspect = _of_kind(info.get("aspect"), tuple) if is_png else None
    if aspect and aspect[0] != aspect[1]:
        notes.append("its pixels are not square: their shape cannot be written and was left out")
    exif = _exif_bytes(image, notes)
    return Metadata(
        exif=exif,
        icc=_of_kind(info.get("icc_profile"), bytes) or None,
        xmp=_xmp_bytes(image),
        dpi=_dpi(info.get("dpi")) or _exif_dpi(exif),
        text=_text(image) if is_png else (),
        comment=_of_kind(info.get("comment"), bytes) or None,
        gamma=_of_kind(info.get("gamma"), float) if is_png else None,
        chromaticity=_of_kind(info.get("chromaticity"), tuple) if is_png else None,
        srgb=_of_kind(info.get("srgb"), int) if is_png else None,
    )


def _of_kind(value: Any, kind: type) -> Any:
    """Return a value unless it is of another kind: a text of a PNG may have any name."""
    return value if isinstance(value, kind) else None


def _text(image: Image.Image) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            str(keyword),
            str(text),
            getattr(text, "lang", None) or "",
            getattr(text, "tkey", None) or "",
        )
        for keyword, text in image.info.items()
        if isinstance(text, str) and keyword not in NO_TEXT
    )


def _exif_bytes(image: Image.Image, notes: list[str]) -> bytes | None:
    try:
        given = image.getexif()
        # Written anew: without the thumbnail, which would show the picture before the filter,
        # and without what a TIFF says about how it is stored.
        exif = Image.Exif()
        for tag in given:
            if tag not in SUB_DIRECTORIES and (
                image.format != "TIFF" or tag in TIFF_DESCRIPTIVE_TAGS
            ):
                exif[tag] = given[tag]
        kept = len(exif) > 0
        for directory in (IFD.Exif, IFD.GPSInfo):
            if entries := dict(given.get_ifd(directory)):
                if IFD.Interop in entries:
                    entries[IFD.Interop] = dict(given.get_ifd(IFD.Interop))
                exif.get_ifd(directory).update(entries)
                kept = True
        return exif.tobytes() if kept else None
    except Exception as error:
        notes.append(f"its EXIF block is damaged and was left out ({error})")
        return None


def _xmp_bytes(image: Image.Image) -> bytes | None:
    xmp = image.info.get("xmp") or None
    return xmp.encode() if isinstance(xmp, str) else xmp


def _dpi(stated: Any) -> tuple[float, float] | None:
    with suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(part) for part in stated)
        # Pillow reports 1 by 1 for a TIFF that does not say.
        if all(math.isfinite(part) and part > 1 for part in (across, down)):
            return across, down
    return None


def _exif_dpi(block: bytes | None) -> tuple[float, float] | None:
    """Return the DPI that EXIF states, for files that state it nowhere else."""
    if block is None:
        return None
    exif = _loaded(block)
    inches = {2: 1.0, 3: 2.54}.get(exif.get(Base.ResolutionUnit, 2))
    stated = exif.get(Base.XResolution), exif.get(Base.YResolution)
    if inches is None or None in stated:
        return None
    dpi = _dpi(stated)
    return (dpi[0] * inches, dpi[1] * inches) if dpi else None


def _loaded(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


def left_out(metadata: Metadata, entry: Format) -> list[str]:
    """Name the metadata that a picture has and a format cannot hold."""
    lost = [field for field in KINDS if getattr(metadata, field) and field not in entry.metadata]
    says_dpi = metadata.exif and Base.XResolution in _loaded(metadata.exif)
    if says_dpi and "exif" in entry.metadata:
        lost = [field for field in lost if field != "dpi"]
    # Pictures that say nothing are taken for sRGB, with or without it being said.
    if metadata.icc or metadata.srgb is not None or metadata.gamma == SRGB_GAMMA:
        lost = [field for field in lost if field != "gamma"]
    if metadata.icc or metadata.srgb is not None or metadata.chromaticity == SRGB_CHROMATICITY:
        lost = [field for field in lost if field != "chromaticity"]
    return [KINDS[field] for field in lost if field != "srgb"]


def left_out_notes(metadata: Metadata, entry: Format) -> list[str]:
    """Return the sentence that says what a format cannot hold, if there is anything."""
    lost = left_out(metadata, entry)
    told = f"{entry.name.upper()} cannot hold its {' and '.join(lost)}: left out"
    return [told] if lost else []


def metadata_settings(metadata: Metadata, entry: Format, size: Pair) -> dict[str, Any]:
    """Return what Pillow's encoder of a format is to be told, for all that the format holds.

    Parameters
    ----------
    size
        Height and width that EXIF is to state, where it states any.
    """
    settings: dict[str, Any] = {}
    held = {field: getattr(metadata, field) for field in entry.metadata}
    if held.get("icc"):
        settings["icc_profile"] = metadata.icc
    if held.get("dpi"):
        settings["dpi"] = metadata.dpi
    elif entry.name == "bmp":
        settings["dpi"] = (0, 0)  # not stated, where Pillow would make one up
    if held.get("comment"):
        settings["comment"] = metadata.comment
    exif = _exif_of_size(metadata, size) if held.get("exif") else None
    if entry.name == "tiff":
        tags = _tiff_tags(exif, metadata.xmp)
        settings["exif"] = tags
        if not SUB_DIRECTORIES.isdisjoint(tags):
            # libtiff, which does the compression, cannot write them through Pillow.
            settings["compression"] = "raw"
        return settings
    if exif is not None:
        settings["exif"] = exif.tobytes()
    if entry.name == "png":
        settings["pnginfo"] = png_info(metadata)
    elif held.get("xmp"):
        settings["xmp"] = metadata.xmp
    return settings


def _exif_of_size(metadata: Metadata, size: Pair) -> Image.Exif:
    """Return EXIF whose tags for size and resolution, where it has them, fit the picture."""
    assert metadata.exif is not None  # noqa: S101 - callers ask only then
    exif = _loaded(metadata.exif)
    own: dict[int, Any] = {Base.ImageLength: size[0], Base.ImageWidth: size[1]}
    if metadata.dpi:
        across, down = metadata.dpi
        own |= {Base.XResolution: across, Base.YResolution: down, Base.ResolutionUnit: 2}
    for tag in own.keys() & set(exif):
        exif[tag] = own[tag]
    # To ask for a directory that is not there would add an empty one.
    directory = exif.get_ifd(IFD.Exif) if IFD.Exif in exif else {}
    for tag, length in ((Base.ExifImageHeight, size[0]), (Base.ExifImageWidth, size[1])):
        if tag in directory:
            directory[tag] = length
    return exif


def _tiff_tags(exif: Image.Exif | None, xmp: bytes | None) -> Image.Exif:
    tags = Image.Exif()
    if exif is not None:
        tags.load(exif.tobytes())
        for tag in set(tags) - TIFF_DESCRIPTIVE_TAGS:
            del tags[tag]
    if xmp:
        tags[TIFF_XMP_TAG] = xmp
    return tags


def png_info(metadata: Metadata) -> Any:
    """Return what Pillow calls the chunks of text, gamma, chromaticities and intent."""
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    if metadata.xmp:
        chunks.add_itxt(PNG_XMP_KEYWORD, metadata.xmp.decode("utf-8", "replace"))
    for keyword, text, language, translated in metadata.text:
        if language or translated:
            chunks.add_itxt(keyword, text, language, translated)
        else:
            chunks.add_text(keyword, text)  # as UTF-8 where it must be
    if metadata.gamma:
        chunks.add(b"gAMA", struct.pack(">I", round(metadata.gamma * MICRO)))
    if metadata.chromaticity:
        parts = (round(part * MICRO) for part in metadata.chromaticity)
        chunks.add(b"cHRM", struct.pack(">8I", *parts))
    if metadata.srgb is not None:
        chunks.add(b"sRGB", bytes([metadata.srgb]))
    return chunks
