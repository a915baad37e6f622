"""The references say what the program and the kernel files say."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

from convfilter.registry.search_path import Folder, kernel_files
from docs import make_commands, make_convolution, make_examples, make_generators, make_kernels
from docs.make_kernels import (
    KERNELS,
    KINDS,
    SAMPLE,
    Entry,
    draw_sample,
    make_pages,
    make_pictures,
    read_entries,
    read_gray,
    written_files,
)

ENTRIES = read_entries()
PAGES = make_pages(ENTRIES)
PICTURES = make_pictures(ENTRIES)
REMEDY = f"run {make_kernels.COMMAND}"


def name(path: Path) -> str:
    return path.relative_to(make_kernels.ROOT).as_posix()


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return the samples of a picture of the reference; WebP keeps gray as RGB."""
    if path.suffix == ".webp":
        return read_gray(path).astype(np.int64)
    with Image.open(path, formats=["PNG"]) as image:
        return np.asarray(image).astype(np.int64)


def test_every_kernel_is_in_the_reference() -> None:
    files = kernel_files(Folder(KERNELS, "built-in"))
    assert {entry.name for entry in ENTRIES} == set(files)
    assert len(ENTRIES) == len(files)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_say_what_the_files_say(path: Path) -> None:
    assert path.is_file(), REMEDY
    assert path.read_text(encoding="utf-8") == PAGES[path], REMEDY


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_pictures_show_what_the_kernels_do(entry: Entry) -> None:
    for path in (entry.matrix_picture, entry.effect_picture):
        assert path.is_file(), REMEDY
        # Integer kernels are exact; colours and other kernels go by way of floats.
        is_exact = path == entry.effect_picture and getattr(entry.kernel, "is_integer", False)
        fresh = np.asarray(PICTURES[path]()).astype(np.int64)
        kept = pixels(path)
        assert kept.shape == fresh.shape, REMEDY
        assert np.abs(kept - fresh).max() <= (0 if is_exact else 1), f"{name(path)}: {REMEDY}"


def test_the_sample_is_cut_out_of_the_scene() -> None:
    # Decoders of JPEG may differ a little.
    assert np.abs(pixels(SAMPLE) - np.asarray(draw_sample()).astype(int)).max() <= 2, REMEDY


def test_nothing_is_left_of_kernels_that_are_gone() -> None:
    assert written_files() == {SAMPLE, *PAGES, *PICTURES}, REMEDY


def test_the_pictures_are_small() -> None:
    sizes = [path.stat().st_size for path in written_files() if path.suffix != ".md"]
    assert max(sizes) <= 12_000
    assert sum(sizes) / len(ENTRIES) <= 10_000


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[path]):
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve()
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ `(.+)`$", PAGES[linked], re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9_-]", "", heading) for heading in headings}


def test_folders_become_families_and_sections(tmp_path: Path) -> None:
    (tmp_path / "edges/compass").mkdir(parents=True)
    (tmp_path / "scale-space").mkdir()
    for stem, folder in (
        ("plain", ""),
        ("n10", "edges/compass"),
        ("n9", "edges/compass"),
        ("ring", "edges"),
        ("log", "scale-space"),
    ):
        text = f"weights: [[1, 2]]\ntitle: A *bold* {stem}\n"
        (tmp_path / folder / f"{stem}.yaml").write_text(text)
    pages = {path.name: text for path, text in make_pages(read_entries(tmp_path)).items()}
    assert list(pages) == ["kernels.md", "general.md", "edges.md", "scale-space.md"]
    headings = re.findall(r"^#.*$", pages["edges.md"], re.MULTILINE)
    assert headings == ["# Edges", "## `ring`", "## Compass", "### `n9`", "### `n10`"]
    assert "# Scale space" in pages["scale-space.md"]
    assert r"A \*bold\* ring." in pages["edges.md"]
    assert "not symmetric" in pages["edges.md"]


def test_large_matrices_are_shortened(tmp_path: Path) -> None:
    rows = ", ".join(["[1]"] * 40)
    (tmp_path / "tall.yaml").write_text(f"weights: [{rows}]\n")
    page = list(make_pages(read_entries(tmp_path)).values())[1]
    assert "1 × 40 cells, not all are shown" in page


def test_every_kind_that_a_file_gives_is_told() -> None:
    assert {type(entry.kernel) for entry in ENTRIES} <= set(KINDS)


def test_the_reference_of_commands_says_what_the_help_says() -> None:
    kept = make_commands.PAGE.read_text(encoding="utf-8")
    assert kept == make_commands.make_page(), f"run {make_commands.COMMAND}"


def test_the_man_pages_say_what_the_help_says() -> None:
    pages = make_commands.make_manual()
    assert set(make_commands.MANUAL.iterdir()) == set(pages), f"run {make_commands.COMMAND}"
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, f"run {make_commands.COMMAND}"


@pytest.mark.parametrize("context", list(make_commands.commands()), ids=lambda c: c.command_path)
def test_every_option_is_in_the_reference_and_the_man_page(context: click.Context) -> None:
    section = make_commands.make_page().split(f"# `{context.command_path}`\n")[1].split("\n#")[0]
    page = make_commands.MANUAL / f"{context.command_path.replace(' ', '-')}.1"
    manual = page.read_text(encoding="utf-8").replace("\\-", "-")
    for parameter in context.command.get_params(context):
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            assert option in section
            assert option in manual


def test_a_man_page_is_sound() -> None:
    text = make_commands.make_manual()[make_commands.MANUAL / "convfilter-apply.1"]
    assert ".nf\nconvfilter apply in.jpg" in text
    assert "\b" not in text
    for line in text.splitlines():
        assert not line.startswith("'")
        assert not line.startswith(".") or re.match(r"\.(TH|SH|TP|PP|B|RS|RE|nf|fi)\b", line)


def test_the_reference_of_generators_says_what_their_table_says() -> None:
    kept = make_generators.PAGE.read_text(encoding="utf-8")
    assert kept == make_generators.make_page(), f"run {make_generators.COMMAND}"


@pytest.mark.parametrize("shown", make_convolution.numbers())
def test_the_pictures_of_convolution_show_the_numbers(shown: str) -> None:
    fresh = np.asarray(make_convolution.draw(make_convolution.numbers()[shown])).astype(int)
    kept = pixels(make_convolution.path_of(shown))
    assert kept.shape == fresh.shape, f"run {make_convolution.COMMAND}"
    assert np.abs(kept - fresh).max() <= 1, f"run {make_convolution.COMMAND}"


@pytest.mark.parametrize("name", make_examples.EXAMPLES)
def test_the_pictures_in_the_readme_are_made_as_it_says(name: str, tmp_path: Path) -> None:
    fresh = make_examples.make(name, tmp_path).array.astype(int)
    with Image.open(make_examples.path_of(name)) as image:
        kept = np.asarray(image.convert("RGB")).astype(int)
    assert kept.shape == fresh.shape
    # Kept with a loss, but what another kernel makes is further away.
    assert np.abs(kept - fresh).mean() < 6, f"run {make_examples.COMMAND}"
    readme = (make_kernels.ROOT / "README.md").read_text(encoding="utf-8")
    assert make_examples.path_of(name).relative_to(make_kernels.ROOT).as_posix() in readme
    assert name == "scene" or f"`{make_examples.EXAMPLES[name]}`" in readme


def test_links_of_pages_lead_somewhere() -> None:
    root = make_kernels.ROOT
    for page in [root / "README.md", root / "CONTRIBUTING.md", *root.glob("docs/**/*.md")]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.skipif(not find_spec("sphinx"), reason="the extra docs is not installed")
@pytest.mark.soak
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(tmp_path)],
        cwd=make_kernels.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for page in make_kernels.ROOT.glob("docs/**/*.md"):
        built = page.relative_to(make_kernels.ROOT / "docs").with_suffix(".html")
        assert (tmp_path / built).is_file()
