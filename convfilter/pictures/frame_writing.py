"""From frames to a file: an animation or pages, as the format has them, or why not."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from convfilter.arguments import expect, path_name
from convfilter.atomic import Attributes, write_atomically
from convfilter.errors import OutputError
from convfilter.frames import FOREVER, Frames
from convfilter.picture import Picture
from convfilter.pictures.animation import DEFAULT_DURATION, Playing, Shown
from convfilter.pictures.apng import write_apng
from convfilter.pictures.depth import Outside
from convfilter.pictures.extras import load_plugin
from convfilter.pictures.formats import Format, usable_formats
from convfilter.pictures.gif import gif_duration, write_gif
from convfilter.pictures.tiff_pages import TiffPages
from convfilter.pictures.write_options import WriteOptions, checked
from convfilter.pictures.writing import (
    at_written_depth,
    check_holds,
    encode_image,
    output_format,
    prepare,
    prepared_writing,
    save_picture,
)

MOST_PLAYS = {"gif": 65_536, "webp": 65_535, "png": 2**31 - 1}
"""How often an animation of a format can play, where it can say."""

JOINS_EQUAL_FRAMES = frozenset({"webp"})
"""Formats whose encoder shows a frame for longer instead of repeating it."""


def save_frames(
    frames: Frames,
    path: str | os.PathLike[str],
    options: WriteOptions | None = None,
    attributes: Attributes | None = None,
) -> tuple[str, ...]:
    """Write frames to a file, which appears whole or not at all.

    Parameters
    ----------
    frames
        From `open_frames` or `apply`; each is made when it is written. A single one is
        written as `save_picture` does.
    path, options, attributes
        As `save_picture` takes them.

    Returns
    -------
    tuple of str
        What the format could not hold, each a sentence.

    Raises
    ------
    OutputError
        As `save_picture`, and if the format cannot hold several pictures, or these.
    PictureError
        If a frame cannot be read or filtered when it is asked for.
    UsageError
        If an argument is something else than it should be.
    """
    expect(frames, Frames, "frames", "open_frames() reads some; save_picture() writes one picture")
    options, name = checked(options), path_name(path)
    if frames.count == 1:
        return save_picture(frames.first, name, options, attributes)
    entry = output_format(name, options.format)
    check_holds_several(frames.count, entry)
    notes: list[str] = []
    write_atomically(
        name,
        lambda stream: notes.extend(write_frames(frames, entry, options, stream)),
        overwrite=options.overwrite,
        accept_same=options.accept_same,
        attributes=attributes,
    )
    return tuple(notes)


def check_holds_several(count: int, entry: Format) -> None:
    """Refuse a format that has no frames or pages.

    Raises
    ------
    OutputError
        With the formats that have, and the option for one frame alone.
    """
    if count > 1 and entry.several is None:
        able = ", ".join(other.name for other in usable_formats() if other.several)
        raise OutputError(
            f"{entry.name.upper()} cannot hold {count} frames",
            "it holds one picture",
            f"use --frames first, or write {able}",
        )


def write_frames(
    frames: Frames, entry: Format, options: WriteOptions, stream: BinaryIO
) -> tuple[str, ...]:
    """Write several frames into a stream that can be sought in; return what was lost."""
    notes = dict.fromkeys(_losses(frames, entry))
    if entry.several == "pages":
        _write_pages(frames, entry, options, notes, stream)
        return tuple(notes)
    shown = _shown(frames, entry, options, notes)
    plays = FOREVER if frames.plays is None else frames.plays
    playing = Playing(min(plays, MOST_PLAYS.get(entry.name, FOREVER)), frames.has_cover)
    match entry.name:
        case "gif":
            write_gif(shown, playing, stream)
        case "png":
            write_apng(shown, playing, frames.count, stream)
        case _:
            _write_by_pillow(shown, playing, entry, notes, stream)
    return tuple(notes)


def _losses(frames: Frames, entry: Format) -> Iterator[str]:
    """Say what of an animation, apart from its pictures, a format cannot hold."""
    name = entry.name.upper()
    if entry.several == "pages":
        if frames.plays is not None:
            yield f"{name} has pages and no animation: durations and loop were left out"
    elif frames.plays is None:
        yield f"its pages became frames of {DEFAULT_DURATION:g} ms each, repeated forever"
    elif frames.plays > MOST_PLAYS.get(entry.name, FOREVER):
        yield f"{name} cannot say how often an animation plays ({frames.plays}): left out"
    if frames.has_cover and entry.name != "png" and entry.several == "animation":
        yield f"{name} has no picture for viewers without animation: it was left out"


def _shown(
    frames: Frames, entry: Format, options: WriteOptions, notes: dict[str, None]
) -> Iterator[Shown]:
    first: Image.Image | None = None
    outside = Outside()
    for number, picture in enumerate(frames):
        if frames.has_cover and number == 0 and entry.name != "png":
            continue
        converted, found = at_written_depth(picture, entry, options)
        outside += found
        _check_no_deep_animation(converted, entry, options)
        image, settings, told = prepare(converted, entry, options)
        notes |= dict.fromkeys(told)
        first = first or image
        _check_fits(image, first, number, entry)
        duration = _duration(picture)
        if entry.name == "gif" and gif_duration(duration) != duration:
            notes["GIF counts hundredths of a second: durations were rounded to them"] = None
        yield Shown(image, settings, duration)
    notes |= dict.fromkeys(outside.notes)


def _duration(picture: Picture) -> float:
    return DEFAULT_DURATION if picture.duration is None else picture.duration


def _check_fits(image: Image.Image, first: Image.Image, number: int, entry: Format) -> None:
    if (image.size, image.mode) != (first.size, first.mode):
        told, before = (f"{one.width}×{one.height} {one.mode}" for one in (image, first))
        raise OutputError(
            f"frame {number} is {told}, and the first {before}",
            f"frames of {entry.name.upper()} are all of one size and mode",
            f"write TIFF, or use --frames {number} for this one alone",
        )


def _check_no_deep_animation(picture: Picture, entry: Format, options: WriteOptions) -> None:
    mode = check_holds(picture.mode, (picture.height, picture.width), entry, options)
    if entry.is_deep(mode):
        raise OutputError(
            f"{entry.name.upper()} with several frames cannot be written in mode {mode}",
            "frames with colours or alpha have 8 bits a sample",
            "write TIFF, or use --depth 8, or --frames first",
        )


def _write_pages(
    frames: Frames,
    entry: Format,
    options: WriteOptions,
    notes: dict[str, None],
    stream: BinaryIO,
) -> None:
    pages = TiffPages(stream)
    outside = Outside()
    for picture in frames:
        # Here, so that what is clipped is counted over all pages.
        converted, found = at_written_depth(picture, entry, options)
        outside += found
        write, told = prepared_writing(converted, entry, options)
        notes |= dict.fromkeys(told)
        pages.add(write)
    pages.finish()
    notes |= dict.fromkeys(outside.notes)


def _write_by_pillow(
    shown: Iterator[Shown],
    playing: Playing,
    entry: Format,
    notes: dict[str, None],
    stream: BinaryIO,
) -> None:
    load_plugin(entry.plugin)
    first, *others = shown
    if entry.name in JOINS_EQUAL_FRAMES:
        pairs = zip([first, *others], others, strict=False)
        equal = sum(one.image.tobytes() == next_one.image.tobytes() for one, next_one in pairs)
        if equal:
            joined = f"{entry.name.upper()} shows a frame longer instead of repeating it"
            notes[f"{joined}: {equal} fewer frames, the same playing time"] = None
    settings = first.settings | {
        "save_all": True,
        "append_images": [frame.image for frame in others],
        "duration": [round(frame.duration) for frame in (first, *others)],
        "loop": playing.plays,
    }
    encode_image(first.image, entry, settings, stream)
