"""What is seen in Pillow's memory is what Pillow tells."""

import gc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convfilter.pictures.arrow import channels_of
from convfilter.pictures.raster import CUT_BYTES, PILLOW_MODES, ImageRows, ImageSink, samples_dtype

RANDOM = np.random.default_rng(4)


def made(mode: str, height: int, width: int) -> tuple[Image.Image, NDArray[Any]]:
    """Return an image of noise, and its channels."""
    sink = ImageSink.new(mode, height, width)
    shape = len(sink.image.getbands()), height, width
    samples = RANDOM.integers(0, 256, shape).astype(samples_dtype(mode))
    sink.write(0, samples)
    return sink.image, samples


@pytest.mark.parametrize("mode", sorted(PILLOW_MODES))
def test_every_channel_is_seen_where_it_lies(mode: str) -> None:
    image, samples = made(mode, 7, 11)
    seen = channels_of(image)
    np.testing.assert_array_equal(seen, samples)
    told = [np.asarray(channel) for channel in image.split()]
    np.testing.assert_array_equal(seen, told)
    assert not any(channel.flags.writeable for channel in seen)
    # A view: what is written to the image is seen.
    image.paste(0, (0, 0, 11, 7))
    assert not np.any(seen)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_memory_lasts_as_long_as_it_is_seen(mode: str) -> None:
    image, samples = made(mode, 300, 200)
    seen = channels_of(image)
    del image
    gc.collect()
    Image.new(mode, (200, 300), 1)  # would take the place
    np.testing.assert_array_equal(seen, samples)


def test_images_in_several_pieces_are_copied() -> None:
    image, samples = made("RGB", 2100, 2100)
    with pytest.raises(ValueError, match="contiguous"):
        image.__arrow_c_array__()
    np.testing.assert_array_equal(channels_of(image), samples)


@pytest.mark.parametrize("width", [1, CUT_BYTES // 16, CUT_BYTES // 2])
def test_rows_are_cut_out_in_pieces(width: int) -> None:
    image, samples = made("L", 9, width)
    out = np.empty((1, 7, width), np.uint16)
    ImageRows(image).read(1, 8, out)
    np.testing.assert_array_equal(out, samples[:, 1:8])
