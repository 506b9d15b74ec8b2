"""The portrait of an instance: what it shows of itself to other instances, to fronts and to people."""

from dataclasses import dataclass

from livermore.clock import Clock
from livermore.lifecycle import Phase
from livermore.lifecycle_machine import Situation, Want
from livermore.market.instant import iso
from livermore.messages import WarmedUp
from livermore.starting import startup
from livermore.store.instances import Sighting
from livermore.store.instances import name as name_of
from livermore.store.lease import Lease, Owner
from livermore.store.status import Status

NOTHING = WarmedUp(0, 0)


@dataclass
class Portrait:
    """``here``: the process, and since when; ``standby``: whether it takes over where another one goes.

    ``changed``: when its state did, wall ms; ``connected``: when it became active; ``last_error``: why it has failed.
    """

    exchange: str
    exchange_id: int
    here: Owner
    standby: bool
    clock: Clock
    changed: int
    warmed_up: WarmedUp = NOTHING
    connected: str | None = None
    last_error: str = ""

    @property
    def name(self) -> str:
        """Of the process."""
        return name_of(self.here.host, self.here.pid, self.here.started)

    def begin_anew(self) -> None:
        """A pipeline is being started: of the one before it nothing is shown."""
        self.warmed_up, self.connected = NOTHING, None

    def enter(self, phase: Phase) -> None:
        """Its state is another one."""
        self.changed = self.clock.wall()
        if phase is Phase.ACTIVE:
            self.connected, self.last_error = iso(self.changed), ""

    def sighting(self, situation: Situation, lease: Lease | None) -> Sighting:
        """For the list of all instances."""
        return Sighting(
            hostname=self.here.host,
            pid=self.here.pid,
            started=self.here.started,
            phase=situation.phase,
            want=situation.want,
            held=lease is not None,
            standby=self.standby,
            since=self.here.since,
            seen=self.clock.wall(),
            epoch=lease.epoch if lease is not None else None,
            last_error=self.last_error or None,
        )

    def status(self, situation: Situation, lease: Lease) -> Status:
        """For fronts, as long as it holds the lease."""
        return Status(
            exchange_id=self.exchange_id,
            exchange_name=self.exchange,
            hostname=self.here.host,
            pid=self.here.pid,
            connection_state=situation.phase,
            symbol_count=self.warmed_up.symbols,
            registered_at=iso(self.here.since),
            last_state_change=iso(self.changed),
            last_heartbeat=iso(self.clock.wall()),
            connected_at=self.connected,
            last_error=self.last_error or None,
            warmup_percent=self.warmed_up.percent,
            is_paused=situation.want is Want.PAUSE,
            epoch=lease.epoch,
            startup=startup(situation.phase, self.warmed_up.percent),
        )
