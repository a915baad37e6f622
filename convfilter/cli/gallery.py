"""``convfilter gallery``: what many kernels make of one picture, or one kernel step by step."""

import os
from typing import TYPE_CHECKING, Any

import click

from convfilter.cli.completing import complete_file, complete_kernel
from convfilter.cli.grouped import GroupedCommand
from convfilter.cli.messages import say
from convfilter.cli.options import (
    HEADINGS,
    KERNEL_PATH_OPTION,
    MAX_PIXELS_OPTION,
    debug_option,
    filter_options,
)
from convfilter.errors import UsageError

if TYPE_CHECKING:
    from convfilter.options import FilterOptions
    from convfilter.picture import Picture
    from convfilter.recipe import Filter


SHOWN = (
    "gaussian:sigma=2",
    "motion:length=15",
    "sharpen",
    "unsharp-mask",
    "sobel",
    "laplacian8",
    "emboss",
    "sketch",
)
"""What a sheet shows unless kernels are named."""

OWN_OPTIONS = (
    *("output", "animate", "kernel_texts", "tags", "kernel_path", "crop", "columns", "force"),
    "max_pixels",
)


@click.command(
    "gallery",
    cls=GroupedCommand,
    headings={"Showing": OWN_OPTIONS, **HEADINGS},
    no_args_is_help=True,
)
@click.argument("input_path", metavar="INPUT", shell_complete=complete_file)
@click.option("-o", "--output", metavar="FILE", help="Write a contact sheet; the suffix says how.")
@click.option(
    "--animate", metavar="FILE", help="Write the window sliding over a small picture: .gif .webp."
)
@click.option(
    "-k",
    "--kernel",
    "kernel_texts",
    multiple=True,
    shell_complete=complete_kernel,
    metavar="KERNEL",
    help="As for apply. Give several to see them side by side, each by itself; without any, a "
    "sheet shows a few of every kind.",
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="All kernels with this tag; with several, those that have each of them.",
)
@KERNEL_PATH_OPTION
@click.option(
    "--crop",
    metavar="X,Y,WIDTH,HEIGHT",
    help="Show this part enlarged, too; with --animate, the part to step through.",
)
@click.option(
    "--columns", type=click.IntRange(1), help="Of the sheet.  [default: as many as look well]"
)
@click.option("--force", is_flag=True, help="Overwrite the output.")
@MAX_PIXELS_OPTION
@filter_options
@debug_option
def gallery_command(
    *,
    input_path: str,
    output: str | None,
    animate: str | None,
    kernel_texts: tuple[str, ...],
    tags: tuple[str, ...],
    kernel_path: tuple[str, ...],
    crop: str | None,
    columns: int | None,
    force: bool,
    max_pixels: int | None,
    filtering: "FilterOptions",
) -> None:
    """Show what kernels make of the picture INPUT.

    \b
    convfilter gallery in.jpg -o sheet.png -k blur5 -k sobel -k emboss
    convfilter gallery in.jpg -o sheet.png --tag edges --crop 120,80,64,48
    convfilter gallery small.png --animate steps.gif -k sharpen

    A sheet has the original first; each kernel is applied to it by itself. An
    animation lays one kernel on at most 12 by 12 pixels, multiplies and adds;
    of a picture in colour it shows the brightness.
    """
    from convfilter.atomic import check_target
    from convfilter.gallery.part import Part

    _check_outputs(output, animate)
    part = Part.parse(crop) if crop else None
    if animate and not kernel_texts and not tags:
        raise UsageError("no kernel given", None, "name the one to animate with --kernel")
    kernels = _kernels(kernel_texts, tags, kernel_path)
    for path in filter(None, (output, animate)):
        check_target(path, force)
    picture = _open(input_path, max_pixels)
    stated: dict[str, Any] = {"title": os.path.basename(input_path), "part": part}
    if animate:
        _animate(picture, kernels, filtering, animate, force, stated)
    if output:
        _draw_sheet(picture, kernels, filtering, output, force, {**stated, "columns": columns})


def _open(path: str, max_pixels: int | None) -> "Picture":
    """Read what can be looked at: the first frame, and 8 bits where there is no other way."""
    from convfilter.pictures.read_options import MAX_PIXELS, ReadOptions
    from convfilter.pictures.reading import open_picture

    reading = ReadOptions(allow_depth_loss=True, frame=0, max_pixels=max_pixels or MAX_PIXELS)
    picture = open_picture(path, reading)
    for note in picture.notes:
        say("warning", f"{path}: {note}", "yellow")
    return picture


def _check_outputs(output: str | None, animate: str | None) -> None:
    """Refuse what could not be written, before anything is read."""
    from convfilter.gallery.animation import animation_format
    from convfilter.pictures.writing import output_format

    if not output and not animate:
        raise UsageError(
            "nothing to write", None, "name a sheet with -o FILE.png, or --animate FILE.gif"
        )
    if output and animate and os.path.realpath(output) == os.path.realpath(animate):
        raise UsageError("sheet and animation have the same name", None, "give them two names")
    if "-" in (output, animate):
        raise UsageError("a gallery is not written to standard output", None, "name a file")
    if output:
        output_format(output, None)
    if animate:
        animation_format(animate)


def _kernels(
    texts: tuple[str, ...], tags: tuple[str, ...], kernel_path: tuple[str, ...]
) -> "list[Filter]":
    """Return the kernels that are named, then those with the tags; or some of each kind."""
    from convfilter.registry.catalogue import get_kernel
    from convfilter.registry.tags import find_tagged

    named = [get_kernel(text, kernel_path) for text in texts or (() if tags else SHOWN)]
    if not tags:
        return named
    tagged, faults = find_tagged(tags, kernel_path)
    for fault in faults:
        say("warning", str(fault), "yellow")
    names = {kernel.name for kernel in named}
    return [*named, *(kernel for kernel in tagged if kernel.name not in names)]


def _draw_sheet(
    picture: "Picture",
    kernels: "list[Filter]",
    filtering: "FilterOptions",
    path: str,
    force: bool,
    stated: dict[str, Any],
) -> None:
    from convfilter.gallery.contact import Gallery
    from convfilter.pictures.write_options import WriteOptions
    from convfilter.pictures.writing import save_picture

    sheet = Gallery.of(picture, kernels, **stated).draw(**vars(filtering))
    for note in save_picture(sheet, path, WriteOptions(overwrite=force)):
        say("warning", f"{path}: {note}", "yellow")
    say("wrote", path)


def _animate(
    picture: "Picture",
    kernels: "list[Filter]",
    filtering: "FilterOptions",
    path: str,
    force: bool,
    stated: dict[str, Any],
) -> None:
    from convfilter.atomic import write_atomically
    from convfilter.gallery.animation import animation_format, animation_writer, make_scene
    from convfilter.registry.catalogue import single

    if len(kernels) > 1:
        raise UsageError(
            f"{len(kernels)} kernels cannot be stepped through at once",
            "--animate shows one",
            "give a single --kernel",
        )
    scene = make_scene(picture, single(kernels[0]), filtering, **stated)
    write_atomically(path, animation_writer(scene, animation_format(path)), overwrite=force)
    say("wrote", path)
