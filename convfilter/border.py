"""What lies outside the picture: five rules in one table, and the value that names one of them."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Self

from convfilter.arguments import expect
from convfilter.errors import UsageError, near_miss_hint
from convfilter.frozen import frozen
from convfilter.number import Number, format_number, parse_number, simplify

IndexMap = Callable[[Any, int], Any]
"""Maps positions, an integer or an array of them, onto ``0 … size - 1``."""


def _edge(position: Any, size: int) -> Any:
    # The middle one of (0, position, size - 1), in arithmetic that integers and arrays share.
    return (abs(position) - abs(position - (size - 1)) + size - 1) // 2


def _symmetric(position: Any, size: int) -> Any:
    return (2 * size - 1 - abs(2 * (position % (2 * size)) - (2 * size - 1))) // 2


def _mirror(position: Any, size: int) -> Any:
    return size - 1 - abs(position % max(2 * size - 2, 1) - (size - 1))


def _wrap(position: Any, size: int) -> Any:
    return position % size


@frozen
class BorderRule:
    """One row of the table of borders, with what other programs call it."""

    name: str
    pattern: str
    aliases: tuple[str, ...]
    scipy: str
    numpy: str
    opencv: str
    index_map: IndexMap | None


BORDERS: dict[str, BorderRule] = {
    rule.name: rule
    for rule in (
        BorderRule(
            "edge",
            "a a a | a b c d | d d d",
            ("nearest", "replicate", "clamp", "extend"),
            "nearest",
            "edge",
            "BORDER_REPLICATE",
            _edge,
        ),
        BorderRule(
            "symmetric",
            "c b a | a b c d | d c b",
            (),
            "reflect",
            "symmetric",
            "BORDER_REFLECT",
            _symmetric,
        ),
        BorderRule(
            "mirror",
            "d c b | a b c d | c b a",
            ("reflect101",),
            "mirror",
            "reflect",
            "BORDER_REFLECT_101",
            _mirror,
        ),
        BorderRule(
            "wrap",
            "b c d | a b c d | a b c",
            ("circular", "tile", "periodic"),
            "grid-wrap",
            "wrap",
            "BORDER_WRAP",
            _wrap,
        ),
        BorderRule(
            "constant",
            "V V V | a b c d | V V V",
            (),
            "constant",
            "constant",
            "BORDER_CONSTANT",
            None,
        ),
    )
}

KNOWN = "known borders: " + ", ".join(BORDERS)
"""The hint that names all borders."""

LARGEST_CONSTANT = 1000
"""Largest magnitude of a constant border, in units of full scale."""

SHORTHANDS = {"zero": 0, "black": 0, "white": 1}
"""Names that stand for a constant border, and its value."""

_ALIASES = {alias: rule.name for rule in BORDERS.values() for alias in (rule.name, *rule.aliases)}

COLOURS: dict[str, tuple[int, int, int]] = {
    "aqua": (0, 255, 255),
    "black": (0, 0, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "fuchsia": (255, 0, 255),
    "gray": (128, 128, 128),
    "green": (0, 128, 0),
    "grey": (128, 128, 128),
    "lime": (0, 255, 0),
    "magenta": (255, 0, 255),
    "maroon": (128, 0, 0),
    "navy": (0, 0, 128),
    "olive": (128, 128, 0),
    "orange": (255, 165, 0),
    "purple": (128, 0, 128),
    "red": (255, 0, 0),
    "silver": (192, 192, 192),
    "teal": (0, 128, 128),
    "white": (255, 255, 255),
    "yellow": (255, 255, 0),
}
"""The colour names of CSS 2.1 with their spellings; everything else as ``#rrggbb``."""

Colour = tuple[Fraction, Fraction, Fraction]
"""Red, green and blue as fractions of full scale."""


def parse_colour(text: str) -> Colour:
    """Read a colour name or ``#rrggbb``.

    Raises
    ------
    UsageError
        For anything else.
    """
    name = text.strip().lower()
    if name.startswith("#") and len(name) == 7:
        try:
            red, green, blue = bytes.fromhex(name[1:])
        except ValueError:
            pass
        else:
            return Fraction(red, 255), Fraction(green, 255), Fraction(blue, 255)
    if name not in COLOURS:
        raise UsageError(
            f"unknown colour {text!r}",
            "a colour is #rrggbb or one of a few names",
            near_miss_hint(name, list(COLOURS), "known names: " + ", ".join(COLOURS)),
        )
    red, green, blue = COLOURS[name]
    return Fraction(red, 255), Fraction(green, 255), Fraction(blue, 255)


def luma(colour: Colour) -> Fraction:
    """Brightness of a colour by the weights of ITU-R BT.601, as Pillow turns RGB to gray."""
    red, green, blue = colour
    return (299 * red + 587 * green + 114 * blue) / 1000


@frozen
class Border:
    """One rule of `BORDERS`, and for ``constant`` its value.

    Parameters
    ----------
    name
        A name or alias from the table.
    value
        For ``constant`` only: one fraction of full scale for all channels, or three
        for red, green and blue.

    Raises
    ------
    UsageError
        For an unknown name, or a value that does not fit the rule.
    """

    name: str = "edge"
    value: tuple[Number, ...] = ()

    def __post_init__(self) -> None:
        if expect(self.name, str, "the name of a border", KNOWN) not in _ALIASES:
            raise _unknown_border(self.name)
        object.__setattr__(self, "name", _ALIASES[self.name])
        expect(self.value, tuple, "the values of a border", "write one as (0.5,)")
        if (self.name == "constant") != (len(self.value) in (1, 3)):
            raise UsageError(
                f"border {self.name!r} with {len(self.value)} values",
                "constant takes one value or a colour, the other borders none",
                "write for example constant:0, constant:0.5 or constant:red",
            )
        try:
            object.__setattr__(self, "value", tuple(simplify(v) for v in self.value))
        except (TypeError, ValueError) as error:
            raise UsageError("border constant has a value that is not finite", str(error)) from None
        if any(abs(float(value)) > LARGEST_CONSTANT for value in self.value):
            raise UsageError(
                f"border {self} is too far outside the scale",
                f"at most {LARGEST_CONSTANT} times full scale is allowed",
                "0 is black and 1 is white",
            )

    @classmethod
    def parse(cls, text: "str | Border") -> Self:
        """Read ``edge``, ``reflect101``, ``constant:0.5``, ``constant:red`` or ``white``.

        Raises
        ------
        UsageError
            For an unknown name, a bare ``reflect``, or a wrong constant.
        """
        if isinstance(text, Border):
            return cls(text.name, text.value)
        text = expect(text, str, "a border", KNOWN)
        name, colon, value = text.strip().lower().partition(":")
        if name in SHORTHANDS and not colon:
            return cls("constant", (SHORTHANDS[name],))
        if name == "constant":
            return cls("constant", _parse_constant(value))
        if name == "reflect":
            raise UsageError(
                "border 'reflect' has two meanings",
                "c b a | a b c d in scipy and OpenCV, d c b | a b c d in numpy",
                "write symmetric (edge pixel repeated) or mirror (edge pixel not repeated)",
            )
        if colon and name in _ALIASES:
            raise UsageError(
                f"border {name!r} takes no value", "only constant does", "write constant:0.5"
            )
        return cls(name)

    @property
    def index_map(self) -> IndexMap | None:
        """How positions outside the picture map onto it; None for ``constant``."""
        return BORDERS[self.name].index_map

    def constant_levels(self, channels: Sequence[str]) -> tuple[Fraction, ...]:
        """Return the constant for each channel; for ``constant`` only.

        Parameters
        ----------
        channels
            What each is: gray; red, green, blue; cyan, magenta, yellow, black; alpha, which
            is opaque outside the picture; or an empty string, which takes a number as it
            is and is full for a colour.

        Returns
        -------
        tuple of Fraction
            One fraction of full scale for each channel: 0 is black, 1 is white.

        Raises
        ------
        UsageError
            For a colour where no channel is one of a colour.
        """
        if len(self.value) == 1:
            number = Fraction(self.value[0])
            return tuple(Fraction(1) if name == "alpha" else number for name in channels)
        red, green, blue = (Fraction(part) for part in self.value)
        parts = {"gray": luma((red, green, blue)), "red": red, "green": green, "blue": blue}
        parts |= {"cyan": 1 - red, "magenta": 1 - green, "yellow": 1 - blue, "black": Fraction(0)}
        if not parts.keys() & set(channels):
            raise UsageError(
                f"a colour border on {len(channels)} channels that are no colours",
                None,
                "give one number instead, as in constant:0.5",
            )
        return tuple(parts.get(name, Fraction(1)) for name in channels)

    def __str__(self) -> str:
        if not self.value:
            return self.name
        if len(self.value) == 1:
            return f"constant:{format_number(self.value[0])}"
        return "constant:#" + "".join(f"{int(255 * v + Fraction(1, 2)):02x}" for v in self.value)


def _parse_constant(text: str) -> tuple[Number, ...]:
    if not text:
        raise UsageError(
            "border 'constant' needs its value", None, "write constant:0, constant:1, constant:red"
        )
    if text[0].isalpha() or text[0] == "#":
        return parse_colour(text)
    try:
        return (parse_number(text),)
    except ValueError as error:
        raise UsageError(f"border constant:{text} is not a number", str(error)) from None


def _unknown_border(name: str) -> UsageError:
    known = [*_ALIASES, *SHORTHANDS]
    if name in COLOURS or name.startswith("#"):
        return UsageError(f"unknown border {name!r}", "it is a colour", f"write constant:{name}")
    return UsageError(
        f"unknown border {name!r}",
        None,
        near_miss_hint(name, known, KNOWN),
    )
