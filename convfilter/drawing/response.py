"""The frequency response of a kernel: how much of each wave it lets through, as a picture."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from convfilter.drawing.colours import MUTED, peak_of, sequential
from convfilter.drawing.lettering import write, write_upwards
from convfilter.drawing.scale import draw_scale, scale_width, written
from convfilter.drawing.sheet import ABOVE, LABEL, paper
from convfilter.kernel import Kernel

SAMPLES = 384
"""Frequencies each way, and pixels; the picture shows one more, since both ends are drawn."""

TICKS = (-0.5, -0.25, 0.0, 0.25, 0.5)


def frequency_response(kernel: Kernel, samples: int = SAMPLES) -> NDArray[np.float64]:
    """Return the gain of a kernel for waves of all directions: ``|Σ weight·wave| ÷ |divisor|``.

    Parameters
    ----------
    samples
        Into how many steps the frequencies from -½ to ½ cycles per pixel are divided; even.

    Returns
    -------
    ndarray of float64, shape (samples + 1, samples + 1)
        Vertical frequencies by rows, downwards; the frequency 0 lies in the middle.
    """
    weights = kernel.weights.astype(np.float64)
    for axis in (0, 1):
        weights = _folded(weights, axis, samples)
    gains = np.abs(np.fft.fft2(weights, (samples, samples))) / abs(float(kernel.divisor))
    half = samples // 2
    around = np.arange(-half, half + 1) % samples
    return gains[np.ix_(around, around)]


def response_facts(kernel: Kernel) -> list[str]:
    """Say the gain at frequency zero, which is what becomes of flat areas, and the largest."""
    zero = float(kernel.sum) / float(kernel.divisor)
    shown = 0.0 if kernel.is_zero_sum else zero
    largest = frequency_response(kernel).max()
    return [f"gain {written(shown)} at frequency 0 · largest {written(largest)}"]


def draw_response(kernel: Kernel) -> Image.Image:
    """Draw the plot with its axes and its bar."""
    gains = frequency_response(kernel)
    peak = peak_of(gains)
    side = SAMPLES + 1
    left, top, right = 92, ABOVE, 28
    bar = left + side + right
    canvas = paper(bar + scale_width(0, peak), top + side + 70)
    canvas.paste(Image.fromarray(sequential(gains / peak)), (left, top))
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((left - 1, top - 1, left + side, top + side), outline=MUTED)
    for frequency in TICKS:
        away = round((frequency + 0.5) * SAMPLES)
        pen.line((left + away, top + side, left + away, top + side + 6), MUTED)
        pen.line((left - 7, top + away, left - 2, top + away), MUTED)
        text = written(frequency)
        write(canvas, (left + away, top + side + 18), text, LABEL, align="middle")
        write(canvas, (left - 13, top + away), text, LABEL, align="right")
    middle = SAMPLES // 2
    across = "cycles per pixel, across"
    write(canvas, (left + middle, top + side + 48), across, LABEL, MUTED, "middle")
    write_upwards(canvas, (18, top + middle), "cycles per pixel, down", LABEL, MUTED)
    draw_scale(canvas, (bar, top, side), 0, peak, lambda values: sequential(values / peak))
    write(canvas, (bar, top + side + 18), "gain", LABEL, MUTED)
    return canvas


def _folded(weights: NDArray[np.float64], axis: int, samples: int) -> NDArray[np.float64]:
    """Add what lies ``samples`` cells apart: waves of these frequencies repeat after as many."""
    length = weights.shape[axis]
    if length <= samples:
        return weights
    turns = math.ceil(length / samples)
    rest = [(0, 0), (0, 0)]
    rest[axis] = (0, turns * samples - length)
    padded = np.moveaxis(np.pad(weights, rest), axis, 0)
    return np.moveaxis(padded.reshape(turns, samples, -1).sum(axis=0), 0, axis)
