"""Folders: 240 JPEGs of 768×512 through a 5×5 box, two at a time, and five thousand for memory."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.engine import Row, random_picture
from benchmarks.timing import Work, command, interleave

FILES = 240
MANY = 5000
EARLY = 500
"""Files after which nothing new should be needed."""

ONES = ",".join("1" * 25)

VIPS = """
ls *.jpg | xargs -P2 -I{{}} vips conv {{}} '{target}/{{}}[Q=92]' {matrix} --precision integer
"""

OPENCV = """
import multiprocessing, os, sys
import cv2, numpy

def blur(name):
    picture = cv2.imread(os.path.join(sys.argv[1], name))
    blurred = cv2.filter2D(picture, -1, KERNEL, borderType=cv2.BORDER_REPLICATE)
    cv2.imwrite(os.path.join(sys.argv[2], name), blurred, [cv2.IMWRITE_JPEG_QUALITY, 92])

KERNEL = numpy.ones((5, 5), numpy.float32) / 25
cv2.setNumThreads(1)
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(blur, os.listdir(sys.argv[1]))
"""


def batches(folder: Path, runs: int, quick: bool) -> Iterator[Row | str]:
    """Compare with other ways to filter a folder; peers that are missing are named."""
    source, target = folder / "pictures", folder / "results"
    yield make_pictures(source, FILES // 4 if quick else FILES)

    def empty_target() -> None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()

    two = _ours(source, target, 2)
    for name, (work, must, aim) in _peers(source, target, folder).items():
        if not work:
            yield f"{name} is not installed: skipped"
            continue
        pair = interleave(two, work, runs, before=empty_target)
        yield Row("batch", "JPEGs, blur5, 2 workers", name, pair.ours, pair.peer, must, aim)
    pair = interleave(two, _ours(source, target, 1), runs, before=empty_target)
    yield Row("batch", "JPEGs, blur5, 2 workers", "1 worker", pair.ours, pair.peer, 0.6, 0.53)
    early, late = growth(source, folder, MANY // 10 if quick else MANY)
    yield f"memory of a worker: {early / 1e6:.0f} MB early, {late / 1e6:.0f} MB at the end"
    yield Row("batch", "memory, late", "early", late / 1e9, early / 1e9, 1.05, 1.0)


def make_pictures(folder: Path, count: int) -> str:
    """Make JPEGs, of photographs if there are some; return what they are of."""
    folder.mkdir()
    corpus = Path(os.environ.get("CONVFILTER_CORPUS", "")) / "photos"
    paths = sorted(corpus.glob("*.png")) if corpus.is_dir() else []
    if paths:
        pictures = [Image.open(path).convert("RGB").resize((768, 512)) for path in paths]
    else:
        pictures = [Image.fromarray(random_picture(0.006)).resize((768, 512))]
    for number, picture in zip(range(count), itertools.cycle(pictures), strict=False):
        picture.save(folder / f"{number:04}.jpg", quality=92)
    return f"{count} JPEGs of {'photographs' if paths else 'smooth noise'}"


def _ours(source: Path, target: Path, workers: int) -> Work:
    options = ["-k", "blur5", "-j", str(workers), "--quality", "92", "-q"]
    program = [sys.executable, "-m", "convfilter", "batch"]
    return command([*program, str(source), "-o", str(target), *options])


def _peers(source: Path, target: Path, folder: Path) -> dict[str, tuple[Work | None, float, float]]:
    matrix, script = folder / "box.mat", folder / "pool.py"
    matrix.write_text("5 5 25 0\n" + "1 1 1 1 1\n" * 5)
    script.write_text(OPENCV)
    shell = f"cd {source} && " + VIPS.strip().format(target=target, matrix=matrix)
    kernel = ["-define", "convolve:scale=!", "-morphology", "Convolve", f"5x5:{ONES}"]
    files = sorted(map(str, source.glob("*.jpg")))
    mogrify = ["mogrify", "-path", str(target), *kernel, "-quality", "92", *files]
    pool = [sys.executable, str(script), str(source), str(target)]
    return {
        "xargs -P2 vips": (
            command(["sh", "-c", shell]) if shutil.which("vips") else None,
            0.35,
            0.2,
        ),
        "mogrify": (command(mogrify) if shutil.which("mogrify") else None, 0.3, 0.15),
        "OpenCV, pool of 2": (command(pool), 1.2, 1.0),
    }


def growth(source: Path, folder: Path, files: int) -> tuple[int, int]:
    """Return the bytes of a worker after `EARLY` files, or a tenth, and at the end."""
    many, report = folder / "many", folder / "report.jsonl"
    many.mkdir()
    for number, path in zip(range(files), itertools.cycle(sorted(source.iterdir())), strict=False):
        os.link(path, many / f"{number}.jpg")
    options = ["-k", "blur5", "-j", "1", "-q", "--report", str(report)]
    program = [sys.executable, "-m", "convfilter", "batch", str(many)]
    process = subprocess.Popen([*program, "-o", str(folder / "grown"), *options])
    early = late = 0
    while process.poll() is None:
        done = report.read_bytes().count(b"\n") if report.exists() else 0
        size = _worker_bytes(process.pid)
        if done >= min(EARLY, files // 10) and size:
            early, late = early or size, size
        time.sleep(0.2)
    if process.returncode or json.loads(report.read_bytes().splitlines()[-1])["error"]:
        raise RuntimeError("the batch failed")
    return early, late


def _worker_bytes(parent: int) -> int:
    """Return the memory of a process and its children; 0 when they have ended."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        pages = [int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in [parent, *children]]
    except OSError:
        return 0
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") if children else 0
