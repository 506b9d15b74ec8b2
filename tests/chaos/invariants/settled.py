"""Every gap is given its verdict, once REST can be asked."""

from collections.abc import Iterator

from tests.chaos.checker import Evidence

WITHIN = 60_000
"""Milliseconds after its end by which that has to be done: the last fault of a night is over for longer."""


def broken(evidence: Evidence) -> Iterator[str]:
    latest = evidence.world.clock.now() - WITHIN
    for gap in evidence.gaps:
        if gap.verdict == "open" and gap.end < latest:
            yield f"the gap of {gap.series} from {gap.start} to {gap.end} is open ({gap.cause})"
