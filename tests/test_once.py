from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from convfilter.once import once_property


def test_it_is_computed_once_whoever_asks_meanwhile() -> None:
    computed: list[Future[object]] = []

    class Slow:
        @once_property
        def value(self) -> object:
            # Another thread would have to hold the lock to compute it as well.
            assert not pool.submit(lock.acquire, blocking=False).result()
            computed.append(pool.submit(lambda: slow.value))
            return object()

    slow = Slow()
    descriptor: Any = vars(Slow)["value"]
    lock = descriptor._lock
    with ThreadPoolExecutor(1) as pool:
        assert slow.value is computed[0].result()
    assert len(computed) == 1
