"""``convfilter explain``."""

import json
from typing import TYPE_CHECKING, Any

import click

from convfilter.cli.completing import complete_kernel
from convfilter.cli.grouped import GroupedCommand
from convfilter.cli.options import (
    HEADINGS,
    JSON_OPTION,
    KERNEL_PATH_OPTION,
    debug_option,
    filter_options,
    reading_options,
)
from convfilter.cli.parameter_types import PointType, SizeType
from convfilter.errors import UsageError
from convfilter.named import DTYPES

if TYPE_CHECKING:
    from convfilter.explain.kernels import Sheet
    from convfilter.options import FilterOptions
    from convfilter.pictures.read_options import ReadOptions
    from convfilter.recipe import Filter

OWN_OPTIONS = ("image", "at", "steps", "size", "dtype", "kernel_path")


@click.command(
    "explain",
    cls=GroupedCommand,
    headings={"Explaining": OWN_OPTIONS, **HEADINGS},
    no_args_is_help=True,
)
@click.argument(
    "kernel_texts", metavar="KERNEL...", nargs=-1, required=True, shell_complete=complete_kernel
)
@KERNEL_PATH_OPTION
@click.option("--image", metavar="FILE", help="A picture that the kernel is laid on.")
@click.option("--at", type=PointType(), metavar="X,Y", help="A pixel of the result to follow.")
@click.option(
    "--steps", is_flag=True, help="Follow the pixel through every step, not only the last."
)
@click.option(
    "--size",
    type=SizeType(),
    metavar="WxH",
    help="Of the picture for which an algorithm is chosen, or WxHxCHANNELS.  "
    "[default: 6000x4000x3]",
)
@click.option("--dtype", type=click.Choice(list(DTYPES)), help="Of its samples.  [default: uint8]")
@filter_options
@reading_options
@JSON_OPTION
@debug_option
def explain_command(
    *,
    kernel_texts: tuple[str, ...],
    kernel_path: tuple[str, ...],
    image: str | None,
    at: tuple[int, int] | None,
    steps: bool,
    size: tuple[int, int, int | None] | None,
    dtype: str | None,
    filtering: "FilterOptions",
    reading: "ReadOptions",
    as_json: bool,
) -> None:
    """Explain a kernel, or how it makes one pixel of a picture.

    \b
    convfilter explain sobel-x
    convfilter explain gaussian:sigma=4 --size 1920x1080
    convfilter explain sharpen --image in.png --at 10,20
    convfilter explain gaussian5 sobel-x --image in.png --at 10,20 --steps

    X,Y counts pixels of the result from its upper left corner, from 0. The last line
    for each channel is the sample that convfilter apply writes.
    """
    from convfilter.registry.catalogue import get_kernel

    _check(image, at, steps, size or dtype)
    filters = tuple(get_kernel(text, kernel_path) for text in kernel_texts)
    if image is not None and at is not None:
        _explain_pixel(filters, filtering, reading, image, at, steps, as_json)
    else:
        _explain_kernels(filters, filtering, reading, image, _sheet(size, dtype), as_json)


def _check(image: str | None, at: tuple[int, int] | None, steps: bool, stated_size: object) -> None:
    """Refuse what does not go together."""
    if at is not None and image is None:
        raise UsageError(
            "--at needs --image", "there is no pixel without a picture", "add --image FILE"
        )
    if steps and at is None:
        raise UsageError("--steps needs --at", "it follows one pixel", "add --at X,Y")
    if image is not None and stated_size:
        raise UsageError(
            "--image excludes --size and --dtype", "the picture has its own", "leave them out"
        )


def _sheet(size: tuple[int, int, int | None] | None, dtype: str | None) -> "Sheet":
    from convfilter.explain.kernels import Sheet

    stated: dict[str, Any] = {"dtype": dtype} if dtype else {}
    if size:
        stated |= {"size": size[:2], "channels": size[2]}
    return Sheet(**stated)


def _explain_pixel(
    filters: "tuple[Filter, ...]",
    filtering: "FilterOptions",
    reading: "ReadOptions",
    image: str,
    at: tuple[int, int],
    steps: bool,
    as_json: bool,
) -> None:
    from convfilter.cli.explain.pixel import pixel_lines
    from convfilter.explain.as_json import trace_to_json
    from convfilter.explain.window import explain_pixel
    from convfilter.pictures.reading import open_picture

    trace = explain_pixel(open_picture(image, reading), filters, filtering, at)
    if as_json:
        _print_json({"image": image, **trace_to_json(trace, steps)})
    else:
        _print_lines(pixel_lines(trace, image, steps))


def _explain_kernels(
    filters: "tuple[Filter, ...]",
    filtering: "FilterOptions",
    reading: "ReadOptions",
    image: str | None,
    sheet: "Sheet",
    as_json: bool,
) -> None:
    from convfilter.cli.explain.kernels import explanation_lines
    from convfilter.explain.as_json import explanation_to_json
    from convfilter.explain.kernels import explain_kernels
    from convfilter.pictures.reading import open_picture

    on = sheet if image is None else open_picture(image, reading)
    explanation = explain_kernels(filters, filtering, on)
    if as_json:
        _print_json(explanation_to_json(explanation))
    else:
        _print_lines(explanation_lines(explanation))


def _print_json(told: dict[str, Any]) -> None:
    click.echo(json.dumps(told, ensure_ascii=True, allow_nan=False))


def _print_lines(lines: list[str]) -> None:
    # Names are made safe where they are put in; a line may have colours.
    for line in lines:
        click.echo(line.rstrip())
