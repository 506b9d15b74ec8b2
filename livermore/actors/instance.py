"""The instance: holds the lease of one exchange, or waits for it, runs the pipeline under it, and tells how it is."""

import asyncio
import os
from contextlib import suppress

import msgspec
import structlog
from pydantic import Field

from livermore import lifecycle, process
from livermore.directing import Order, wanted
from livermore.errors import LivermoreError, Permanent, Transient
from livermore.lifecycle import Phase
from livermore.lifecycle_machine import AT_REST, Act, Event, Situation, Want, after
from livermore.messages import WarmedUp
from livermore.portrait import Portrait
from livermore.resources import Resources
from livermore.settings import Duration, Options
from livermore.store import directives, instances, status
from livermore.store.chronicle import Chronicle
from livermore.store.claiming import Occupied, occupied, replaceable
from livermore.store.exchange import keys_of
from livermore.store.fence import put
from livermore.store.lease import Duty, Owner
from livermore.store.reign import Reign
from livermore.store.status import SCHEMA, Origin
from livermore.supervision.events import Refused, Start, Started, Stop, Stopped
from livermore.supervision.loop_actor import LoopActor
from livermore.tenure import Lost, Tenure

RETRY = 1.0
"""Seconds between attempts while a store cannot answer; one that waits for the lease watches on."""
LOOK, WATCH = 0.5, 0.25
"""Seconds between two looks at lease and directives; the second while it waits for the lease."""
TELL = 0.9
"""Seconds after which it tells how it stands though nothing has changed."""
LONGEST_ERROR = 300
"""Letters of a failure that people are told."""

Answered = Started | Stopped | Refused
ANSWERS = {Started: Event.STARTED, Stopped: Event.STOPPED, Refused: Event.REFUSED}


class InstanceOptions(Options):
    """``simulated``: whether the exchange is made up, as its data will say for ever; ``history``: candles a series.

    ``standby``: whether it waits where another instance holds the lease, to take over. ``autostart``: whether the
    pipeline is wanted where nobody has said otherwise; ``override``: also over what was said before this process began.
    """

    exchange: str = "coinbase"
    simulated: bool = False
    lease_ttl: Duration = Field(45.0, ge=1)
    heartbeat: Duration = 15.0
    standby: bool = False
    autostart: bool = True
    override: bool = False
    history: int = Field(1000, ge=350, le=10_000)


class Instance(LoopActor):
    """What it does next is decided in `livermore.lifecycle_machine`, and done here.

    Its failure stops the pipeline, which stands below it under `rest_for_one`.
    """

    options: InstanceOptions
    resources: Resources
    accepts = (WarmedUp, Started, Stopped, Refused)
    emits = (Reign,)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.instance").bind(exchange=self.options.exchange)
        self.situation = Situation()
        self.shown = float("-inf")
        self.news: asyncio.Queue[WarmedUp | Answered] = asyncio.Queue()
        self.redis = self.keep(self.resources.async_redis(0))
        database = self.database = self.keep(self.resources.database())
        exchange, ttl, patient = self.options.exchange, self.options.lease_ttl, self.options.standby
        self.keys = await keys_of(database, exchange)
        here = Owner(0, process.host(), os.getpid(), process.started(os.getpid()) or "", self.resources.began)
        self.portrait = Portrait(exchange, self.keys.exchange_id, here, patient, self.clock, self.clock.wall())
        self.tenure = Tenure(self.redis, database, self.keys, exchange, self.clock, ttl, patient)
        self.chronicle = Chronicle(self.redis, self.keys, exchange, here)
        await self._check_origin(await self.redis.run(status.origin(self.keys)))
        await self._check_room()
        await self._forget_the_gone()
        self._tell()

    async def main(self) -> None:
        try:
            while True:
                await self._heed_news(within=await self._look_again())
        except LivermoreError as error:
            said = self.portrait.last_error = str(error)[:LONGEST_ERROR]
            self.emit(Reign(Phase.IDLE, self.situation.want, None, 0, said))
            with suppress(Transient):  # it may be Redis that fails
                await self.chronicle.failed(self.situation.phase, said, self.clock.wall())
                await self.redis.run(instances.show(self.keys, self.portrait.sighting(self.situation, None)))
            raise

    async def cool_down(self) -> None:
        """Everything that wrote is down by now: the lease is free for the next."""
        if self.situation.phase not in AT_REST:
            await self._enter(Phase.STOPPING)
            await self._enter(Phase.STOPPED)
        await self.tenure.release()
        await self.redis.run(instances.hide(self.keys, self.portrait.name))

    def receive(self, message: WarmedUp | Answered) -> None:
        self.news.put_nowait(message)

    async def _check_origin(self, origin: Origin | None) -> None:
        if origin is not None and origin.simulated != self.options.simulated:
            theirs, ours = ("simulated", "real") if origin.simulated else ("real", "simulated")
            raise Permanent(f"these stores hold {theirs} data of {self.options.exchange}: {ours} data need others")

    async def _check_room(self) -> None:
        """Whoever may not be here says so before it is ready."""
        holder = await self.tenure.look()
        if await self._wanted() is not Want.REST and not self.options.standby and holder and not replaceable(holder):
            raise occupied(self.options.exchange, holder)

    async def _forget_the_gone(self) -> None:
        """Of instances that were killed nothing else would be left but this."""
        gone = instances.absent(await self.redis.run(instances.listed(self.keys)), self.clock.wall())
        if gone:
            await self.redis.run(instances.hide(self.keys, *gone))

    # -- what happens

    async def _heed_news(self, within: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                news = await self.news.get()
            if isinstance(news, WarmedUp):
                self._note(news)
            else:
                await self._take(ANSWERS[type(news)], getattr(news, "reason", ""))
        if self.portrait.warmed_up.percent >= 100:
            await self._take(Event.WARMED)

    def _note(self, news: WarmedUp) -> None:
        self.portrait.warmed_up, self.shown = news, float("-inf")
        eta = None if news.eta_ms is None else round(news.eta_ms / 1000)
        self.log.info("warming up", percent=round(news.percent, 1), symbols=news.symbols, seconds_to_go=eta)

    async def _look_again(self) -> float:
        """Gives the seconds until the next look."""
        try:
            found = await self._look()
            if self.clock.monotonic() - self.shown >= self._beat:
                await self._show()
            self.tenure.heard()
        except Lost as reason:
            self.tenure.lease = None
            found = (Event.LOST, str(reason))
        except Transient:
            if self.tenure.is_over:
                raise
            return self._pace(RETRY)
        if found is not None:
            await self._take(*found)
        elif self.clock.monotonic() - self.told >= TELL:
            self._tell()  # who carries out commands may have begun anew
        return self._pace(LOOK)

    def _pace(self, usual: float) -> float:
        """Seconds until the next look: whoever waits for the lease looks more often."""
        return WATCH if self.situation.phase is Phase.STANDBY else usual

    async def _look(self) -> tuple[Event, str] | None:
        """What has happened: to what is decided, and to the lease."""
        want = await self._wanted()
        if want is not self.situation.want:
            return Event(want.value), ""
        holder = await self.tenure.look()
        if self.tenure.lease is not None:
            await self.tenure.hold(holder)
        elif want is Want.REST:
            await self.tenure.renounce(holder)
        elif not await self._take_lease(holder):
            return Event.OCCUPIED, ""
        if self.tenure.lease is None or self.situation.held:
            return None
        origin = msgspec.json.encode(Origin(SCHEMA, self.options.simulated))
        await self.redis.run(put(self.tenure.lease, self.keys.schema, origin))
        return Event.TAKEN, ""

    async def _wanted(self) -> Want:
        found = await directives.read(self.redis, self.database, self.keys, directives.LIFECYCLE)
        order = msgspec.convert({**found.value, "at": found.at}, Order) if found is not None else None
        began, now = self.resources.began, self.clock.wall()
        return wanted(order, self.portrait.name, self.options, began, now)

    async def _take_lease(self, holder: Owner | None) -> bool:
        """Take it, or wait a while longer; False where another instance has it."""
        try:
            await self.tenure.take(holder)
        except Occupied:
            if not self.options.standby:
                raise
            return False
        return True

    # -- what is done

    async def _take(self, event: Event, reason: str = "") -> None:
        """Take the step that follows from this."""
        before = self.situation
        step = after(before, event)
        for phase in step.phases:
            await self._enter(phase)
        self.situation = step.now
        if step.now != before:
            await self._show()
        for act in step.acts:
            await self._do(act, reason)
        if step.now != before:
            self._tell()

    async def _enter(self, phase: Phase) -> None:
        before = self.situation.phase
        lifecycle.check(before, phase)
        self.situation = self.situation._replace(phase=phase)
        self.portrait.enter(phase)
        self.log.info("lifecycle", before=before, now=phase)
        await self.chronicle.changed(before, phase, self.portrait.changed)

    async def _do(self, act: Act, reason: str) -> None:
        pipeline = self.context.path.rpartition("/")[0] + "/pipeline"
        if act is Act.FAIL:
            raise LivermoreError(reason) if self.tenure.lease is not None else Transient(reason, retry_after=0)
        if act is Act.RELEASE:
            await self.tenure.release()
        elif act is Act.STOP:
            self.request(Stop(pipeline))
        else:
            self.portrait.begin_anew()
            self.request(Start(pipeline, {"duty": self._duty}))

    # -- what others see

    @property
    def _beat(self) -> float:
        """Seconds between two signs of life; whoever waits to take over shows that it is there to do so."""
        waits = self.situation.phase is Phase.STANDBY
        return LOOK if waits else min(self.options.heartbeat, self.options.lease_ttl / 3)

    @property
    def _duty(self) -> Duty | None:
        return Duty(self.tenure.lease, self.options.history) if self.tenure.lease is not None else None

    def _tell(self) -> None:
        self.told = self.clock.monotonic()
        phase, want, _ = self.situation
        self.emit(Reign(phase, want, self._duty, self.portrait.warmed_up.symbols, self.portrait.last_error))

    async def _show(self) -> None:
        self.shown = self.clock.monotonic()
        lease = self.tenure.lease
        await self.redis.run(instances.show(self.keys, self.portrait.sighting(self.situation, lease)))
        if lease is not None:
            await self.tenure.keep(msgspec.json.encode(self.portrait.status(self.situation, lease)))
