import pytest
from PIL import Image

from convfilter.drawing.lettering import GLYPHS, MINUS, fitted, font, width, writable, write
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.search_path import Folder, built_in_folder, kernel_files

MISSING = bytes(font(40).getmask("\uffff"))


@pytest.mark.parametrize("sign", sorted(GLYPHS - {" "}))
def test_the_font_has_every_glyph(sign: str) -> None:
    mask = bytes(font(40).getmask(sign))
    assert any(mask)
    assert mask != MISSING


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3 × 3", "3 x 3"),
        ("Gauß, Ålborg", "Gauss, Alborg"),
        ("a – b ÷ 2", "a - b / 2"),
        (f"{MINUS}1", f"{MINUS}1"),
        ("核", "?"),
        ("½", "1⁄2"),  # noqa: RUF001 - the fraction slash that the font has
        ("a\nb\x1b", "a?b?"),
    ],
)
def test_what_the_font_lacks_is_replaced(text: str, shown: str) -> None:
    assert writable(text) == shown


def test_no_title_of_a_built_in_kernel_has_a_gap() -> None:
    for file in kernel_files(Folder(built_in_folder(), "built-in")).values():
        assert "?" not in writable(read_kernel(file.path).title)


def test_long_texts_are_cut() -> None:
    assert fitted("short", 20, 200) == "short"
    cut = fitted("a long title " * 20, 20, 200)
    assert cut.endswith("…")
    assert 150 < width(cut, 20) <= 200
    assert fitted("word", 20, 1) == "…"


@pytest.mark.parametrize("align", ["left", "middle", "right"])
@pytest.mark.parametrize("text", ["0", "−25", "1⁄2 −3"])  # noqa: RUF001
def test_digits_are_centred_at_their_place(text: str, align: str) -> None:
    image = Image.new("L", (200, 80), 255).convert("RGB")
    write(image, (100, 40), text, 24, align=align)  # type: ignore[arg-type]
    left, top, right, bottom = image.convert("L").point(lambda v: 255 - v).getbbox() or (0,) * 4
    assert abs((top + bottom) / 2 - 40) <= 1.5
    edge = {"left": left, "middle": (left + right) / 2, "right": right}[align]
    assert abs(edge - 100) <= 4
    assert abs((right - left) - width(text, 24)) <= 6
