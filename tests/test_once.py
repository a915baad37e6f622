import threading
from concurrent.futures import ThreadPoolExecutor

from convfilter.once import once_property


def test_it_is_computed_once_whoever_asks_meanwhile() -> None:
    begun, may_end = threading.Event(), threading.Event()
    computed: list[object] = []

    class Slow:
        @once_property
        def value(self) -> object:
            begun.set()
            may_end.wait(10)
            computed.append(object())
            return computed[-1]

    slow = Slow()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(lambda: slow.value)
        begun.wait(10)
        others = [pool.submit(lambda: slow.value) for _ in range(2)]
        may_end.set()
        assert {first.result(), *(other.result() for other in others)} == set(computed)
    assert len(computed) == 1
    assert slow.value is computed[0]
    assert Slow.value.__doc__ is None
