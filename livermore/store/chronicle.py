"""The chronicle of an exchange: changes of its pipeline, told to the activity log, to people and to Prometheus."""

from typing import Any

import msgspec

from livermore import metrics
from livermore.lifecycle import Change, Phase
from livermore.store import activity, state_notices
from livermore.store.keys import Keys
from livermore.store.lease import Owner
from livermore.store.query import Query, command, nothing
from livermore.store.redis import AsyncRedisStore

KEPT = 50
"""The newest changes, which `history` gives."""


class Chronicle:
    """``here``: the process that things happen in."""

    def __init__(self, redis: AsyncRedisStore, keys: Keys, exchange: str, here: Owner) -> None:
        self._redis, self._keys, self._exchange, self._here = redis, keys, exchange, here

    async def changed(self, before: Phase, after: Phase, at: int) -> None:
        """The pipeline has entered another state; ``at``: wall ms."""
        change = self._change(before, after, at)
        metrics.TRANSITIONS.labels(self._exchange, before, after).inc()
        for phase in Phase:
            metrics.PHASE.labels(self._exchange, phase).set(phase is after)
        line = msgspec.json.encode({"from": before, "to": after, "at": at})
        await self._redis.run(command("LPUSH", self._keys.history, line, read=nothing))
        await self._redis.run(command("LTRIM", self._keys.history, 0, KEPT - 1, read=nothing))
        await self._tell(change)

    async def failed(self, phase: Phase, error: str, at: int) -> None:
        """It has failed, which is no change of its state."""
        await self._tell(self._change(phase, phase, at, error))

    def _change(self, before: Phase, after: Phase, at: int, error: str = "") -> Change:
        return Change(self._exchange, before, after, at, self._here.host, self._here.pid, error)

    async def _tell(self, change: Change) -> None:
        await self._redis.run(activity.write(self._exchange, activity.fields(change), change.at))
        await self._redis.run(state_notices.announce(self._keys, change))


def history(keys: Keys) -> Query[list[dict[str, Any]]]:
    """The newest changes of state, the newest first: ``{from, to, at}``, the time in wall ms."""
    return command("LRANGE", keys.history, 0, -1, read=lambda rows: [msgspec.json.decode(one) for one in rows])
