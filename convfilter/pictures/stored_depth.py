"""How many bits the samples of a file have, which Pillow's mode may hide."""

from PIL import ImageFile
from PIL.ExifTags import Base

from convfilter.pictures.jxl_header import read_jxl_header

SIGNED = 2
"""Value of the tag SampleFormat for signed integers."""

WHITE_IS_ZERO = 0
"""Value of the tag PhotometricInterpretation for gray in which 0 is white."""


def lost_depth(image: ImageFile.ImageFile) -> str | None:
    """Say which depth decoding would lose, before it does."""
    bands = len(image.getbands())
    if holds_other_integers(image):
        return f"{stored_bits(image)}-bit integers that may be negative or very large"
    if bands > 1 and stored_bits(image) > 8:
        return f"{stored_bits(image)} bits in each of its {bands} channels"
    if image.mode.startswith("I;16") and "transparency" in image.info:
        return "16-bit gray with a transparent colour"
    return None


def misread(image: ImageFile.ImageFile) -> str | None:
    """Say which samples Pillow would hand out as they are stored, and not as they are meant."""
    if image.format != "TIFF" or not image.mode.startswith(("I;16", "F")):
        return None
    bits = stored_bits(image)
    if image.mode != "F" and bits != 16:
        return f"{bits}-bit gray"
    is_inverted = getattr(image, "tag_v2", {}).get(Base.PhotometricInterpretation) == WHITE_IS_ZERO
    return f"gray of {bits} bits with white as 0" if is_inverted else None


def holds_other_integers(image: ImageFile.ImageFile) -> bool:
    """Return whether a TIFF has signed or 32-bit integers, which become other values or modes."""
    tags = getattr(image, "tag_v2", {})
    is_signed = SIGNED in tags.get(Base.SampleFormat, ())
    return image.format == "TIFF" and (image.mode == "I" or is_signed)


def stored_bits(image: ImageFile.ImageFile) -> int:
    """Return the bits of each sample in the file, which Pillow's mode may hide."""
    if image.format == "TIFF":
        return int(max(getattr(image, "tag_v2", {}).get(Base.BitsPerSample, (8,))))
    if image.format == "AVIF":
        return _avif_bits(image)
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8))
    if image.format == "JXL":
        return _jxl_bits(image)
    if image.format == "PPM" and image.tile and isinstance(image.tile[0].args, tuple):
        return max(8, int(image.tile[0].args[1]).bit_length())
    return 16 if any(";16" in str(tile.args) for tile in image.tile) else 8


def _jxl_bits(image: ImageFile.ImageFile) -> int:
    if image.fp is None:
        return 8
    image.fp.seek(0)
    return read_jxl_header(image.fp).bits


def _avif_bits(image: ImageFile.ImageFile) -> int:
    """Read the depth from the decoder's configuration, the box av1C near the file's beginning."""
    stream = image.fp
    if stream is None:
        return 8
    place = stream.tell()
    stream.seek(0)
    _, found, configuration = stream.read(65536).partition(b"av1C")
    stream.seek(place)
    if not found or len(configuration) < 3 or not configuration[2] & 0x40:
        return 8
    return 12 if configuration[2] & 0x20 else 10
