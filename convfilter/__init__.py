"""Filter pictures by convolution with named kernels.

The public names are loaded when they are first used: importing the package imports
neither NumPy nor Pillow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from convfilter.border import Border
    from convfilter.composite import Composite
    from convfilter.engine.convolve import convolve, plan
    from convfilter.engine.plan import Plan
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
    from convfilter.mixing import MixingKernel
    from convfilter.options import FilterOptions
    from convfilter.picture import Picture
    from convfilter.pictures.frame_writing import save_frames
    from convfilter.pictures.frames import open_frames
    from convfilter.pictures.read_options import ReadOptions
    from convfilter.pictures.reading import open_picture
    from convfilter.pictures.write_options import WriteOptions
    from convfilter.pictures.writing import save_picture
    from convfilter.recipe import Recipe, RecipeStep
    from convfilter.registry.catalogue import get_kernel

_HOME = {
    "Border": "border",
    "Composite": "composite",
    "ConvfilterError": "errors",
    "FilterOptions": "options",
    "Frames": "frames",
    "Kernel": "kernel",
    "KernelError": "errors",
    "MixingKernel": "mixing",
    "OutputError": "errors",
    "Picture": "picture",
    "PictureError": "errors",
    "Plan": "engine.plan",
    "ReadOptions": "pictures.read_options",
    "Recipe": "recipe",
    "RecipeStep": "recipe",
    "UsageError": "errors",
    "WriteOptions": "pictures.write_options",
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
    "Composite",
    "ConvfilterError",
    "FilterOptions",
    "Frames",
    "Kernel",
    "KernelError",
    "MixingKernel",
    "OutputError",
    "Picture",
    "PictureError",
    "Plan",
    "ReadOptions",
    "Recipe",
    "RecipeStep",
    "UsageError",
    "WriteOptions",
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
