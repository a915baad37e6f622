"""Whole commands: a JPEG in, a 5×5 box, a JPEG out at quality 92."""

import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.engine import Row, random_picture
from benchmarks.timing import Cost, command, cost_of, interleave

OPENCV = """
import sys, cv2, numpy
picture = cv2.imread(sys.argv[1])
blurred = cv2.filter2D(picture, -1, numpy.ones((5, 5), numpy.float32) / 25,
                       borderType=cv2.BORDER_REPLICATE)
cv2.imwrite(sys.argv[2], blurred, [cv2.IMWRITE_JPEG_QUALITY, 92])
"""
PILLOW = """
import sys
from PIL import Image, ImageFilter
Image.open(sys.argv[1]).filter(ImageFilter.Kernel((5, 5), [1] * 25)).save(sys.argv[2], quality=92)
"""
ONES = ",".join("1" * 25)


def peers(source: str, folder: Path) -> dict[str, tuple[list[str], float, float]]:
    """Return each peer's command, and the bounds on our time as a multiple of its time."""
    target = str(folder / "peer.jpg")
    matrix = folder / "box.mat"
    matrix.write_text("5 5 25 0\n" + "1 1 1 1 1\n" * 5)
    vips = ["vips", "conv", source, f"{target}[Q=92]", str(matrix), "--precision", "integer"]
    graphics = ["gm", "convert", source, "-convolve", ONES, "-quality", "92", target]
    magick = ["convert", source, "-define", "convolve:scale=!", "-morphology", "Convolve"]
    ffmpeg = ["ffmpeg", "-y", "-i", source, "-vf"]
    box = " ".join("1" * 25)
    convolution = ":".join([f"{plane}m={box}" for plane in range(4)])
    return {
        "OpenCV script": ([sys.executable, "-c", OPENCV, source, target], 1.1, 1.0),
        "vips conv": (vips, 1.2, 1.0),
        "GraphicsMagick": (graphics, 0.4, 0.25),
        "ImageMagick": ([*magick, f"5x5:{ONES}", "-quality", "92", target], 0.4, 0.25),
        "ffmpeg": ([*ffmpeg, f"convolution={convolution}", "-q:v", "2", target], 1.0, 1.0),
        "Pillow script": ([sys.executable, "-c", PILLOW, source, target], 0.4, 0.25),
    }


def is_there(arguments: list[str]) -> bool:
    """Whether a peer is installed; a stand-in that cannot convolve does not count."""
    if not shutil.which(arguments[0]):
        return False
    try:
        command(arguments)()
    except Exception:
        return False
    return True


def commands(folder: Path, megapixels: float, runs: int) -> Iterator[Row | str]:
    """Compare whole commands; peers that are missing are named."""
    source, small = str(folder / "in.jpg"), str(folder / "small.jpg")
    picture = Image.fromarray(random_picture(megapixels / 64))
    picture.resize((picture.width * 8, picture.height * 8)).save(source, quality=92)
    picture.resize((768, 512)).save(small, quality=92)
    program = [sys.executable, "-m", "convfilter", "apply"]
    ours = [*program, source, str(folder / "out.jpg"), "-k", "blur5", "--force"]
    for name, (arguments, must, aim) in peers(source, folder).items():
        if not is_there(arguments):
            yield f"{name} is not installed: skipped"
            continue
        pair = interleave(command(ours), command(arguments), runs)
        theirs = cost_of(arguments)
        yield f"{name}: {theirs.cpu:.2f} s of processor, peak {theirs.peak / 1e6:.0f} MB"
        yield Row("apply", "JPEG → JPEG, blur5", name, pair.ours, pair.peer, must, aim)
    costs = [cost_of(ours) for _ in range(runs)]
    cost = _median(costs)
    yield f"convfilter: {cost.cpu:.2f} s of processor, peak {cost.peak / 1e6:.0f} MB"
    yield Row("apply", "peak memory in MB", "one", cost.peak / 1e6, 1, 260, 220)
    pair = interleave(
        command([*program, small, str(folder / "out.jpg"), "-k", "blur5", "--force"]),
        command([sys.executable, "-c", "import numpy, PIL.Image, click"]),
        max(runs, 5),
    )
    yield Row("apply", "768×512 JPEG", "importing alone", pair.ours, pair.peer, 1.25, 1.1)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        int(statistics.median(cost.peak for cost in costs)),
    )
