"""What the Pillow at hand can read and write, for those who look for what is missing."""

from PIL import features

from convfilter.pictures.formats import FORMATS

_CODECS = {"jpeg": "jpg", "png": "zlib", "webp": "webp", "avif": "avif"}
"""What Pillow calls the libraries that it may have been built without."""


def format_support() -> dict[str, bool]:
    """Return for every format whether it can be read and written here."""
    return {name: name not in _CODECS or bool(features.check(_CODECS[name])) for name in FORMATS}
