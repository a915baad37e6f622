"""What many tests need: the samples, the corpus, the program."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from convfilter.cli.main import cli

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"

settings.register_profile("quick", deadline=None, max_examples=60)
settings.register_profile(
    "ci", deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real pictures, where there is one."""
    folder = os.environ.get("CONVFILTER_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("CONVFILTER_CORPUS does not name a folder of real pictures")
    return Path(folder).resolve()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own kernels and settings out of the tests."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    for name in [name for name in os.environ if name.startswith("CONVFILTER_")]:
        if name != "CONVFILTER_CORPUS":
            monkeypatch.delenv(name)


class Program:
    """Runs the program in this process, as a shell would see it."""

    def __call__(self, *arguments: object, stdin: bytes | None = None) -> Result:
        """Run with arguments; the result has exit_code, stdout_bytes, stderr."""
        return CliRunner().invoke(
            cli, [str(argument) for argument in arguments], input=stdin, prog_name="convfilter"
        )


@pytest.fixture
def program() -> Program:
    """Return the program."""
    return Program()


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Give Ctrl-C back to the tests: a program that was interrupted no longer hears it."""
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def without_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the packages of the extra ``deep`` impossible to import."""
    for module in ("tifffile", "imagecodecs"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in ("deep", "deep_writing"):
        monkeypatch.delitem(sys.modules, f"convfilter.pictures.{module}", raising=False)
