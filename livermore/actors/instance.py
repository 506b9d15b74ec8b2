"""The instance: holds the lease of one exchange, runs its pipeline under it, and tells how it is."""

import asyncio
from contextlib import suppress

import msgspec
import structlog
from pydantic import Field

from livermore import lifecycle
from livermore.errors import LivermoreError, Permanent, Transient
from livermore.lifecycle import Change, Phase
from livermore.market.instant import iso
from livermore.messages import WarmedUp
from livermore.resources import Resources
from livermore.settings import Duration, Options
from livermore.store import activity, lease, state_notices, status
from livermore.store.claiming import claim
from livermore.store.exchange import keys_of
from livermore.store.fence import put
from livermore.store.lease import Duty
from livermore.store.status import SCHEMA, Origin, Status
from livermore.supervision.events import Refused, Start, Started
from livermore.supervision.loop_actor import LoopActor

RETRY = 1.0
"""Seconds between attempts to keep the lease while Redis cannot answer."""
LONGEST_ERROR = 300
"""Letters of a failure that people are told."""


class InstanceOptions(Options):
    """``simulated``: whether the exchange is made up, as its data will say for ever; ``history``: candles a series."""

    exchange: str = "coinbase"
    simulated: bool = False
    lease_ttl: Duration = 45.0
    heartbeat: Duration = 15.0
    autostart: bool = True
    history: int = Field(1000, ge=350, le=10_000)


class Instance(LoopActor):
    """Ready once it holds the lease. Its failure stops the pipeline, which stands below it under `rest_for_one`."""

    options: InstanceOptions
    resources: Resources
    accepts = (WarmedUp, Started, Refused)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.instance").bind(exchange=self.options.exchange)
        self.phase, self.warmed_up = Phase.IDLE, WarmedUp(0, 0)
        self.registered = self.changed = iso(self.clock.wall())
        self.connected: str | None = None
        self.news: asyncio.Queue[WarmedUp | Started | Refused] = asyncio.Queue()
        self.redis = self.keep(self.resources.async_redis(0))
        database = self.keep(self.resources.database())
        keys = await keys_of(database, self.options.exchange)
        await self._check_origin(await self.redis.run(status.origin(keys)))
        self.lease = await claim(self.redis, database, keys, self.options.exchange, self.clock, self.options.lease_ttl)
        self.last_kept = self.clock.monotonic()
        origin = msgspec.json.encode(Origin(SCHEMA, self.options.simulated))
        await self.redis.run(put(self.lease, keys.schema, origin))

    async def main(self) -> None:
        try:
            await self._reign()
        except LivermoreError as error:
            with suppress(Transient):  # it may be Redis that fails
                await self._write_down(self.phase, str(error)[:LONGEST_ERROR])
            raise

    async def _reign(self) -> None:
        if self.options.autostart:
            await self._enter(Phase.STARTING)
            duty = Duty(self.lease, self.options.history)
            pipeline = self.context.path.rpartition("/")[0] + "/pipeline"
            self.request(Start(pipeline, {"duty": duty}))
        while True:
            news = await self._next_news(within=await self._keep_lease())
            if news is not None:
                await self._heed(news)

    async def cool_down(self) -> None:
        """Everything that wrote is down by now: the lease is free for the next."""
        if self.phase is not Phase.IDLE:
            await self._enter(Phase.STOPPING)
            await self._enter(Phase.STOPPED)
        await self.redis.run(lease.release(self.lease))

    def receive(self, message: WarmedUp | Started | Refused) -> None:
        self.news.put_nowait(message)

    async def _check_origin(self, origin: Origin | None) -> None:
        if origin is not None and origin.simulated != self.options.simulated:
            theirs, ours = ("simulated", "real") if origin.simulated else ("real", "simulated")
            raise Permanent(f"these stores hold {theirs} data of {self.options.exchange}: {ours} data need others")

    async def _next_news(self, within: float) -> WarmedUp | Started | Refused | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                return await self.news.get()
        return None

    async def _heed(self, news: WarmedUp | Started | Refused) -> None:
        if isinstance(news, Refused):
            raise LivermoreError(f"the pipeline did not start: {news.reason}")
        if isinstance(news, Started):
            await self._enter(Phase.WARMING)
        else:
            self.warmed_up = news
            eta = None if news.eta_ms is None else round(news.eta_ms / 1000)
            self.log.info("warming up", percent=round(news.percent, 1), symbols=news.symbols, seconds_to_go=eta)
        if self.phase is Phase.WARMING and self.warmed_up.percent >= 100:
            self.connected = iso(self.clock.wall())
            await self._enter(Phase.ACTIVE)

    async def _enter(self, phase: Phase) -> None:
        lifecycle.check(self.phase, phase)
        before, self.phase, self.changed = self.phase, phase, iso(self.clock.wall())
        self.log.info("lifecycle", before=before, now=phase)
        await self._write_down(before)

    async def _write_down(self, before: Phase, error: str = "") -> None:
        """Into the activity log, and into the outbox for people."""
        owner, now = self.lease.owner, self.clock.wall()
        change = Change(self.options.exchange, before, self.phase, now, owner.host, owner.pid, error)
        await self.redis.run(activity.write(self.options.exchange, activity.fields(change), now))
        await self.redis.run(state_notices.announce(self.lease.keys, change))

    async def _keep_lease(self) -> float:
        """Keep lease and status alive; gives the seconds until the next time."""
        ttl = self.options.lease_ttl
        try:
            held = await self.redis.run(lease.keep(self.lease, int(ttl * 1000), msgspec.json.encode(self._status())))
        except Transient:
            if self.clock.monotonic() - self.last_kept > ttl:
                raise
            return RETRY
        if held == "missing":
            raise Transient("the lease is gone: it ran out, or Redis has lost it", retry_after=0)
        if held != "kept":
            raise LivermoreError(f"the lease has been taken over by {held}")
        self.last_kept = self.clock.monotonic()
        return self.options.heartbeat

    def _status(self) -> Status:
        return Status(
            exchange_id=self.lease.keys.exchange_id,
            exchange_name=self.options.exchange,
            hostname=self.lease.owner.host,
            pid=self.lease.owner.pid,
            connection_state=self.phase,
            symbol_count=self.warmed_up.symbols,
            registered_at=self.registered,
            last_state_change=self.changed,
            last_heartbeat=iso(self.clock.wall()),
            connected_at=self.connected,
            warmup_percent=self.warmed_up.percent,
        )
