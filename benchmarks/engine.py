"""The engine against OpenCV, SciPy and Pillow, array to array."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import convfilter
from benchmarks.timing import interleave
from convfilter.registry.catalogue import get_single_kernel

THREADS = 2


@dataclass(frozen=True)
class Row:
    """One measurement: what was done, by whom, the seconds of both, and the bounds on the ratio."""

    group: str
    work: str
    peer: str
    ours: float
    theirs: float
    must: float | None = None
    aim: float | None = None
    algorithm: str = ""

    @property
    def ratio(self) -> float:
        """Our time as a multiple of the peer's; or what a row without a peer says."""
        return self.ours / self.theirs

    @property
    def verdict(self) -> str:
        """Whether the bounds are kept."""
        if self.must is None:
            return ""
        if self.aim is not None and self.ratio <= self.aim:
            return "aim reached"
        return "kept" if self.ratio <= self.must else "FALLS SHORT"


def random_picture(megapixels: float, dtype: str = "uint8", channels: int = 3) -> NDArray[Any]:
    """Make noise of 3:2 proportions."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    shape = (height, round(height * 1.5), channels)
    noise = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    if dtype == "uint16":
        return noise.astype(np.uint16) * 257
    return noise.astype(np.float32) / 255 if dtype == "float32" else noise


def against_filter2d(
    group: str,
    name: str,
    picture: NDArray[Any],
    kernel: convfilter.Kernel,
    runs: int,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Row:
    """Compare with OpenCV's filter2D on the same matrix, border and range."""
    import cv2

    cv2.setNumThreads(THREADS)
    matrix = (kernel.weights / float(kernel.divisor)).astype(np.float32)
    value_range = None if picture.dtype.kind == "f" else "clip"
    plan = convfilter.plan(picture.shape, picture.dtype, kernel)
    pair = interleave(
        lambda: convfilter.convolve(picture, kernel, range=value_range, workers=THREADS),
        lambda: cv2.filter2D(picture, -1, matrix, borderType=cv2.BORDER_REPLICATE),
        runs,
    )
    return Row(group, name, "OpenCV filter2D", pair.ours, pair.peer, *bounds, plan.algorithm)


BUILT_IN = (
    *("blur3", "blur5", "blur7", "blur9", "diagonal", "edge", "emboss", "gaussian3", "gaussian5"),
    *("gaussian7", "identity", "laplacian4", "line-anti-diagonal", "motion-h", "prewitt-x"),
    *("prewitt-y", "sharpen", "sharpen8", "sobel-x", "sobel-y"),
)
"""One of each kind, and always the same, so that geometric means can be compared."""


def built_in(megapixels: float, dtype: str, runs: int) -> Iterator[Row]:
    """Compare twenty built-in kernels, then the geometric mean."""
    picture = random_picture(megapixels, dtype)
    must, aim = (1.0, 0.7) if dtype == "uint8" else (1.5, 1.0)
    worst = 1.7 if dtype == "uint8" else None
    rows = []
    for name in BUILT_IN:
        kernel = get_single_kernel(name)
        group = f"built-in, {dtype}"
        rows.append(against_filter2d(group, name, picture, kernel, runs, (worst, None)))
        yield rows[-1]
    mean = statistics.geometric_mean(row.ratio for row in rows)
    yield Row(f"built-in, {dtype}", "geometric mean", "OpenCV filter2D", mean, 1.0, must, aim)


DENSE = {
    3: (2.6, 1.5),
    5: (2.4, 1.2),
    9: (1.5, 1.0),
    15: (0.5, 0.3),
    31: (0.45, 0.3),
    63: (0.4, 0.3),
    101: (0.45, 0.3),
}


def dense(megapixels: float, runs: int) -> Iterator[Row]:
    """Compare random float kernels."""
    picture = random_picture(megapixels)
    random = np.random.default_rng(2)
    for side, bounds in DENSE.items():
        weights = random.random((side, side))
        kernel = convfilter.Kernel(weights / weights.sum())
        name = f"random float {side}×{side}"
        yield against_filter2d("dense", name, picture, kernel, runs, bounds)


def gaussians(megapixels: float, runs: int) -> Iterator[Row]:
    """Compare Gaussians cut off at four standard deviations."""
    picture = random_picture(megapixels)
    for sigma in (2, 5, 10, 20):
        steps = np.arange(-4 * sigma, 4 * sigma + 1)
        row = np.exp(-(steps**2) / (2 * sigma**2))
        kernel = convfilter.Kernel(np.outer(row, row) / row.sum() ** 2)
        name = f"Gaussian σ = {sigma}"
        yield against_filter2d("gaussian", name, picture, kernel, runs, (0.5, 0.25))


def against_scipy(megapixels: float, runs: int) -> Iterator[Row]:
    """Compare with scipy.ndimage.correlate, channel by channel, on the same dtype."""
    from scipy import ndimage

    for dtype in ("uint8", "float32"):
        picture = random_picture(megapixels, dtype)
        for name in ("blur5", "gaussian7", "sharpen"):
            kernel = get_single_kernel(name)
            weights = kernel.weights[:, :, None] / float(kernel.divisor)
            pair = interleave(
                partial(convfilter.convolve, picture, kernel, workers=THREADS),
                partial(ndimage.correlate, picture, weights, mode="nearest"),
                max(1, runs // 3),
            )
            row = Row(
                "scipy", f"{name}, {dtype}", "scipy.ndimage", pair.ours, pair.peer, 0.15, 0.05
            )
            yield row


def growth(runs: int, quick: bool) -> Iterator[Row]:
    """Compare times for a pixel: of large pictures with small ones, of large boxes with small."""
    kernel = get_single_kernel("gaussian5")
    small, large = (random_picture(size) for size in ((4, 24) if quick else (4, 100)))
    pair = interleave(
        lambda: convfilter.convolve(large, kernel, workers=THREADS),
        lambda: convfilter.convolve(small, kernel, workers=THREADS),
        runs,
    )
    pixels = large.size / small.size
    yield Row("growth", "large picture, a pixel", "4 Mpx", pair.ours / pixels, pair.peer, 1.2, 1.0)
    picture = random_picture(4 if quick else 24)
    times = {}
    for side in (3, 5, 9, 15, 31, 63, 101):
        box = convfilter.Kernel(np.ones((side, side), int), divisor=side * side)
        pair = interleave(
            partial(convfilter.convolve, picture, box, workers=THREADS),
            lambda: None,
            runs,
        )
        times[side] = pair.ours
    slowest, fastest = max(times.values()), min(times.values())
    yield Row("growth", "box 3×3 to 101×101", "its own fastest", slowest, fastest, 2.5, 1.5)
