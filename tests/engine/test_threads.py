"""Threads run over bands: each band once, and none after a failure."""

import threading
from concurrent.futures import Future

import pytest

from convfilter.engine.threads import Threads

BANDS = [(top, top + 1) for top in range(50)]
TURNS = [BANDS[:20], *([band] for band in BANDS[20:40]), BANDS[40:]]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_band_is_made_once(count: int) -> None:
    with Threads(count) as threads:
        made = threads.over(TURNS, lambda top, bottom: (top, bottom))
        again = threads.over([BANDS[:1]], lambda top, bottom: bottom - top)
    assert sorted(made) == BANDS
    assert again == [1]


def test_the_caller_works_alone_where_there_is_one_thread() -> None:
    with Threads(1) as threads:
        assert set(threads.over(TURNS, lambda *_: threading.get_ident())) == {threading.get_ident()}


def test_threads_work_at_the_same_time() -> None:
    meeting = threading.Barrier(3)
    with Threads(3) as threads:
        # Each waits until three are there: with fewer threads nobody would go on.
        threads.over([[band] for band in BANDS[:3]], lambda *_: meeting.wait(timeout=60))


def test_an_interrupt_while_waiting_for_the_others_stops_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, released = threading.Event(), threading.Event()
    made: list[int] = []

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    def make(top: int, _: int) -> None:
        if threading.current_thread() is threading.main_thread():
            begun.wait(timeout=60)  # so that the other turn is the helper's
            return
        made.append(top)
        begun.set()
        released.wait(timeout=60)

    monkeypatch.setattr(Future, "exception", interrupt)
    with Threads(2) as threads:
        with pytest.raises(KeyboardInterrupt):
            threads.over([BANDS, BANDS], make)
        released.set()
    assert made == [0]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_after_a_failure_no_band_is_begun(count: int, error: type[BaseException]) -> None:
    begun: list[int] = []
    failed = threading.Event()

    def make(top: int, _: int) -> None:
        if begun:
            failed.wait(timeout=60)
        begun.append(top)
        try:
            raise error
        finally:
            failed.set()

    with Threads(count) as threads, pytest.raises(error):
        threads.over(TURNS, make)
    assert len(begun) <= count
