"""The alert recorder: follows the outbox and writes every alert into SQL, once."""

from functools import partial

import msgspec
import structlog

from livermore import metrics
from livermore.market.alert import Alert
from livermore.resources import Resources
from livermore.settings import Options
from livermore.store import alert_history, alerts
from livermore.store.alerts import Delivery
from livermore.store.exchange import keys_of
from livermore.store.notices import Delivered
from livermore.store.shift import Shift
from livermore.supervision.loop_actor import LoopActor, together

GROUP = "recorder"
AT_ONCE = 100
BLOCK = 2_000


class RecorderOptions(Options):
    """Whose outbox."""

    exchange: str = "coinbase"


class AlertRecorder(LoopActor):
    """One of an exchange's processes records at a time. SQL being down delays a record and loses none: what was not
    acknowledged is handed out again.
    """

    options: RecorderOptions
    resources: Resources

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.recorder")
        self.database = self.keep(self.resources.database())
        self.redis = self.keep(self.resources.async_redis(BLOCK / 1000))
        self.keys = await keys_of(self.database, self.options.exchange)
        self.recorded = metrics.RECORDED.labels(self.options.exchange)  # from the start, at nought
        self.shift = Shift(self.redis, self.keys, GROUP, self.clock)
        await self.redis.run(alerts.join(self.keys, GROUP))

    async def main(self) -> None:
        await self.shift.begin()
        await together(self._follow(), self.shift.last())

    async def cool_down(self) -> None:
        await self.shift.end()

    async def _follow(self) -> None:
        while pending := await self.redis.run(alerts.claim_pending(self.keys, GROUP, GROUP, AT_ONCE)):
            await self._record(pending)
        while True:
            found = await self.redis.run(alerts.next_deliveries(self.keys, GROUP, GROUP, AT_ONCE, BLOCK))
            if found:
                await self._record(found)
                await self.redis.run(alerts.trim(self.keys))

    async def _record(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.kind == "alert":
                alert = msgspec.json.decode(delivery.data, type=Alert)
                insert = partial(alert_history.record, exchange_id=self.keys.exchange_id, alert=alert)
                self.recorded.inc(await self.database.run_aside(insert))
            elif delivery.kind == "delivered":
                said = msgspec.json.decode(delivery.data, type=Delivered)
                await self.database.run_aside(partial(alert_history.notified, said=said))
        await self.redis.run(alerts.acknowledge(self.keys, GROUP, [delivery.id for delivery in deliveries]))
