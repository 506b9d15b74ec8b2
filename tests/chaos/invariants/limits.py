"""We never ask more than the exchange allows, and nothing at all while it has told us to stay away."""

from collections.abc import Iterator

from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    if evidence.world.refused:
        yield f"{evidence.world.refused} requests were more than the exchange allows"
    for fault in evidence.faults:
        for span in fault.forbidden:
            asked = [at for at in evidence.recorder.asked_at if span.first <= at <= span.last]
            if asked:
                yield f"{len(asked)} requests within {fault.name}, the first {span.last - asked[0]} ms before its end"
