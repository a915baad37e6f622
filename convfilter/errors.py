"""What can go wrong, as types: each error says what failed, why, and what to do about it."""


class ConvfilterError(Exception):
    """Base of every error that the library raises on purpose.

    Parameters
    ----------
    what
        What failed, naming the file, option or kernel.
    cause
        Why it failed.
    hint
        What the user can do.
    """

    def __init__(self, what: str, cause: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, cause, hint)
        self.what = what
        self.cause = cause
        self.hint = hint

    def __str__(self) -> str:
        return "; ".join(part for part in (self.what, self.cause, self.hint) if part)


class UsageError(ConvfilterError):
    """The call itself is wrong: an option, an argument, or two that do not go together."""


class KernelError(ConvfilterError):
    """A kernel does not exist, or its file or its values are wrong."""


class PictureError(ConvfilterError):
    """A picture cannot be read, or cannot be filtered as asked."""


class OutputError(ConvfilterError):
    """A result cannot be written where, or as what, it should be."""


def near_miss_hint(word: str, known: list[str], otherwise: str) -> str:
    """Name the known words close to a mistyped one, or give the general advice."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
