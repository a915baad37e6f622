"""The engine's entry: an array and a kernel in, an array out."""

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convfilter import named
from convfilter.arguments import expect, refuse_unknown, whole_number
from convfilter.border import Border
from convfilter.chain import Chain
from convfilter.engine.bands import execute
from convfilter.engine.plan import Plan, make_plan
from convfilter.engine.samples import Samples, channel_names
from convfilter.errors import UsageError
from convfilter.number import Number
from convfilter.options import FilterOptions, Padding, Pair
from convfilter.recipe import Filter, Named
from convfilter.rows import InterleavedRows, InterleavedSink, PlanarRows, PlanarSink

DTYPES = tuple(np.dtype(name) for name in named.DTYPES)


def convolve(
    array: ArrayLike,
    kernel: Named,
    *,
    border: Border | str | None = None,
    padding: Padding = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    operation: str | None = None,
    range: str | None = None,
    divisor: Number | None = None,
    offset: Number | None = None,
    normalize: bool = False,
    method: str = "auto",
    out_dtype: DTypeLike | None = None,
    workers: int | None = None,
) -> NDArray[Any]:
    """Filter an array with a kernel, a composite or a recipe.

    Each channel on its own, unless the kernel mixes channels.

    Parameters
    ----------
    array : array_like, shape (H, W) or (H, W, C), uint8, uint16, float32 or float64
        Full scale is the dtype's maximum for integers, 1.0 for floats.
    kernel
        What to slide over it; or a text that names it, as ``--kernel`` takes it; or a path.
    border, operation, range, divisor, offset
        In place of what the kernel states. A kernel that states nothing is correlated,
        with the border ``edge`` and the range ``clip``.
    padding
        ``same``, ``valid``, ``full`` or ``((top, bottom), (left, right))``.
    stride
        Keep every n-th result, starting with the first; one number or (rows, columns).
    dilation
        Spread the kernel's cells so many pixels apart.
    normalize
        Divide by the sum of the weights.
    method
        ``auto`` or the name of an algorithm.
    out_dtype
        ``float32`` or ``float64`` gives the values unrounded and unclipped, in the array's
        own units; a range is then applied only if it is stated here.
    workers
        Threads; None means one for each core, 1 the caller's own and no other.

    Returns
    -------
    ndarray
        Of the array's dtype and number of dimensions, or of three where channels are
        mixed into several; height and width depend on padding, dilation and stride. Integers
        are rounded half up, once, and clipped to full scale; floats are not rounded, and
        clipped only if the range ``clip`` is asked for.

    Raises
    ------
    KernelError
        If the kernel is unknown or its file is wrong, if it sums to 0 and is to be normalized,
        or for a divisor or an offset that no kernel can have.
    UsageError
        If another argument is wrong, or the result would have no pixel.
    """
    found = filter_of(kernel)
    options = FilterOptions.parse(
        border=border,
        padding=padding,
        stride=stride,
        dilation=dilation,
        operation=operation,
        range=range,
        divisor=divisor,
        offset=offset,
        normalize=normalize,
        method=method,
        workers=workers,
    )
    try:
        given = np.asarray(array)
    except ValueError as error:
        raise UsageError(f"{type(array).__name__} is no array", str(error)) from None
    if not isinstance(array, np.ndarray) and (given.dtype.kind in "OSU" or given.ndim == 0):
        hint = "open_picture() reads files, apply() filters pictures"
        raise UsageError(f"{type(array).__name__} instead of an array", None, hint)
    samples = describe(given.shape, given.dtype)
    chain = Chain.of([found], options)
    prepared = make_plan(samples, chain, _checked_out_dtype(out_dtype, samples.dtype))
    result = np.empty((*prepared.size, prepared.channels), prepared.finish.dtype)
    source = given.astype(samples.dtype, copy=False).reshape(
        samples.height, samples.width, samples.channels
    )
    if chain.mixes:
        execute(prepared, PlanarRows(source), PlanarSink(result))
    else:
        execute(prepared, InterleavedRows(source), InterleavedSink(result))
    return result[:, :, 0] if given.ndim == 2 and prepared.channels == 1 else result


def plan(shape: tuple[int, ...], dtype: DTypeLike, kernel: Named, **options: Any) -> Plan:
    """Tell what `convolve` would run for an array, and why; takes the same keywords.

    Parameters
    ----------
    shape
        ``(H, W)`` or ``(H, W, C)``, a tuple of whole numbers.
    dtype
        Of the array: uint8, uint16, float32 or float64.
    kernel
        What would slide over it; or a text that names it, as ``--kernel`` takes it; or a path.
    **options
        The keywords of `convolve`.

    Returns
    -------
    Plan
        It prints itself.

    Raises
    ------
    KernelError, UsageError
        As `convolve`.
    """
    found = filter_of(kernel)
    refuse_unknown(options, convolve.__kwdefaults__ or ())
    whole = tuple(whole_number(side, "side") for side in expect(shape, tuple, "a shape", "(H, W)"))
    samples = describe(whole, _checked_dtype(dtype))
    out_dtype = _checked_out_dtype(options.pop("out_dtype", None), samples.dtype)
    return make_plan(samples, Chain.of([found], FilterOptions.parse(**options)), out_dtype)


def describe(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Samples:
    """Check what an array is, and say it in the engine's terms.

    Parameters
    ----------
    shape
        ``(H, W)`` or ``(H, W, C)``, none of them 0.
    dtype
        One of `DTYPES`, in any byte order.

    Returns
    -------
    Samples
        In native byte order.

    Raises
    ------
    UsageError
        For another shape or dtype.
    """
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise UsageError(
            f"array of shape {shape}",
            "expected (height, width) or (height, width, channels), none of them 0",
        )
    native = dtype.newbyteorder("=")
    if native not in DTYPES:
        raise UsageError(
            f"array of dtype {dtype}",
            "only uint8, uint16, float32 and float64 are filtered",
            "convert it first, as in array.astype('float32')",
        )
    channels = shape[2] if len(shape) == 3 else 1
    return Samples.of_dtype(shape[0], shape[1], channel_names(channels), native)


def filter_of(kernel: Named) -> Filter:
    """Return what is given, or what a text or a path names.

    Raises
    ------
    ConvfilterError
        If it is none of them, or there is no such kernel.
    """
    if isinstance(kernel, str | os.PathLike):
        # A batch's workers get their kernels ready made, and need no reader of kernel files.
        from convfilter.registry.catalogue import get_kernel

        return get_kernel(kernel)
    hint = 'name one, as in "blur5", or make one with Kernel([[1, 2, 1]])'
    return expect(kernel, Filter, "a kernel", hint)


def _checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        if dtype is not None:  # which NumPy takes for float64
            return np.dtype(dtype)
    except TypeError:
        pass
    known = ", ".join(str(one) for one in DTYPES)
    raise UsageError(f"unknown dtype {dtype!r}", None, f"known: {known}")


def _checked_out_dtype(out_dtype: DTypeLike | None, dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    if out_dtype is None:
        return None
    wanted = _checked_dtype(out_dtype)
    if wanted.kind == "f" and wanted in DTYPES:
        return wanted
    if wanted == dtype:
        return None
    raise UsageError(
        f"out_dtype {wanted} for an array of {dtype}",
        "it is float32, float64 or the array's own",
        "convert the result instead",
    )
