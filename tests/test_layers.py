"""Imports point down only, optional and slow packages stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "convfilter"

LAYERS = [
    {
        *("frozen", "errors", "number", "named", "border", "rows", "picture", "frames", "options"),
        *("arguments", "atomic", "cores", "digest", "freed_memory", "once", "shared_context"),
        *("parts", "temporary"),
        *("described", "factors", "weights", "kernel", "composite", "mixing", "recipe", "chain"),
    },
    {"registry"},
    {"engine"},
    {"pictures"},
    {"filtering"},
    {"sharing"},
    {"sliding"},
    {"drawing"},
    {"gallery"},
    {"job"},
    {"batch"},
    {"explain"},
    {"cli"},
    {"__main__", "__init__"},
]
"""From the floor to the ceiling; a module imports from its own layer and those below."""

HOMES = {
    "PIL": {"pictures", "drawing"},
    "yaml": {"registry"},
    "click": {"cli"},
    "rich": {"cli"},
    "dask": {"batch"},
    "distributed": {"batch"},
}
"""The only layers that may name a package."""

DEEP = {"pictures/deep.py", "pictures/deep_writing.py"}

MODULE_HOMES = {"tifffile": DEEP, "imagecodecs": DEEP}
"""The only modules that may name an optional package."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def top(path: Path) -> str:
    """Return the folder or module directly under the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return every module that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_only(path: Path) -> None:
    floor = next(n for n, layer in enumerate(LAYERS) if top(path) in layer)
    below = set().union(*LAYERS[: floor + 1])
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "convfilter" and len(parts) > 1:
            assert parts[1] in below, f"{path.name} imports {module}, which lies above it"


@pytest.mark.parametrize("package", HOMES)
def test_packages_are_named_only_in_their_layer(package: str) -> None:
    users = {
        top(path) for path in MODULES if any(m.split(".")[0] == package for m in imports(path))
    }
    assert users <= HOMES[package]


@pytest.mark.parametrize("package", MODULE_HOMES)
def test_optional_packages_are_named_only_in_their_modules(package: str) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(m.split(".")[0] == package for m in imports(path))
    }
    assert users == MODULE_HOMES[package]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import convfilter", ["numpy", "PIL", "yaml", "click"]),
        ("import convfilter.cli.main", ["numpy", "PIL", "yaml", "rich", "scipy"]),
        ("import convfilter.cli.completing", ["numpy", "PIL", "yaml", "rich"]),
        ("import convfilter.registry.search_path", ["numpy", "PIL", "yaml"]),
        ("import convfilter.registry.generators.table", ["numpy", "PIL", "yaml", "click"]),
        ("import convfilter.pictures.decoding", ["numpy", "yaml", "click"]),
        ("import convfilter.batch.discover", ["numpy", "PIL", "click"]),
        ("import convfilter.batch.workers", ["numpy", "PIL", "click"]),
        ("import convfilter.batch.run", ["click", "rich", "dask", "distributed"]),
        ("import convfilter.filtering", ["scipy", "click", "rich"]),
        ("import convfilter.job", ["tifffile", "imagecodecs", "convfilter.sharing"]),
    ],
)
def test_importing_costs_no_more_than_it_must(code: str, absent: list[str]) -> None:
    script = f"{code}\nimport sys\nprint([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["apply", "--help"],
        ["gallery", "--help"],
        ["kernels", "list", "--help"],
        ["kernels", "add", "--help"],
        ["kernels", "show", "--help"],
        ["kernels", "list", "--generators", "--json"],
        ["kernels", "import", "--help"],
        ["kernels", "export", "--help"],
        ["explain", "--help"],
        ["doctor", "--help"],
        ["completion", "--help"],
        ["completion", "bash"],
    ],
)
def test_help_and_version_import_neither_numpy_nor_pillow(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom convfilter.cli.main import cli\n"
        f"try: cli({arguments!r}, prog_name='convfilter')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'numpy', 'PIL', 'yaml', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
