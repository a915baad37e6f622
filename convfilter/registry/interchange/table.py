"""The one table of formats: what each is, how it is recognised, what reads and writes it.

Importing it imports none of the formats, so that help costs nothing.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from convfilter.frozen import frozen

if TYPE_CHECKING:
    from convfilter.kernel import Kernel


@frozen
class Source:
    """What kernels are read from.

    Parameters
    ----------
    data
        The bytes of a file, or of a text given on the command line.
    path
        The file; None where there is none.
    scale
        ImageMagick's ``convolve:scale``; only its own format takes one.
    """

    data: bytes
    path: Path | None = None
    scale: str | None = None


@frozen
class Written:
    """A kernel as another tool reads it.

    Parameters
    ----------
    data
        The whole file.
    notes
        What the format cannot say, or had to round.
    command
        The command that runs it in that tool, with ``in.png`` and ``out.png``.
    """

    data: bytes
    notes: tuple[str, ...] = ()
    command: str | None = None


Reader = Callable[[Source], "list[Kernel]"]
Writer = Callable[["Kernel", str], Written]
"""Takes the kernel, and the name of the file that it will stand in, for the command."""


@frozen
class Interchange:
    """One row of the table.

    Parameters
    ----------
    suffixes
        Of files that are taken for this format.
    recognise
        Whether bytes look like this format; None where only the suffix or the user can tell.
    read, write
        None where the format is not read, or not written.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...] = ()
    recognise: Callable[[bytes], bool] | None = None
    read: Reader | None = None
    write: Writer | None = None
    is_text: bool = True
    takes_scale: bool = False


class _Family:
    """A module of this package, imported when one of its functions is first called."""

    def __init__(self, module: str) -> None:
        self.module = f"{__package__}.{module}"

    def recogniser(self, function: str) -> Callable[[bytes], bool]:
        def recognise(data: bytes) -> bool:
            return bool(getattr(import_module(self.module), function)(data))

        return recognise

    def reader(self, function: str) -> Reader:
        def read(source: Source) -> "list[Kernel]":
            kernels: list[Kernel] = getattr(import_module(self.module), function)(source)
            return kernels

        return read

    def writer(self, function: str) -> Writer:
        def write(kernel: "Kernel", file: str) -> Written:
            written: Written = getattr(import_module(self.module), function)(kernel, file)
            return written

        return write


_YAML = _Family("yaml_text")
_JSON = _Family("json_text")
_NPY = _Family("npy")
_PLAIN = _Family("plain")
_C = _Family("c_array")
_MAGICK = _Family("imagemagick")
_GM = _Family("graphicsmagick")
_VIPS = _Family("libvips")
_GIMP = _Family("gimp")
_GRASS = _Family("rmfilter")
_NETPBM = _Family("pnmconvol")
_ASEPRITE = _Family("aseprite")

INTERCHANGE: dict[str, Interchange] = {
    row.name: row
    for row in (
        Interchange(
            "yaml",
            "a kernel file of convfilter",
            (".yaml", ".yml"),
            _YAML.recogniser("is_yaml"),
            _YAML.reader("read"),
            _YAML.writer("write"),
        ),
        Interchange(
            "json",
            "the keys of a kernel file, and its name, as JSON",
            (".json",),
            _JSON.recogniser("is_json"),
            _JSON.reader("read"),
            _JSON.writer("write"),
        ),
        Interchange(
            "npy",
            "a NumPy array of weights",
            (".npy",),
            _NPY.recogniser("is_npy"),
            _NPY.reader("read"),
            _NPY.writer("write"),
            is_text=False,
        ),
        Interchange(
            "csv",
            "weights separated by commas, semicolons or tabs",
            (".csv", ".tsv"),
            None,
            _PLAIN.reader("read_csv"),
            _PLAIN.writer("write_csv"),
        ),
        Interchange(
            "text",
            "weights separated by blanks or commas, rows by line ends or semicolons",
            (".txt", ".dat"),
            _PLAIN.recogniser("is_text"),
            _PLAIN.reader("read_text"),
        ),
        Interchange(
            "imagemagick",
            "a kernel string of ImageMagick's -morphology Convolve",
            (),
            _MAGICK.recogniser("is_kernel_string"),
            _MAGICK.reader("read_morphology"),
            _MAGICK.writer("write_morphology"),
            takes_scale=True,
        ),
        Interchange(
            "imagemagick-convolve",
            "a kernel string of ImageMagick's -convolve, which correlates and divides by the sum",
            (),
            None,
            _MAGICK.reader("read_convolve"),
        ),
        Interchange(
            "graphicsmagick",
            "the list of numbers of gm convert -convolve, which divides by the sum",
            (),
            None,
            _GM.reader("read"),
            _GM.writer("write"),
        ),
        Interchange(
            "libvips",
            "a matrix file of libvips: width, height, scale and offset, then rows",
            (".mat",),
            _VIPS.recogniser("is_matrix_file"),
            _VIPS.reader("read"),
            _VIPS.writer("write"),
        ),
        Interchange(
            "gimp",
            "the 5 × 5 fields of GIMP's and GEGL's convolution matrix",
            (".settings",),
            _GIMP.recogniser("is_fields"),
            _GIMP.reader("read"),
        ),
        Interchange(
            "rmfilter",
            "a filter file of GRASS r.mfilter",
            (),
            _GRASS.recogniser("is_filter_file"),
            _GRASS.reader("read"),
        ),
        Interchange(
            "pnmconvol",
            "a matrix of Netpbm's pnmconvol: text, -matrix option or PGM file",
            (".pgm",),
            _NETPBM.recogniser("is_matrix"),
            _NETPBM.reader("read"),
        ),
        Interchange(
            "aseprite",
            "a list of convolution matrices of Aseprite, convmatr.def",
            (".def", ".usr", ".gen"),
            _ASEPRITE.recogniser("is_list"),
            _ASEPRITE.reader("read"),
        ),
        Interchange(
            "c",
            "an array in C, with divisor, offset and origin as macros",
            (".c", ".h"),
            None,
            None,
            _C.writer("write"),
        ),
    )
}
"""The formats, in the order of the help."""

READABLE = tuple(row.name for row in INTERCHANGE.values() if row.read)
WRITABLE = tuple(row.name for row in INTERCHANGE.values() if row.write)


def summaries(names: tuple[str, ...]) -> str:
    """Return the help's line on formats: each name with its summary."""
    return "; ".join(f"{name}: {INTERCHANGE[name].summary}" for name in names)
