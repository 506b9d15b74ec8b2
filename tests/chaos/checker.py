"""The checker: holds a night against every invariant of `tests.chaos.invariants`."""

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from livermore.market.candle import Candle, Series, from_json
from tests.chaos import invariants
from tests.chaos.fault import Fault
from tests.chaos.gaps import KnownGap, known_gaps
from tests.chaos.recorder import Recorder
from tests.support.ledger import Ledger
from tests.support.world import World


class Evidence:
    """What an invariant may look at, once a night is over. ``faults``: all that there were."""

    def __init__(self, world: World, recorder: Recorder, faults: Sequence[Fault]) -> None:
        recorder.look()
        self.world, self.recorder, self.faults = world, recorder, faults
        self.ledger = Ledger(world)
        self.gaps: list[KnownGap] = known_gaps(world)

    def told(self, kind: str) -> Iterator[tuple[int, Candle]]:
        """The candles of all events of a kind, with the moment (ms) at which each was told."""
        return ((told.at, from_json(told.event.data)) for told in self.recorder.told if told.event.kind == kind)

    def in_gap(self, series: Series, open_time: int, *verdicts: str) -> bool:
        """Whether a bucket lies in a gap of the ledger, with one of these verdicts if any are named."""
        return any(gap.holds(series, open_time) and (not verdicts or gap.verdict in verdicts) for gap in self.gaps)


Invariant = Callable[[Evidence], Iterator[str]]


def all_invariants() -> dict[str, Invariant]:
    """The function ``broken`` of every file of the package, by the file's name."""
    names = sorted(info.name for info in pkgutil.iter_modules(invariants.__path__))
    return {name: import_module(f"{invariants.__name__}.{name}").broken for name in names}


def violations(evidence: Evidence) -> list[str]:
    """Everything that does not hold."""
    return [f"{name}: {what}" for name, broken in all_invariants().items() for what in broken(evidence)]
