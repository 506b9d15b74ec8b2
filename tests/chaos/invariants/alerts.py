"""Each alert is told once, recorded in SQL, and noticed; a notice is repeated only where we were killed or crashed."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.checker import Evidence
from tests.support.notices import alert_of

INTERRUPTIONS = frozenset({"killed", "crashed_actor"})
"""After each of these one notice may be repeated."""
DEAF = frozenset({"sink_mute", "redis_mute", "redis_away"})
"""While one of these is on we do not hear, or cannot write down, that a notice has arrived."""


def broken(evidence: Evidence) -> Iterator[str]:
    ids = evidence.ledger.alert_ids()
    yield from (f"{id_} was told {n} times" for id_, n in ids.items() if n > 1)
    recorded = {alert.id for alert in evidence.ledger.alerts}
    yield from (f"{id_} was told and not recorded" for id_ in ids.keys() - recorded)
    yield from (f"{id_} was recorded and not told" for id_ in recorded - ids.keys())
    noticed = Counter(map(alert_of, evidence.world.notices))
    yield from (f"{id_} was noticed and not told" for id_ in noticed.keys() - ids.keys())
    repeated, interruptions = noticed.total() - len(noticed), sum(f.name in INTERRUPTIONS for f in evidence.faults)
    if repeated > interruptions and not any(fault.name in DEAF for fault in evidence.faults):
        yield f"{repeated} notices were repeated, by {interruptions} interruptions"
