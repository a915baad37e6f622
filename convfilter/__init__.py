"""Filter pictures by convolution with named kernels.

The public names are loaded when they are first used: importing the package imports
neither NumPy nor Pillow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from convfilter.border import Border
    from convfilter.engine.convolve import convolve, plan
    from convfilter.errors import (
        ConvfilterError,
        KernelError,
        OutputError,
        PictureError,
        UsageError,
    )
    from convfilter.filtering import apply
    from convfilter.frames import Frames
    from convfilter.kernel import Kernel
    from convfilter.picture import Picture
    from convfilter.pictures.frame_writing import save_frames
    from convfilter.pictures.frames import open_frames
    from convfilter.pictures.reading import open_picture
    from convfilter.pictures.writing import save_picture
    from convfilter.registry.catalogue import get_kernel

_HOME = {
    "Border": "border",
    "ConvfilterError": "errors",
    "Frames": "frames",
    "Kernel": "kernel",
    "KernelError": "errors",
    "OutputError": "errors",
    "Picture": "picture",
    "PictureError": "errors",
    "UsageError": "errors",
    "apply": "filtering",
    "convolve": "engine.convolve",
    "get_kernel": "registry.catalogue",
    "open_frames": "pictures.frames",
    "open_picture": "pictures.reading",
    "plan": "engine.convolve",
    "save_frames": "pictures.frame_writing",
    "save_picture": "pictures.writing",
}

__all__ = [
    "Border",
    "ConvfilterError",
    "Frames",
    "Kernel",
    "KernelError",
    "OutputError",
    "Picture",
    "PictureError",
    "UsageError",
    "__version__",
    "apply",
    "convolve",
    "get_kernel",
    "open_frames",
    "open_picture",
    "plan",
    "save_frames",
    "save_picture",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'convfilter' has no attribute {name!r}")
    return getattr(import_module(f"convfilter.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
