"""What the Pillow at hand can read and write, for those who look for what is missing."""

from PIL import features

from convfilter.pictures.extras import is_installed
from convfilter.pictures.formats import FORMATS, Format

_CODECS = {"jpeg": "jpg", "png": "zlib", "webp": "webp", "avif": "avif"}
"""What Pillow calls the libraries that it may have been built without."""


def format_support() -> dict[str, bool]:
    """Return for every format whether it can be read and written here."""
    return {name: _is_there(entry) for name, entry in FORMATS.items()}


def _is_there(entry: Format) -> bool:
    if entry.extra:
        return is_installed(entry.extra)
    return entry.name not in _CODECS or bool(features.check(_CODECS[entry.name]))
