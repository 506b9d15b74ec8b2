"""The sweeper: removes what is older than it is to be kept, of every kind, a little at a time."""

import asyncio
from collections.abc import Callable

import structlog
from pydantic import Field

from livermore import metrics
from livermore.errors import Fenced, Transient
from livermore.market.instant import iso
from livermore.resources import Resources
from livermore.settings import Duration, Options
from livermore.store import sweeping
from livermore.store.lease import Duty
from livermore.store.sweeping import Window
from livermore.supervision.loop_actor import LoopActor
from livermore.sweeping.kinds import Kind, Kinds
from livermore.sweeping.retention import Retention

BREATH = 0.05
"""Wall seconds between two batches: whoever else uses the stores comes first."""
NOTHING = float("nan")
AHEAD = 60_000
"""Milliseconds that this machine's clock may be ahead of Redis' before it is not believed."""


class SweeperOptions(Options):
    """``every``: wall time from one round to the next; ``retention``: how long what is kept."""

    every: Duration = Field(600.0, ge=1)
    retention: Retention = Retention()


class Sweeper(LoopActor):
    """What it could not remove is for the next round: nothing waits for it, and it may be stopped at any moment."""

    options: SweeperOptions
    resources: Resources

    async def warm_up(self) -> None:
        self.duty: Duty = self.context.arguments["duty"]
        self.log = structlog.get_logger("livermore.sweeper").bind(exchange=self.duty.lease.exchange)
        self.redis = self.keep(self.resources.async_redis(0))
        database = self.keep(self.resources.database())
        self.kinds = [*Kinds(self.redis, database, self.duty, self.options.retention, self.clock)]
        metrics.begin_sweeping(self.duty.lease.exchange, [kind.name for kind in self.kinds])
        await self.redis.run(sweeping.keep_window(self.duty.lease, Window(int(self.options.retention.events))))

    async def main(self) -> None:
        await self.inflow(self._sweep_for_ever())

    async def _sweep_for_ever(self) -> None:
        while True:
            wall = await self._agreed_time()
            if wall is not None:
                for kind in self.kinds:
                    await self._sweep(kind, wall)
            await asyncio.sleep(self.options.every)

    async def _agreed_time(self) -> int | None:
        """The earlier of two clocks (ms): one that is ahead would take what is still young. None where they differ."""
        ours, theirs = self.clock.wall(), await self.redis.run(sweeping.time())
        if ours - theirs > AHEAD:
            self.log.warning("nothing is removed: our clock is ahead of Redis'", ours=iso(ours), theirs=iso(theirs))
            return None
        return min(ours, theirs)

    async def _sweep(self, kind: Kind, wall: int) -> None:
        """One kind. That its store cannot answer keeps no other from being swept."""
        gone, exchange = 0, self.duty.lease.exchange
        try:
            while removed := await kind.sweep(wall):
                gone += removed
                metrics.SWEPT.labels(exchange, kind.name).inc(removed)
                await asyncio.sleep(BREATH)
            await self._tell(kind)
        except Fenced:
            raise
        except Transient as error:
            self.log.warning("what is old stays for now", kind=kind.name, removed=gone, reason=str(error))
        else:
            log: Callable[..., None] = self.log.info if gone else self.log.debug
            log("swept", kind=kind.name, removed=gone)

    async def _tell(self, kind: Kind) -> None:
        held, labels = await kind.look(), (self.duty.lease.exchange, kind.name)
        if held.number is not None:
            metrics.HELD.labels(*labels).set(held.number)
        metrics.OLDEST_KEPT.labels(*labels).set(NOTHING if held.oldest is None else held.oldest / 1000)
