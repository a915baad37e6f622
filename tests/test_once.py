import threading
from concurrent.futures import Future, ThreadPoolExecutor

from convfilter.once import once_property


def test_it_is_computed_once_whoever_asks_meanwhile() -> None:
    asked: list[Future[object]] = []
    computed_again = threading.Event()

    class Slow:
        @once_property
        def value(self) -> object:
            if asked:
                computed_again.set()
            else:
                asked.append(pool.submit(lambda: slow.value))
                computed_again.wait(0.2)  # which is as long as another has for it
            return object()

    slow = Slow()
    with ThreadPoolExecutor(1) as pool:
        assert slow.value is asked[0].result()
    assert not computed_again.is_set()
