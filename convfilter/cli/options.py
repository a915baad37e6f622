"""Options that commands share, each group added by one decorator and handed on as one value."""

import functools
from collections.abc import Callable
from typing import Any

import click

from convfilter.border import BORDERS
from convfilter.cli.completing import complete_folder, complete_from, complete_kernel
from convfilter.cli.parameter_types import FramesType, NumberType, PairType
from convfilter.engine.algorithms import METHODS
from convfilter.named import ALPHAS, CHANNELS, DEPTHS, METADATA, OPERATIONS, PADDINGS, RANGES
from convfilter.pictures.formats import FORMATS
from convfilter.pictures.read_options import MAX_PIXELS, ReadOptions
from convfilter.pictures.write_options import DEFAULT_QUALITY, WriteOptions

Command = Callable[..., Any]


def _choice(table: dict[str, str]) -> click.Choice[str]:
    return click.Choice(list(table))


def _lines(table: dict[str, str]) -> str:
    return "; ".join(f"{name}: {summary}" for name, summary in table.items())


_LOSSY = [name for name, entry in FORMATS.items() if entry.has_quality]
_LOSSLESS_ON_REQUEST = [name for name, entry in FORMATS.items() if entry.lossless_on_request]

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
KERNEL_PATH_OPTION = click.option(
    "--kernel-path",
    multiple=True,
    metavar="FOLDER",
    shell_complete=complete_folder,
    help="Look kernels up here first; may be given several times.",
)
MAX_PIXELS_OPTION = click.option(
    "--max-pixels",
    type=click.IntRange(1),
    help="Refuse larger pictures, and GIFs and animations from an eighth of it.  "
    f"[default: {MAX_PIXELS}]",
)

KERNEL_OPTIONS = (
    click.option(
        "-k",
        "--kernel",
        multiple=True,
        shell_complete=complete_kernel,
        metavar="KERNEL",
        help="A name, a generator such as gaussian:sigma=2.5, a .yaml or .npy file, or a matrix "
        "such as [[0,-1,0],[-1,5,-1],[0,-1,0]]. "
        "Give several to run them one after another.",
    ),
    KERNEL_PATH_OPTION,
)

FILTER_OPTIONS = (
    click.option(
        "--border",
        metavar="BORDER",
        shell_complete=complete_from(BORDERS),
        help=f"What lies outside the picture: {', '.join(BORDERS)}:VALUE, where 1 is "
        "white, or a colour.  [default: edge]",
    ),
    click.option(
        "--padding",
        type=_choice(PADDINGS),
        default="same",
        show_default=True,
        help=_lines(PADDINGS),
    ),
    click.option(
        "--stride", type=PairType(), default="1", show_default=True, help="Keep every n-th result."
    ),
    click.option(
        "--dilation",
        type=PairType(),
        default="1",
        show_default=True,
        help="Spread the kernel's cells n pixels apart.",
    ),
    click.option("--operation", type=_choice(OPERATIONS), help=_lines(OPERATIONS)),
    click.option("--range", type=_choice(RANGES), help=_lines(RANGES)),
    click.option("--divisor", type=NumberType(), help="Divide the sums by this."),
    click.option(
        "--offset", type=NumberType(), help="Add this fraction of full scale; 1 is white."
    ),
    click.option("--normalize", is_flag=True, help="Divide by the sum of the weights."),
    click.option(
        "--alpha", type=_choice(ALPHAS), default="auto", show_default=True, help=_lines(ALPHAS)
    ),
    click.option(
        "--linear",
        is_flag=True,
        help="Filter light: undo the sRGB curve before, apply it again after.",
    ),
    click.option(
        "--channels",
        metavar="NAMES",
        shell_complete=complete_from(CHANNELS),
        help=f"Filter only these, as in r,g, and leave the others: {', '.join(CHANNELS)}. "
        "luma is the brightness of an RGB picture.",
    ),
    click.option(
        "--mix",
        type=NumberType(),
        default="1",
        show_default=True,
        help="Blend with the original: 0 gives it, 1 the filtered picture.",
    ),
    click.option(
        "--method",
        type=_choice(METHODS),
        default="auto",
        show_default=True,
        help="The algorithm; --dry-run tells which one auto takes, and why.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1),
        help="Threads for a picture.  [default: all cores; in a batch 1 for each process]",
    ),
)

FILE_OPTIONS = (
    click.option(
        "-f",
        "--format",
        metavar="FORMAT",
        shell_complete=complete_from(FORMATS),
        help=f"Of the output: {', '.join(FORMATS)}.  [default: by the suffix]",
    ),
    click.option(
        "--quality",
        type=click.IntRange(1, 100),
        help=f"For {', '.join(_LOSSY)}.  [default: a JPEG's own, else {DEFAULT_QUALITY}]",
    ),
    click.option(
        "--lossless",
        is_flag=True,
        help=f"Keep every value, in {' and '.join(_LOSSLESS_ON_REQUEST)}.",
    ),
    click.option(
        "--background",
        metavar="COLOUR",
        help="Lay transparent parts over a colour name or #rrggbb.",
    ),
    click.option(
        "--fail-on-clip",
        type=NumberType(),
        metavar="PERCENT",
        help="Fail, and write nothing, if more of the samples were clipped.",
    ),
    click.option(
        "--metadata",
        type=_choice(METADATA),
        default="keep",
        show_default=True,
        help=f"Of EXIF, ICC profile, XMP, DPI and text: {_lines(METADATA)}",
    ),
    click.option("--force", is_flag=True, help="Overwrite the output."),
    click.option("--skip-existing", is_flag=True, help="Do nothing if the output exists."),
    click.option(
        "--keep-times", is_flag=True, help="Give the output the times of the input's file."
    ),
    click.option(
        "--allow-depth-loss", is_flag=True, help="Go on with 8 bits where 16 cannot be kept."
    ),
    click.option(
        "--depth",
        type=click.Choice(list(DEPTHS)),
        help="Bits of a sample in the output, scaled so that white stays white.  "
        "[default: as in the input]",
    ),
    MAX_PIXELS_OPTION,
    click.option(
        "--frames",
        type=FramesType(),
        metavar="all|first|N",
        shell_complete=complete_from(("all", "first")),
        default="all",
        show_default=True,
        help="Of an animation or pages, filter all, the first, or number N, counted from 0.",
    ),
    click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
)

TALK_OPTIONS = (
    click.option("--json", is_flag=True, help="Print what was done as JSON."),
    click.option("-v", "--verbose", is_flag=True, help="Tell the plan and what was clipped."),
    click.option("-q", "--quiet", is_flag=True, help="No warnings and hints."),
)


def debug_option(command: Command) -> Command:
    """Let ``--debug`` stand behind a command, too; the group looks at it."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        allow_from_autoenv=False,
        help="Show tracebacks.",
    )(command)


def kernel_options(command: Command) -> Command:
    """Add ``-k`` and ``--kernel-path``; hands on ``kernels``."""

    @functools.wraps(command)
    def with_kernels(*, kernel: tuple[str, ...], kernel_path: tuple[str, ...], **rest: Any) -> Any:
        from convfilter.errors import UsageError
        from convfilter.registry.catalogue import get_kernel

        if not kernel:
            raise UsageError(
                "no kernel given", None, "name one with --kernel; see convfilter kernels list"
            )
        kernels = tuple(get_kernel(text, kernel_path) for text in kernel)
        return command(kernels=kernels, **rest)

    return decorate(with_kernels, KERNEL_OPTIONS)


def filter_options(command: Command) -> Command:
    """Add the filter options; hands on ``filtering``."""

    @functools.wraps(command)
    def with_filtering(**values: Any) -> Any:
        from convfilter.options import FilterOptions

        stated = {name: values.pop(name) for name in option_names(FILTER_OPTIONS)}
        return command(filtering=FilterOptions.parse(**stated), **values)

    return decorate(with_filtering, FILTER_OPTIONS)


def file_options(command: Command) -> Command:
    """Add the file options; hands on ``reading``, ``writing``, ``skip_existing``, ``dry_run``."""

    @functools.wraps(command)
    def with_files(**values: Any) -> Any:
        from convfilter.pictures.formats import format_by_name

        stated = {name: values.pop(name) for name in option_names(FILE_OPTIONS)}
        background, stated_format = stated["background"], stated["format"]
        reading = _read_options(stated)
        writing = WriteOptions(
            format=format_by_name(stated_format).name if stated_format else None,
            quality=stated["quality"],
            lossless=stated["lossless"],
            background=background,
            allow_depth_loss=stated["allow_depth_loss"],
            metadata=stated["metadata"],
            overwrite=stated["force"],
            keep_times=stated["keep_times"],
            fail_on_clip=stated["fail_on_clip"],
            depth=stated["depth"],
        )
        return command(
            reading=reading,
            writing=writing,
            skip_existing=stated["skip_existing"],
            dry_run=stated["dry_run"],
            **values,
        )

    return decorate(with_files, FILE_OPTIONS)


def _read_options(stated: dict[str, Any]) -> ReadOptions:
    return ReadOptions(
        allow_depth_loss=stated["allow_depth_loss"],
        max_pixels=stated["max_pixels"] or MAX_PIXELS,
        frame=stated["frames"],
    )


READING = ("allow_depth_loss", "max_pixels", "frames")
"""The file options that say how a picture is read."""


def reading_options(command: Command) -> Command:
    """Add those of the file options that concern reading; hands on ``reading``."""
    options = tuple(option for option in FILE_OPTIONS if option_names((option,))[0] in READING)

    @functools.wraps(command)
    def with_reading(**values: Any) -> Any:
        stated = {name: values.pop(name) for name in option_names(options)}
        return command(reading=_read_options(stated), **values)

    return decorate(with_reading, options)


def decode_ahead(command: Command) -> Command:
    """Begin to decode INPUT before anything else; hands on ``decoding``.

    It stands above the decorators that import NumPy, which takes as long as decoding.
    """

    @functools.wraps(command)
    def with_decoding(**values: Any) -> Any:
        import logging

        from convfilter.pictures.decoding import DecodingAhead

        # What Pillow has to say, beside its errors and warnings, is no message of ours.
        logging.getLogger("PIL").addHandler(logging.NullHandler())
        path = values["input_path"]
        decoding = None if path == "-" else DecodingAhead(path, _read_options(values))
        return command(decoding=decoding, **values)

    return with_decoding


def talk_options(command: Command) -> Command:
    """Add ``--json``, ``-v`` and ``-q``; hands on ``as_json``, ``verbose``, ``quiet``."""

    @functools.wraps(command)
    def with_talk(*, json: bool, **rest: Any) -> Any:
        return command(as_json=json, **rest)

    return decorate(with_talk, TALK_OPTIONS)


def decorate(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    """Add options to a command, in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def option_names(options: tuple[Callable[[Command], Command], ...]) -> list[str]:
    """Return the parameter names that options give to a command."""

    def nothing() -> None: ...

    parameters = getattr(decorate(nothing, options), "__click_params__")  # noqa: B009
    return [parameter.name for parameter in parameters]


HEADINGS = {
    "Kernels": option_names(KERNEL_OPTIONS),
    "Filtering": option_names(FILTER_OPTIONS),
    "Files": option_names(FILE_OPTIONS),
    "Messages": option_names(TALK_OPTIONS),
}
"""For the help of a `GroupedCommand`: where the options above stand."""
