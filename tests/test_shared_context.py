from collections.abc import Iterator
from contextlib import contextmanager

from convfilter.shared_context import SharedContext


def test_the_first_begins_it_and_the_last_ends_it() -> None:
    told: list[str] = []

    @contextmanager
    def context() -> Iterator[None]:
        told.append("begun")
        yield
        told.append("ended")

    shared = SharedContext(context)
    for _ in range(2):
        told.clear()
        with shared:
            with shared:
                assert told == ["begun"]
            assert told == ["begun"]
        assert told == ["begun", "ended"]
