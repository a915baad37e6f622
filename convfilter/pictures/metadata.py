"""What a file says about its picture: taken out of Pillow's image, and handed to its encoders."""

import math
from contextlib import suppress
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from convfilter.picture import Metadata
from convfilter.pictures.formats import Format

TIFF_DESCRIPTIVE_TAGS = frozenset(
    {
        Base.ImageDescription,
        Base.Make,
        Base.Model,
        Base.Orientation,
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


def read_metadata(image: Image.Image, notes: list[str]) -> Metadata:
    """Collect the metadata of a decoded image whose orientation has been applied.

    Parameters
    ----------
    notes
        Gets a sentence for what cannot be kept.
    """
    return Metadata(
        exif=_exif_bytes(image, notes),
        icc=image.info.get("icc_profile") or None,
        xmp=_xmp_bytes(image),
        dpi=_dpi(image),
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
            if entries := given.get_ifd(directory):
                exif.get_ifd(directory).update(entries)
                kept = True
        return exif.tobytes() if kept else None
    except Exception as error:
        notes.append(f"its EXIF block is damaged and was left out ({error})")
        return None


def _xmp_bytes(image: Image.Image) -> bytes | None:
    xmp = image.info.get("xmp") or None
    return xmp.encode() if isinstance(xmp, str) else xmp


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    with suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(part) for part in image.info.get("dpi", ()))
        # Pillow reports 1 by 1 for a TIFF that does not say.
        if all(math.isfinite(part) and part > 1 for part in (across, down)):
            return across, down
    return None


def left_out(metadata: Metadata, entry: Format) -> list[str]:
    """Name the metadata that a picture has and a format cannot hold."""
    names = {"exif": "EXIF", "icc": "ICC profile", "xmp": "XMP", "dpi": "DPI"}
    return [
        name
        for field, name in names.items()
        if getattr(metadata, field) and field not in entry.metadata
    ]


def metadata_settings(metadata: Metadata, entry: Format) -> dict[str, Any]:
    """Return what Pillow's encoder of a format is to be told, for all that the format holds."""
    settings: dict[str, Any] = {}
    held = {field: getattr(metadata, field) for field in entry.metadata}
    if held.get("icc"):
        settings["icc_profile"] = metadata.icc
    if held.get("dpi"):
        settings["dpi"] = metadata.dpi
    if entry.name == "tiff":
        tags = _tiff_tags(metadata)
        settings["exif"] = tags
        if not SUB_DIRECTORIES.isdisjoint(tags):
            # libtiff, which does the compression, cannot write them through Pillow.
            settings["compression"] = "raw"
        return settings
    if held.get("exif"):
        settings["exif"] = metadata.exif
    if held.get("xmp"):
        if entry.name == "png":
            settings["pnginfo"] = _png_chunks(metadata)
        else:
            settings["xmp"] = metadata.xmp
    return settings


def _tiff_tags(metadata: Metadata) -> Image.Exif:
    tags = Image.Exif()
    if metadata.exif:
        tags.load(metadata.exif)
    if metadata.xmp:
        tags[TIFF_XMP_TAG] = metadata.xmp
    return tags


def _png_chunks(metadata: Metadata) -> Any:
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", (metadata.xmp or b"").decode("utf-8", "replace"))
    return chunks
