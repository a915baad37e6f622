"""Whatever is done to a kernel file, reading it gives a kernel or a `KernelError`, at once.

For more than the soak's 2,000 of each kind: ``CONVFILTER_MUTATIONS=100000 pytest -m soak``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from convfilter.registry.search_path import built_in_folder
from tests.registry.limited import LimitedReader
from tests.registry.mutation import VALID, mutated

# Read here, since the fixtures take the program's variables away.
MUTATIONS = int(os.environ.get("CONVFILTER_MUTATIONS", "2000"))

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the limits are those of Linux"
)


@pytest.fixture
def reader() -> Iterator[LimitedReader]:
    reader = LimitedReader()
    yield reader
    reader.close()


def outcomes(reader: LimitedReader, folder: Path, kind: str, numbers: range) -> dict[str, int]:
    """Read mutated kernels, and count what came of them."""
    np.save(folder / "w.npy", np.eye(3))
    counts = {"kernel": 0, "refused": 0}
    for number in numbers:
        data = mutated(kind, number)
        if kind == "inline":
            text = "[" + data.decode("utf-8", "surrogateescape").removeprefix("[")
        else:
            path = folder / f"mine.{kind}"
            path.write_bytes(data)
            text = str(path)
        answer = reader.read(text)
        assert answer.outcome in counts, f"mutated({kind!r}, {number}): {answer.error}\n{data!r}"
        counts[answer.outcome] += 1
        # Composites and recipes name kernels, and those are found along the search path.
        allowed = folder, built_in_folder()
        outside = [
            name
            for name in answer.opened
            # Python looks for the text of a syntax error, in a file named as none is.
            if name != "<string>"
            if not any(Path(name).is_relative_to(place) for place in allowed)
        ]
        assert not outside, f"mutated({kind!r}, {number}) opened {outside}"
    return counts


@pytest.mark.parametrize("kind", VALID)
def test_mutated_kernels_are_kernels_or_refused(
    tmp_path: Path, reader: LimitedReader, kind: str
) -> None:
    counts = outcomes(reader, tmp_path, kind, range(300))
    assert min(counts.values()) > 10, f"the mutations do not try both: {counts}"


@pytest.mark.soak
@pytest.mark.parametrize("kind", VALID)
def test_many_more_mutated_kernels_are_kernels_or_refused(
    tmp_path: Path, reader: LimitedReader, kind: str
) -> None:
    outcomes(reader, tmp_path, kind, range(300, 300 + MUTATIONS))
