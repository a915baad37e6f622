"""Makes the pictures at the top of the README: ``python -m docs.make_examples``."""

import shlex
from pathlib import Path

from PIL import Image

from convfilter.cli.main import cli
from convfilter.picture import Picture
from convfilter.pictures.reading import open_picture

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images" / "examples"
SCENE = ROOT / "samples" / "scene.jpg"
COMMAND = "python -m docs.make_examples"

EXAMPLES = {
    "scene": "-k identity",
    "blur": "-k gaussian:sigma=3",
    "motion": "-k motion:length=15,angle=30",
    "sharpen": "-k unsharp:sigma=1.5,amount=0.8",
    "edges": "-k gaussian3 -k sobel",
    "emboss": "-k emboss",
    "sketch": "-k sketch",
    "relief": "-k relief-ne",
}
"""What is done to the scene for each picture; the README shows the same."""

SIZE = (240, 160)


def make(name: str, folder: Path) -> Picture:
    """Run the program as the README says, on the scene as small as it is shown there."""
    small, output = folder / "small.png", folder / f"{name}.png"
    with Image.open(SCENE) as scene:
        scene.resize(SIZE, Image.Resampling.BOX).save(small)
    words = ["apply", str(small), str(output), *shlex.split(EXAMPLES[name]), "--force", "-q"]
    try:
        cli(words, prog_name="convfilter")
    except SystemExit as end:
        if end.code:
            raise
    return open_picture(output)


def path_of(name: str) -> Path:
    """Return the file of a picture."""
    return IMAGES / f"{name}.webp"


def main() -> None:
    """Write the pictures."""
    from tempfile import TemporaryDirectory

    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for name in EXAMPLES:
            made = Image.fromarray(make(name, Path(folder)).array).convert("RGB")
            made.save(path_of(name), quality=90, method=6)


if __name__ == "__main__":
    main()
