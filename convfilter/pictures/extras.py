"""Optional packages: which extra brings them, and what to say when they are missing.

Imports none of them, so that asking costs nothing.
"""

from importlib import import_module
from importlib.util import find_spec

EXTRAS: dict[str, tuple[str, ...]] = {
    "deep": ("tifffile", "imagecodecs"),
    "heif": ("pillow_heif",),
    "jxl": ("pillow_jxl",),
}
"""The modules that each extra of the package brings."""


def is_installed(extra: str) -> bool:
    """Return whether all modules of an extra are there."""
    try:
        return all(find_spec(module) is not None for module in EXTRAS[extra])
    except ValueError:  # a module that was put aside
        return False


def install_hint(extra: str) -> str:
    """Say how to install an extra."""
    return f"pip install 'convfilter[{extra}]'"


def load_plugin(plugin: str) -> None:
    """Import what reads and writes a format, and let Pillow know of it."""
    module = import_module(plugin)
    # Pillow's own plugins, and some others, make themselves known when they are imported.
    if register := getattr(module, "register_heif_opener", None):
        register(thumbnails=False)
