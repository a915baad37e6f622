"""How a picture was encoded, as far as writing it again can repeat it."""

from typing import Any, BinaryIO

from PIL import Image

from convfilter.pictures.formats import Format

LOSSLESS_TIFF_COMPRESSIONS = frozenset(
    {"raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "zstd", "lzma"}
)


def encoding_settings(image: Image.Image, entry: Format, stream: BinaryIO) -> dict[str, Any]:
    """Note how an image was encoded, as far as writing it again can repeat it."""
    settings: dict[str, Any] = {}
    if entry.name == "jpeg" and getattr(image, "quantization", None):
        from PIL import JpegImagePlugin

        settings["qtables"] = getattr(image, "quantization")  # noqa: B009 - of JPEG images
        sampling = JpegImagePlugin.get_sampling(image)
        if sampling != -1:
            settings["subsampling"] = sampling
        if image.info.get("progressive"):
            settings["progressive"] = True
    if entry.name == "tiff" and image.info.get("compression") in LOSSLESS_TIFF_COMPRESSIONS:
        settings["compression"] = image.info["compression"]
    if entry.name == "webp":
        stream.seek(0)
        settings["lossless"] = b"VP8L" in stream.read(4096)
    return settings
