"""Draws the sample pictures beside it; run it again after a change: ``python samples/draw.py``.

Every picture is made here from numbers, so that the project ships none of unknown origin.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).parent
Floats = NDArray[np.float64]

WIDTH, HEIGHT = 960, 640
FINE = 2
"""The scene is drawn so many times larger, then made smaller, for smooth edges."""


def main() -> None:
    """Draw every sample."""
    exif = Image.Exif()
    exif[0x0131] = "samples/draw.py"  # Software
    exif[0x010E] = "A drawn scene: sky, hills, water, balloons, a fence and a star"
    scene = draw_scene()
    scene.save(FOLDER / "scene.jpg", quality=92, subsampling=0, dpi=(300, 300), exif=exif)
    draw_disc().save(FOLDER / "disc.png", optimize=True)
    draw_ramp_16().save(FOLDER / "ramp16.png", optimize=True)
    Image.fromarray(square_10()).save(FOLDER / "square-10x10.png")
    Image.fromarray(numbers_4()).save(FOLDER / "numbers-4x4.png")


def square_10() -> NDArray[np.uint8]:
    """Return a square of ones in a field of zeros: the picture that the textbooks convolve."""
    field = np.zeros((10, 10), np.uint8)
    field[3:7, 3:7] = 1
    return field


def numbers_4() -> NDArray[np.uint8]:
    """Return the numbers 1 to 16, row by row."""
    return np.arange(1, 17, dtype=np.uint8).reshape(4, 4)


def draw_disc() -> Image.Image:
    """Draw a red disc with a soft rim on transparent green, which must not bleed in."""
    y, x = np.mgrid[0:240, 0:320] + 0.5
    alpha = np.clip((90 - np.hypot(x - 160, y - 120)) / 12, 0, 1)
    shade = np.clip(1 - np.hypot(x - 130, y - 90) / 260, 0, 1)
    rgba = np.zeros((240, 320, 4))
    rgba[..., 1] = 255
    inside = alpha > 0
    rgba[inside, 0], rgba[inside, 1], rgba[inside, 2] = 235, 0, 0
    rgba[..., 0] *= np.where(inside, 0.6 + 0.4 * shade, 1)
    rgba[..., 3] = 255 * alpha
    return Image.fromarray((rgba + 0.5).astype(np.uint8))


def draw_ramp_16() -> Image.Image:
    """Draw a smooth 16-bit ramp with a disc whose edge needs more than 8 bits."""
    y, x = np.mgrid[0:160, 0:256]
    levels = x * 257.0
    levels += 9000 * np.exp(-((x - 128) ** 2 + (y - 80) ** 2) / 900)
    return Image.fromarray(np.clip(levels, 0, 65535).astype(np.uint16))


def draw_scene() -> Image.Image:
    """Draw texture, fine lines, soft gradients, saturated colours and text in one picture."""
    size = WIDTH * FINE, HEIGHT * FINE
    canvas = Image.fromarray(_sky_hills_and_water(*size))
    draw = ImageDraw.Draw(canvas)
    _fence(draw, *size)
    _balloon(canvas, (0.20, 0.30), 0.105, (226, 33, 48), (255, 196, 30))
    _balloon(canvas, (0.46, 0.19), 0.075, (20, 92, 214), (244, 244, 240))
    _balloon(canvas, (0.63, 0.36), 0.055, (0, 150, 96), (240, 120, 20))
    _star(draw, (0.885, 0.80), 0.105, *size)
    _words(draw, *size)
    return canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _noise(shape: tuple[int, int], cell: int, seed: int) -> Floats:
    """Return smooth noise between -1 and 1 with features of about ``cell`` pixels."""
    random = np.random.default_rng(seed)
    coarse = random.random((shape[0] // cell + 2, shape[1] // cell + 2)) * 255
    image = Image.fromarray(coarse.astype(np.uint8))
    smooth = image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(smooth) / 127.5 - 1


def _sky_hills_and_water(width: int, height: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / width, y / height
    sky = _blend((70, 130, 205), (253, 214, 170), np.clip(v / 0.62, 0, 1) ** 1.3)
    sun = np.exp(-(((u - 0.78) * 1.5) ** 2 + (v - 0.30) ** 2) / 0.012)
    sky += sun[..., None] * np.array((60.0, 55.0, 25.0))
    clouds = np.clip(
        sum(_noise((height, width), c * FINE, c) / n for n, c in ((1, 90), (2, 30))), 0, 1
    )
    sky += (clouds * np.exp(-(((v - 0.22) / 0.16) ** 2)))[..., None] * 60
    picture: Any = sky
    layers = (
        (0.52, 0.06, 3.1, (124, 140, 170)),
        (0.60, 0.05, 5.3, (84, 112, 110)),
        (0.68, 0.045, 8.7, (52, 84, 52)),
    )
    for number, (base, swing, waves, colour) in enumerate(layers):
        ridge = base + swing * (
            np.sin(u * waves + number) + 0.5 * np.sin(u * waves * 2.7 + 2 * number)
        )
        ridge += 0.004 * _noise((1, width), 6 * FINE, 40 + number)
        grain = _noise((height, width), (4 - number) * FINE, 50 + number) * (8 + 9 * number)
        land = np.array(colour) + grain[..., None] + (ridge - v)[..., None] * -60
        picture = np.where((v > ridge)[..., None], land, picture)
    shore = 0.79
    depth = np.clip((v - shore) / (1 - shore), 0, 1)
    ripple = np.sin(v * (400 + 500 * (1 - depth)) + 3 * _noise((height, width), 40 * FINE, 70))
    water = _blend((150, 170, 190), (22, 60, 96), depth) + (ripple * (6 + 16 * depth))[..., None]
    glint = np.exp(-(((u - 0.78) / 0.05) ** 2)) * (0.5 + 0.5 * ripple)
    water += glint[..., None] * np.array((95.0, 75.0, 40.0))
    picture = np.where((v > shore)[..., None], water, picture)
    pixels: NDArray[np.uint8] = (np.clip(picture, 0, 255) + 0.5).astype(np.uint8)
    return pixels


def _blend(first: tuple[int, int, int], second: tuple[int, int, int], share: Floats) -> Floats:
    return np.array(first) * (1 - share[..., None]) + np.array(second) * share[..., None]


def _fence(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """Draw posts that come closer and closer: fine lines for a filter to bite on."""
    x, gap = 0.02, 0.020
    while gap > 0.0021:
        for part, colour in ((0.0, (244, 240, 228)), (gap * 0.45, (70, 56, 44))):
            left = (x + part) * width
            draw.rectangle((left, 0.735 * height, left + gap * 0.45 * width, 0.84 * height), colour)
        x, gap = x + gap, gap * 0.965
    draw.rectangle((0.02 * width, 0.755 * height, x * width, 0.762 * height), (226, 220, 204))
    draw.rectangle((0.02 * width, 0.812 * height, x * width, 0.819 * height), (226, 220, 204))


def _balloon(
    canvas: Image.Image,
    centre: tuple[float, float],
    radius: float,
    first: tuple[int, int, int],
    second: tuple[int, int, int],
) -> None:
    width, height = canvas.size
    r = radius * width
    cx, cy = centre[0] * width, centre[1] * height
    y, x = np.mgrid[0 : int(2.2 * r), 0 : int(2.2 * r)] - 1.1 * r
    narrowing = 1 - 0.22 * np.clip(y / r, 0, 1) ** 2
    distance = np.hypot(x / narrowing, y * 0.94)
    longitude = np.arcsin(
        np.clip(x / narrowing / np.maximum(np.sqrt(np.maximum(r**2 - y**2, 1)), 1), -1, 1)
    )
    gores = (np.floor((longitude / np.pi + 0.5) * 9) % 2)[..., None]
    shade = 0.62 + 0.5 * np.clip(1 - np.hypot(x + 0.35 * r, y + 0.4 * r) / (1.7 * r), 0, 1)
    body = (np.array(first) * (1 - gores) + np.array(second) * gores) * shade[..., None]
    mask = np.clip((r - distance) + 0.5, 0, 1) * 255
    place = int(cx - 1.1 * r), int(cy - 1.1 * r)
    draw = ImageDraw.Draw(canvas)
    basket = cy + 1.42 * r
    for side in (-0.5, -0.17, 0.17, 0.5):
        draw.line((cx + side * r, cy + 0.9 * r, cx + side * 0.35 * r, basket), (60, 44, 32), FINE)
    draw.rectangle((cx - 0.17 * r, basket, cx + 0.17 * r, basket + 0.22 * r), (120, 78, 42))
    image = Image.fromarray(np.clip(body, 0, 255).astype(np.uint8))
    canvas.paste(image, place, Image.fromarray(mask.astype(np.uint8)))


def _star(
    draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, width: int, height: int
) -> None:
    """Draw a Siemens star, whose spokes meet below the size of a pixel."""
    cx, cy, r = centre[0] * width, centre[1] * height, radius * width
    draw.ellipse((cx - r * 1.06, cy - r * 1.06, cx + r * 1.06, cy + r * 1.06), (250, 250, 246))
    for spoke in range(36):
        draw.pieslice((cx - r, cy - r, cx + r, cy + r), spoke * 10, spoke * 10 + 5, (18, 18, 22))


def _words(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    font = ImageFont.load_default(0.082 * height)
    draw.text((0.30 * width, 0.865 * height), "convfilter", (255, 255, 255), font)
    small = ImageFont.load_default(0.024 * height)
    line = "the quick brown fox jumps over the lazy dog 0123456789"
    draw.text((0.303 * width, 0.955 * height), line, (226, 232, 240), small)


if __name__ == "__main__":
    main()
