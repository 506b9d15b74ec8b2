"""Whatever the exchange does, our process does not give up."""

from collections.abc import Iterator

from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    yield from evidence.recorder.gave_up
