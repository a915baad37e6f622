"""Where the window of a link lies: sizes, steps and the pixel under the origin."""

from typing import Self

from convfilter.chain import Link
from convfilter.composite import Composite
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.options import Pair
from convfilter.recipe import AnyKernel


@frozen
class Laying:
    """How the kernels of one link lie on what they filter; each pair is (rows, columns).

    Parameters
    ----------
    size
        Of what is filtered.
    shape, origin
        Cells of the window that all kernels of the link fit in, as they lie on the
        picture, and the cell of it that lies on the output pixel.
    before, after
        Pixels of border above and left, below and right.
    """

    size: Pair
    shape: Pair
    origin: Pair
    dilation: Pair
    stride: Pair
    before: Pair
    after: Pair

    @classmethod
    def of(cls, link: Link, size: Pair) -> Self:
        """Lay a link on a picture of a size."""
        kernels = [kernel.laid_for("correlate") for kernel in matrices_of(link.kernel)]
        above, left = (max(kernel.origin[axis] for kernel in kernels) for axis in (0, 1))
        below, right = (
            max((kernel.rows, kernel.columns)[axis] - kernel.origin[axis] for kernel in kernels)
            for axis in (0, 1)
        )
        shape, origin = (above + below, left + right), (above, left)
        options = link.options
        sides = [
            _sides(options.padding, axis, shape[axis], origin[axis], options.dilation[axis])
            for axis in (0, 1)
        ]
        (top, bottom), (first, last) = sides
        return cls(
            size, shape, origin, options.dilation, options.stride, (top, first), (bottom, last)
        )

    @property
    def result_size(self) -> Pair:
        """Height and width of the result."""
        down, across = (
            -(-(self.size[n] + self.before[n] + self.after[n] - self.reach[n]) // self.stride[n])
            for n in (0, 1)
        )
        return down, across

    @property
    def reach(self) -> Pair:
        """Pixels from the first row and column of the window to the last."""
        return (self.shape[0] - 1) * self.dilation[0], (self.shape[1] - 1) * self.dilation[1]

    def first(self, place: Pair) -> Pair:
        """Return the pixel under the window's first cell, for a pixel of the result."""
        y, x = (place[n] * self.stride[n] - self.before[n] for n in (0, 1))
        return y, x

    def under(self, place: Pair) -> Pair:
        """Return the pixel under the origin; it may lie outside the picture."""
        first = self.first(place)
        y, x = (first[n] + self.origin[n] * self.dilation[n] for n in (0, 1))
        return y, x

    @property
    def border_share(self) -> float:
        """Pixels of the result whose window leaves the picture, as a fraction of all."""
        inside = [self._inside(axis) for axis in (0, 1)]
        height, width = self.result_size
        return 1 - inside[0] * inside[1] / (height * width)

    def _inside(self, axis: int) -> int:
        """Count the rows or columns of the result whose window lies wholly on the picture."""
        stride, before = self.stride[axis], self.before[axis]
        lowest = -(-before // stride)
        highest = (self.size[axis] - 1 - self.reach[axis] + before) // stride
        return max(0, min(highest, self.result_size[axis] - 1) - lowest + 1)


def _sides(padding: str | tuple[Pair, Pair], axis: int, cells: int, origin: int, step: int) -> Pair:
    """Return the pixels of border before and after along one axis."""
    if not isinstance(padding, str):
        return padding[axis]
    reach = cells - 1
    named = {"same": (origin, reach - origin), "valid": (0, 0), "full": (reach, reach)}
    before, after = named[padding]
    return before * step, after * step


def matrices_of(kernel: AnyKernel) -> tuple[Kernel, ...]:
    """Return every matrix of a kernel."""
    if isinstance(kernel, Composite):
        return kernel.kernels
    if isinstance(kernel, MixingKernel):
        return tuple(matrix for row in kernel.matrices for matrix in row)
    return (kernel,)
