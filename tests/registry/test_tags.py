from pathlib import Path

import pytest

from convfilter import KernelError
from convfilter.registry.catalogue import read_kernel
from convfilter.registry.search_path import find_kernels
from convfilter.registry.tags import find_tagged


@pytest.mark.parametrize("tags", [["edges"], ["edges", "compass"], ["motion"]])
def test_all_kernels_that_have_the_tags_are_found_and_no_others(tags: list[str]) -> None:
    found, faults = find_tagged(tags)
    having = [n for n, file in find_kernels().items() if set(tags) <= set(read_kernel(file).tags)]
    assert sorted(kernel.name for kernel in found) == having
    assert not faults


@pytest.mark.parametrize(
    ("tags", "what", "hint"),
    [
        (["egdes"], "'egdes'", "edges"),
        (["Edges"], "'Edges'", "edges"),
        (["qqqqq"], "'qqqqq'", "known tags: art, "),
        (["motion", "compass"], "motion and compass together", "leave"),
    ],
)
def test_tags_without_kernels_are_told_with_those_near(
    tags: list[str], what: str, hint: str
) -> None:
    with pytest.raises(KernelError) as caught:
        find_tagged(tags)
    assert what in caught.value.what
    assert hint in (caught.value.hint or "")


def test_files_that_cannot_be_read_are_handed_back_as_faults(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("weights: [[1], [2, 3]]\n")
    (tmp_path / "good.yaml").write_text("weights: [[1]]\ntags: [mine]\n")
    found, faults = find_tagged(["mine"], [tmp_path])
    assert [kernel.name for kernel in found] == ["good"]
    assert len(faults) == 1
    assert "bad.yaml" in str(faults[0])
