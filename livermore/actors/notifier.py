"""The notifier: follows the outbox and tells people about alerts, at least once each."""

from typing import Any

import msgspec
import structlog
from pydantic import SecretStr, field_validator

from livermore import metrics
from livermore.errors import Transient
from livermore.market.alert import Alert
from livermore.market.instant import iso
from livermore.resources import Resources
from livermore.settings import Options
from livermore.store import alerts, status
from livermore.store.alerts import Delivery
from livermore.store.exchange import keys_of
from livermore.supervision.loop_actor import LoopActor

GROUP = "notifier"
AT_ONCE = 20
BLOCK = 2_000
PAUSE = 5.0
"""Seconds to wait when a target says too many requests, but not for how long."""


class Target(Options):
    """Where to send: a Discord webhook."""

    discord: SecretStr

    @field_validator("discord")
    @classmethod
    def _is_a_url(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("expected the URL of a webhook")
        return value


class NotifierOptions(Options):
    """Whose outbox, and where to."""

    exchange: str = "coinbase"
    targets: tuple[Target, ...]


class Notifier(LoopActor):
    """A notice that cannot be delivered now stays in the outbox; late alerts are never notified."""

    options: NotifierOptions
    resources: Resources

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.notifier")
        metrics.begin_notices()
        self.network = self.keep(self.resources.network())
        self.redis = self.keep(self.resources.async_redis(BLOCK / 1000))
        self.keys = await keys_of(self.keep(self.resources.database()), self.options.exchange)
        await self.redis.run(alerts.join(self.keys, GROUP))

    async def main(self) -> None:
        while pending := await self.redis.run(alerts.claim_pending(self.keys, GROUP, GROUP, AT_ONCE)):
            await self._deliver(pending)
        while True:
            await self._deliver(await self.redis.run(alerts.next_deliveries(self.keys, GROUP, GROUP, AT_ONCE, BLOCK)))

    async def _deliver(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.kind == "alert":
                await self._notify(msgspec.json.decode(delivery.data, type=Alert))
            await self.redis.run(alerts.acknowledge(self.keys, GROUP, [delivery.id]))

    async def _notify(self, alert: Alert) -> None:
        if alert.late:
            metrics.NOTICES.labels("late").inc()
            return
        origin = await self.redis.run(status.origin(self.keys))
        message = discord_message(alert, simulated=origin is not None and origin.simulated)
        refusals = [refusal for target in self.options.targets if (refusal := await self._post(target, message))]
        metrics.NOTICES.labels("refused" if refusals else "sent").inc()
        await self.redis.run(alerts.delivered(self.keys, alert.id, refusals[0] if refusals else None))

    async def _post(self, target: Target, message: dict[str, Any]) -> str | None:
        """Why the target will never take the message, or None once it has."""
        answer = await self.network.post(target.discord.get_secret_value(), message)
        if answer.status == 429 or answer.status >= 500:
            wait = answer.headers.get("retry-after", "")
            raise Transient(f"Discord says {answer.status}", retry_after=float(wait) if wait.isdigit() else PAUSE)
        if answer.status >= 300:
            self.log.error("Discord refuses a notice", status=answer.status)
            return f"Discord says {answer.status}"
        return None


def discord_message(alert: Alert, *, simulated: bool) -> dict[str, Any]:
    """The body for a Discord webhook: plain text, in which nobody is mentioned."""
    sign = "[simulated] " if simulated else ""
    what = alert.label.replace("_", " ")
    text = f"{sign}**{alert.symbol}** {alert.timeframe}: {what} (MACD-V {alert.value:+.1f}) at {alert.price}"
    footer = f"{alert.exchange}, candle of {iso(alert.candle_time)}, alert {alert.id}"
    return {"content": f"{text}\n{footer}", "allowed_mentions": {"parse": []}}
