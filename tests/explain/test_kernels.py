"""What is said of kernels is what the engine does."""

import json
from pathlib import Path

import numpy as np
import pytest

from convfilter.engine.convolve import convolve
from convfilter.errors import UsageError
from convfilter.explain.as_json import explanation_to_json
from convfilter.explain.kernels import Sheet, explain_kernels
from convfilter.explain.laying import Laying
from convfilter.filtering import plan_filtering
from convfilter.job import Job, run_job
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.options import FilterOptions
from convfilter.pictures.reading import open_picture
from convfilter.registry.catalogue import get_kernel
from convfilter.registry.search_path import find_kernels
from tests.conftest import SAMPLES

BUILT_IN = sorted(find_kernels())
PICTURES = [("scene.jpg", Sheet((640, 960))), ("ramp16.png", None)]


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(("file", "sheet"), PICTURES, ids=["8 bits", "16 bits"])
def test_the_algorithm_is_the_one_that_apply_reports(
    name: str, file: str, sheet: Sheet | None, tmp_path: Path
) -> None:
    kernel = get_kernel(name)
    job = Job(str(SAMPLES / file), str(tmp_path / "o.png"), (kernel,), dry_run=True)
    reported = run_job(job).to_json()
    if sheet is None:
        picture = open_picture(SAMPLES / file)
        sheet = Sheet((picture.height, picture.width), 1, str(picture.dtype))
    told = explanation_to_json(explain_kernels([kernel], FilterOptions(), sheet))
    for key in ("algorithm", "reason", "range"):
        assert told[key] == reported[key]
    assert (told["result"]["width"], told["result"]["height"]) == (
        reported["width"],
        reported["height"],
    )


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_kernel_is_explained_as_json(name: str) -> None:
    told = explanation_to_json(explain_kernels([get_kernel(name)], FilterOptions()))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    parts = [told] if told["kind"] == "kernel" else [k for s in told["steps"] for k in s["kernels"]]
    assert parts
    for part in parts:
        assert {other["tool"] for other in part["equivalents"]} == {
            *("imagemagick", "libvips", "opencv", "scipy")
        }
        assert {part["algorithm"], *(other["algorithm"] for other in part["rejected"])} == {
            *("integer", "separable", "matmul", "fft", "direct")
        }


@pytest.mark.parametrize("padding", ["same", "valid", "full", ((3, 0), (1, 9))])
@pytest.mark.parametrize("stride", [1, (2, 3)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_share_of_the_border_is_that_of_the_pixels_that_it_changes(
    padding: str, stride: int, dilation: int
) -> None:
    kernel = Kernel(np.ones((3, 4), int), origin=(0, 3))
    options = {"padding": padding, "stride": stride, "dilation": dilation}
    # Outside is white, inside black: whatever is not black has met the border.
    array = np.zeros((12, 17), np.uint8)
    met = convolve(array, kernel, border="white", **options) > 0  # type: ignore[arg-type]
    (link,) = explain_kernels([kernel], FilterOptions.parse(**options), Sheet((12, 17), 1)).links
    assert link.laying.result_size == met.shape
    assert link.laying.border_share == pytest.approx(met.mean())


def test_layings_of_a_chain_have_the_sizes_of_the_plan() -> None:
    picture = open_picture(SAMPLES / "scene.jpg")
    filters = [get_kernel(name) for name in ("unsharp-mask", "sobel", "blur5")]
    options = FilterOptions.parse(padding="valid", stride=2)
    explanation = explain_kernels(filters, options, picture)
    plan = plan_filtering(picture, filters, options).plan
    assert [link.laying.result_size for link in explanation.links] == [
        stage.sums.size for stage in plan.stages
    ]


def test_kernels_that_mix_channels_are_explained() -> None:
    kernel = MixingKernel.of_weights(np.ones((5, 5, 3, 3), int), divisor=25)
    explanation = explain_kernels([kernel], FilterOptions())
    assert len(explanation.links[0].parts) == 9
    assert explanation.links[0].parts[1].role == "from channel 0 to channel 1"
    assert explanation.clipping is None
    many = MixingKernel.of_weights(np.ones((1, 1, 5, 5), int))
    assert explain_kernels([many], FilterOptions()).links[0].parts == ()


def test_what_leaves_no_pixel_is_refused() -> None:
    with pytest.raises(UsageError, match="leaves no pixel"):
        explain_kernels([get_kernel("blur5")], FilterOptions(padding="valid"), Sheet((3, 3)))


def test_members_of_a_composite_lie_in_one_window() -> None:
    explanation = explain_kernels([get_kernel("sobel")], FilterOptions(), Sheet((10, 10)))
    assert isinstance(explanation.links[0].laying, Laying)
    assert explanation.links[0].laying.shape == (3, 3)
