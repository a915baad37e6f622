"""One picture through one list of kernels."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, overload

import numpy as np

from convfilter.arguments import expect
from convfilter.chain import Chain
from convfilter.composite import Composite
from convfilter.engine.bands import Executed, Finisher, execute
from convfilter.engine.convolve import filter_of
from convfilter.engine.plan import Plan, make_plan
from convfilter.frames import Frames
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.number import format_number
from convfilter.options import FilterOptions, Pair
from convfilter.picture import Picture, mode_of
from convfilter.pictures.decoding import is_large
from convfilter.pictures.raster import PILLOW_MODES, ImageRows, ImageSink
from convfilter.pictures.working import Working, to_working
from convfilter.recipe import Filter, Named
from convfilter.rows import PlanarRows, PlanarSink, Rows, Sink

Kernels = Iterable[Named] | Named
"""What `apply` takes: kernels; or texts as ``--kernel`` takes them; or paths."""

HINT_FROM_SHARE = 0.01
"""Advice is given if more than this share of the samples was clipped."""

CLEARLY_BRIGHTER = 1.05
"""Clipping is put down to the gain of the kernels if that is larger than this."""

LEAST_BAND = 4
"""Bands lower than this many times the reach are not written in place: most is kept aside."""

RARELY_NEGATIVE = ("l2", "l1", "angle", "max")
"""Combinations whose values are mostly of one sign, whatever the kernels sum to."""


@frozen
class Filtering:
    """A picture and what is to be done with it: planned, and not yet run.

    Parameters
    ----------
    working
        What of the picture is convolved.
    finish
        What makes its samples of the sums.
    """

    picture: Picture
    plan: Plan
    working: Working
    finish: Finisher

    @property
    def size(self) -> Pair:
        """Height and width of the result in pixels."""
        return self.plan.size

    def run(self, scratch: str | None = None, *, overwrite: bool = False) -> "Filtered":
        """Filter the picture.

        Parameters
        ----------
        scratch
            A folder where a large result may lie until it is written; None keeps it in memory.
        overwrite
            The result may take the place of the picture in memory, which cannot be read then.
        """
        in_place = overwrite and self._fits_in_place
        sink, rows = self._in_place() if in_place else self._memory(scratch)
        return self.filtered(rows, execute(self.plan, self.working.rows, sink, self.finish))

    def filtered(self, rows: Rows, executed: Executed) -> "Filtered":
        """Return what was made of the picture."""
        height, width = self.size
        result = replace(
            self.picture,
            rows=rows,
            height=height,
            width=width,
            layout=self.working.layout(self.plan),
            metadata=self.picture.metadata.thinned(self._stride),
        )
        return Filtered(result, self.plan, executed)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the result."""
        return (*self.size, self.working.planes(self.plan))

    @property
    def mode(self) -> str:
        """Layout and depth of the result in one word."""
        return mode_of(self.working.layout(self.plan), self.shape[2], self.picture.dtype)

    @property
    def _stride(self) -> Pair:
        """How many rows and columns of the picture lie between two of the result."""
        strides = [stage.steps[0].problem.stride for stage in self.plan.stages]
        rows, columns = (math.prod(along) for along in zip(*strides, strict=True))
        return rows, columns

    @property
    def _fits_in_place(self) -> bool:
        """Whether each band can be written where it was read."""
        picture, plan = self.picture, self.plan
        alike = (self.mode, *self.size) == (picture.mode, picture.height, picture.width)
        # Several steps read in blocks of their own, and so further than their kernels reach.
        blocks = {step.prepared.block_rows for step in plan.steps}
        in_blocks = len(plan.steps) == 1 or not any(plan.band_rows % rows for rows in blocks)
        few_kept = LEAST_BAND * self._reach <= min(plan.band_rows, picture.height)
        writable = isinstance(picture.rows, ImageRows) and not picture.rows.image.readonly
        return writable and alike and len(plan.stages) == 1 and few_kept and in_blocks

    @property
    def _reach(self) -> int:
        """Rows beyond its own that a band reads, and one more for borders that omit the edge."""
        problems = [step.problem for step in self.plan.steps]
        return 1 + max(max(p.padding[0][0], p.window[0] - 1 - p.padding[0][0]) for p in problems)

    def _in_place(self) -> tuple[Sink, Rows]:
        assert isinstance(self.picture.rows, ImageRows)  # noqa: S101 - checked by who calls
        image = self.picture.rows.overwritten(self.plan.bands, self._reach)
        return image, ImageRows(image.image)

    def _memory(self, scratch: str | None) -> tuple[Sink, Rows]:
        """Return where the result is written to, and the same as what it is read from."""
        if scratch is not None and is_large(math.prod(self.shape) * self.picture.dtype.itemsize):
            from convfilter.pictures.scratch import ScratchSink

            file = ScratchSink.unnamed(scratch, self.shape, self.picture.dtype)
            return file, file.rows
        if self.mode in PILLOW_MODES:
            image = ImageSink.new(self.mode, *self.size)
            return image, ImageRows(image.image)
        array = np.empty(self.shape, self.picture.dtype)
        return PlanarSink(array), PlanarRows(array)


@frozen
class Filtered:
    """A filtered picture, the plan that was run, and what running it found out."""

    picture: Picture
    plan: Plan
    executed: Executed

    def with_earlier(self, earlier: "Filtered | None") -> "Filtered":
        """Return the same, with the samples of earlier frames counted in."""
        if earlier is None:
            return self
        one, other = earlier.executed, self.executed
        both = Executed(one.clipped + other.clipped, one.samples + other.samples)
        return replace(self, executed=both)

    @property
    def clipped(self) -> int:
        """How many samples fell outside the picture's scale."""
        return self.executed.clipped

    @property
    def clipped_share(self) -> float:
        """Clipped samples as a fraction of all."""
        return self.executed.clipped / self.executed.samples

    @property
    def advice(self) -> str | None:
        """What to do about much clipping that the kernels or the offset bring about, or None."""
        if self.plan.finish.range != "clip" or not self.clipped:
            return None
        if border := _bright_border(self.plan):
            return border
        if self.clipped_share <= HINT_FROM_SHARE:
            return None
        reason = _why_clipped(self.plan)
        return f"{self.clipped_share:.1%} of the samples were clipped; {reason}" if reason else None


def _bright_border(plan: Plan) -> str | None:
    """Return what helps where a constant border is brighter than white, or None."""
    for step in plan.steps:
        for value in step.problem.border.value:
            if value > 1:
                times = format_number(value)
                return f"a border of {times} is {times} times white: constant:1 is white"
    return None


def _why_clipped(plan: Plan) -> str | None:
    """Return why any picture would be clipped, and what helps, or None."""
    if _cancels(plan):
        return (
            "the weights sum to 0, so half of the values are negative: "
            "--range abs or --range center keeps them"
        )
    offset = plan.finish.offset / Fraction(plan.finish.full)
    if abs(offset) > 1:
        times = format_number(offset)
        return f"an offset of {times} is {times} times white: --offset 0.5 is half of it"
    kernels = [stage.link.kernel for stage in plan.stages]
    gain = math.prod(
        float(kernel.gain) if isinstance(kernel, Kernel) else 1.0 for kernel in kernels
    )
    if gain > CLEARLY_BRIGHTER:
        return f"flat areas become {gain:.3g} times as bright: --normalize or --divisor keeps them"
    if gain < 0 and not offset:
        return (
            "flat areas become negative: turn the sign of the weights or of the divisor round, "
            "or use --range abs"
        )
    return None


def _cancels(plan: Plan) -> bool:
    """Whether about half of the values are negative."""
    for stage in reversed(plan.stages):
        kernel = stage.link.kernel
        if isinstance(kernel, Composite) and kernel.combine in RARELY_NEGATIVE:
            return False
        # With an offset the kernel's author has said already where the values shall lie.
        if kernel.is_zero_sum and not kernel.offset:
            return True
    return False


def plan_filtering(
    picture: Picture, kernels: Sequence[Filter], options: FilterOptions
) -> Filtering:
    """Plan to filter a picture with kernels one after another.

    It will be rounded and clipped once, at the end.

    Raises
    ------
    UsageError
        If there is no kernel, or nothing would be left of the picture.
    """
    chain = Chain.of(kernels, options)
    working = to_working(picture, chain)
    plan = make_plan(working.samples, working.chain, result_dtype=picture.dtype)
    return Filtering(picture, plan, working, working.finish(plan))


@overload
def apply(picture: Frames, kernels: Kernels, **options: Any) -> Frames: ...


@overload
def apply(picture: Picture | np.ndarray[Any, Any], kernels: Kernels, **options: Any) -> Picture: ...


def apply(
    picture: Picture | Frames | np.ndarray[Any, Any], kernels: Kernels, **options: Any
) -> Picture | Frames:
    """Return the picture filtered with kernels, one after another.

    Parameters
    ----------
    picture
        From `open_picture`, or an array of shape ``(H, W)`` or ``(H, W, C)``. Of frames,
        from `open_frames`, each is filtered when it is asked for.
    kernels
        Kernels; or texts as ``--kernel`` takes them; or paths.
    **options
        The fields of `FilterOptions`: border, padding, stride, range, alpha, linear …

    Returns
    -------
    Picture or Frames
        Of the picture's dtype; height and width depend on padding, dilation and stride.
        Integers are rounded and clipped once, after the last kernel; floats are not rounded,
        and clipped only if the range ``clip`` is asked for.

    Raises
    ------
    KernelError
        If a kernel is unknown or its file is wrong, or one that sums to 0 is to be normalized.
    PictureError
        If an array is no picture; if a file that is read in bands turns out to be damaged.
    UsageError
        If an argument or an option is wrong, an option does not suit the picture, or no pixel
        would be left. For frames, what concerns a picture is raised when it is asked for.
    """
    kinds = Picture | Frames | np.ndarray
    expect(picture, kinds, "a picture", "open a file with open_picture()")
    given = [kernels] if isinstance(kernels, Filter | str | os.PathLike) else kernels
    hint = 'name them, as in ["blur5", "sharpen"]'
    found = [filter_of(kernel) for kernel in expect(given, Iterable, "kernels", hint)]
    stated = FilterOptions.parse(**options)

    def filtered(one: Picture) -> Picture:
        return plan_filtering(one, found, stated).run().picture

    if isinstance(picture, Frames):
        return picture.map(filtered)
    return filtered(Picture.of_array(picture) if isinstance(picture, np.ndarray) else picture)
