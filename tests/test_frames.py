from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convfilter import Frames, Picture, UsageError, apply, save_frames


def frames_of(*levels: int) -> Frames:
    pictures = [Picture.of_array(np.full((4, 5), level, np.uint8)) for level in levels]
    return Frames(pictures, len(pictures), plays=2)


def test_frames_are_changed_one_at_a_time_when_they_are_asked_for() -> None:
    seen: list[int] = []

    def note(picture: Picture) -> Picture:
        seen.append(int(picture.array[0, 0]))
        return picture

    changed = frames_of(1, 2, 3).map(note)
    assert (len(changed), changed.plays, seen) == (3, 2, [])
    assert changed.first.array[0, 0] == 1
    assert seen == [1]
    assert [int(picture.array[0, 0]) for picture in changed] == [1, 2, 3]


def test_what_is_no_picture_is_refused_in_words(tmp_path: Path) -> None:
    wrong: Any = [np.zeros((2, 2))]
    with pytest.raises(UsageError, match="ndarray instead of a picture"):
        save_frames(Frames(wrong, 1), tmp_path / "out.gif")
    with pytest.raises(UsageError, match="ndarray instead of a picture"):
        apply(Frames(wrong, 1), "blur3").first  # noqa: B018 - made when it is asked for


def test_apply_filters_every_frame() -> None:
    result = apply(frames_of(10, 20), "[[2]]", divisor=1)
    assert [int(picture.array[0, 0]) for picture in result] == [20, 40]
    assert "2 of" in repr(result)


@pytest.mark.parametrize("duration", [None, 40, 33.5])
def test_filtering_keeps_the_duration(duration: float | None) -> None:
    picture = replace(Picture.of_array(np.zeros((4, 4), np.uint8)), duration=duration)
    assert apply(picture, "blur3").duration == duration
