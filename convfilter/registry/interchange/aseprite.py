"""Lists of convolution matrices of Aseprite: ``name w h cx cy { data } divisor bias target``."""

from collections.abc import Iterator
from fractions import Fraction

from convfilter.kernel import Kernel
from convfilter.number import Number, simplify
from convfilter.registry.fault import Fault
from convfilter.registry.interchange import matrix_text
from convfilter.registry.interchange.matrix_text import FULL_SCALE, Word
from convfilter.registry.interchange.table import Source
from convfilter.registry.yaml_tree import decode

LARGEST_SIDE = 32
MOST_KERNELS = 500


def is_list(data: bytes) -> bool:
    """Whether its first entry can be read."""
    try:
        _entry(_words(decode(data)))
    except (Fault, StopIteration):
        return False
    return True


def _words(text: str) -> Iterator[Word]:
    spaced = text.replace("{", " { ").replace("}", " } ")
    return matrix_text.words(spaced, "#")


def read(source: Source) -> list[Kernel]:
    """Read every entry."""
    words = _words(decode(source.data))
    kernels: list[Kernel] = []
    while True:
        try:
            kernels.append(_entry(words))
        except StopIteration:
            break
        if len(kernels) > MOST_KERNELS:
            raise Fault(None, "", f"it lists more than {MOST_KERNELS} matrices")
    if not kernels:
        raise Fault(1, "", "it lists no matrix")
    return kernels


def _entry(words: Iterator[Word]) -> Kernel:
    """Read one entry.

    Raises
    ------
    StopIteration
        Where the list is at its end.
    """
    name = next(words)

    def follow(what: str) -> Word:
        word = next(words, None)
        if word is None:
            raise Fault(name.line, name.text, f"the list ends before {what}")
        return word

    width, height = (matrix_text.whole(follow("its size"), name.text, 1) for _ in range(2))
    if max(width, height) > LARGEST_SIDE:
        raise Fault(name.line, name.text, f"a side is longer than {LARGEST_SIDE}")
    column, row = (matrix_text.whole(follow("its centre"), name.text) for _ in range(2))
    _expect("{", follow("its weights"), name)
    count = width * height
    flat = [matrix_text.decimal(follow("its weights"), name.text) for _ in range(count)]
    weights = matrix_text.cut(flat, width)
    _expect("}", follow("its divisor"), name)
    divisor, bias = (
        automatic if stated.text == "auto" else matrix_text.decimal(stated, name.text)
        for automatic, stated in zip(
            _automatic(weights), (follow("its divisor"), follow("its bias")), strict=True
        )
    )
    target = follow("its target")
    if not set(target.text) <= set("rgba"):
        cause = f"{matrix_text.shown(target.text)} stands for the target"
        raise Fault(target.line, name.text, cause, "it is made of the letters rgba")
    return matrix_text.make_kernel(
        weights,
        name.line,
        divisor=divisor,
        offset=simplify(Fraction(bias) / FULL_SCALE),
        origin=(row, column),
        name=name.text,
        title=f"Aseprite {name.text}",
        source="Aseprite convmatr list",
        description=f"Aseprite applies it to the channels {target.text}.",
    )


def _expect(sign: str, word: Word, name: Word) -> None:
    if word.text != sign:
        cause = f"{matrix_text.shown(word.text)} stands where {sign} is expected"
        raise Fault(
            word.line, name.text, cause, "an entry is: name w h cx cy { data } div bias rgba"
        )


def _automatic(weights: list[list[Number]]) -> tuple[Number, Number]:
    """Return the divisor and the bias in levels that ``auto`` stands for."""
    total = Fraction(matrix_text.total(weights))
    if total == 0:
        return 1, 128
    return abs(total), 255 if total < 0 else 0
