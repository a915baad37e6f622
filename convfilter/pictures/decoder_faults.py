"""What decoders raise and warn of, made errors and notes of ours."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from convfilter.errors import ConvfilterError, PictureError
from convfilter.pictures.extras import install_hint, is_installed
from convfilter.pictures.formats import Format
from convfilter.shared_context import SharedContext


@contextmanager
def _without_pillow_s_limit() -> Iterator[None]:
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


OUR_LIMIT = SharedContext(_without_pillow_s_limit)
"""A context without Pillow's own limit of pixels, which some plugins check; ours replaces it."""


@contextmanager
def decoder_faults(name: str, entry: Format) -> Iterator[None]:
    """Turn whatever a decoder raises on a damaged file into one error."""
    try:
        with OUR_LIMIT:
            yield
    except ConvfilterError:
        raise
    except MemoryError:
        raise PictureError(f"{name} cannot be decoded", "there is not enough memory") from None
    except UnidentifiedImageError as error:
        raise PictureError(
            f"{name} cannot be decoded as {entry.name.upper()}",
            "its header is damaged, or its samples are of a kind that is not read",
            _remedy_for_kinds(entry),
        ) from error
    except Exception as error:
        raise PictureError(
            f"{name} cannot be decoded as {entry.name.upper()}",
            _in_words(error),
            "the file is damaged or cut off; get it again from its source",
        ) from error


def _in_words(error: Exception) -> str:
    said = str(error).splitlines()[0].strip() if str(error) else type(error).__name__
    if "truncated" in said.lower():
        return "it ends too early"
    # What Python says of a decoder's own slips tells nobody anything.
    slip = isinstance(error, IndexError | KeyError | AttributeError | TypeError)
    return "its decoder cannot make sense of it" if slip else f"its decoder says: {said[:200]}"


def _remedy_for_kinds(entry: Format) -> str:
    if entry.name == "tiff" and not is_installed("deep"):
        return f"more kinds are read after {install_hint('deep')}"
    return "8-bit and 16-bit integers and 32-bit floats are read"


@contextmanager
def warnings_as_notes(notes: list[str]) -> Iterator[None]:
    """Add what is warned of meanwhile to the notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    notes.extend(dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught))
