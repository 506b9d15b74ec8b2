"""A night: hours of market on the virtual-time world under a schedule of faults, watched, and held to account."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.chaos.checker import Evidence, violations
from tests.chaos.fault import Fault
from tests.chaos.outstanding import Outstanding
from tests.chaos.recorder import Recorder
from tests.chaos.schedule import Entry
from tests.chaos.sky import Sky
from tests.support.world import World

PROBE = 2.0
"""Seconds between two looks while something has to recover."""
CURSORS = 10.0
"""Seconds between two looks at the cursors."""
BACK = 2.0
"""Seconds after which a process that has ended by itself is started again, as a service manager does."""


class Recovery(NamedTuple):
    """``seconds`` from a fault's end until everything that was over was stored; None: it never was.

    ``alone``: no other fault was on meanwhile.
    """

    name: str
    seconds: float | None
    alone: bool


class Night:
    """To be run once. ``told``: takes a line for people whenever something happens."""

    def __init__(self, world: World, entries: list[Entry], seconds: float, told: Callable[[str], None]) -> None:
        self.world, self.seconds, self._told = world, seconds, told
        self.faults: list[Fault] = []
        self.recoveries: list[Recovery] = []
        self._entries = entries
        self._sky = Sky()
        self._recorder = Recorder(world)
        self._sky.faults.append(self._recorder)
        self._recovering: list[tuple[Fault, float, bool]] = []
        world.weather = self._sky

    def run(self) -> list[str]:
        """Everything that did not hold."""
        self._outstanding = Outstanding(self.world)
        happening = self._happening()
        self._do(happening, until=0.0)
        self.world.boot()
        self._do(happening, until=self.seconds)
        self._advance(self.seconds)
        self.recoveries += [Recovery(fault.name, None, alone) for fault, _, alone in self._recovering]
        evidence = Evidence(self.world, self._recorder, self.faults)
        self.candles, self.alerts = sum(1 for _ in evidence.told("candle_close")), len(evidence.ledger.alerts)
        self.ids = frozenset(alert.id for alert in evidence.ledger.alerts)
        self.late = sum(alert.late for alert in evidence.ledger.alerts)
        found = violations(evidence)
        self._outstanding.close()
        self._recorder.close()
        return found

    def _happening(self) -> list[tuple[float, Callable[[], None]]]:
        """All beginnings and ends, the next one last."""
        steps = []
        for entry in self._entries:
            fault = entry.make()
            self.faults.append(fault)
            steps += [(entry.at, self._begin, entry, fault), (entry.end, self._end, entry, fault)]
        steps.sort(key=lambda step: step[0], reverse=True)
        return [
            (at, lambda what=what, entry=entry, fault=fault: what(entry, fault)) for at, what, entry, fault in steps
        ]

    def _do(self, happening: list[tuple[float, Callable[[], None]]], until: float) -> None:
        while happening and happening[-1][0] <= until:
            at, what = happening.pop()
            self._advance(at)
            what()

    def _begin(self, entry: Entry, fault: Fault) -> None:
        self._told(f"{entry.at:7.1f}  begin {entry.name} {dict(entry.arguments)} for {entry.seconds:g} s")
        self._recovering = [(f, end, False) for f, end, _ in self._recovering]
        self._sky.faults.append(fault)
        fault.begin(self.world)

    def _end(self, entry: Entry, fault: Fault) -> None:
        self._told(f"{entry.end:7.1f}  end   {entry.name}")
        self._sky.faults.remove(fault)
        fault.end(self.world)
        self._recovering.append((fault, self.world.loop.seconds, len(self._sky.faults) == 1))

    def _advance(self, until: float) -> None:
        """Let time pass, looking now and then."""
        for moment in _moments(self.world.loop.seconds, until):
            self.world.run(moment - self.world.loop.seconds)
            self._restart_if_it_gave_up()
            self._note_recoveries()
            if moment % CURSORS < PROBE:
                self._recorder.look_at_cursors()

    def _note_recoveries(self) -> None:
        if self._recovering and not self._outstanding.look():
            now = self.world.loop.seconds
            self.recoveries += [Recovery(fault.name, now - end, alone) for fault, end, alone in self._recovering]
            self._recovering.clear()

    def _restart_if_it_gave_up(self) -> None:
        process = self.world.process
        if process is not None and not process.dead and process.ending is not None:
            why = f"at {self.world.loop.seconds:.0f} s our process gave up: {process.ending}"
            self._told(why)
            self._recorder.gave_up.append(why)
            self.world.kill()
            self.world.run(BACK)
            self.world.boot()


def _moments(now: float, until: float) -> Iterator[float]:
    """From now until then in steps of `PROBE`."""
    while now + PROBE < until:
        now += PROBE
        yield now
    if until > now:
        yield until
