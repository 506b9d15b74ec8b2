"""The event follower: the one reader of this process that follows what every exchange's pipeline writes."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from livermore.errors import Transient
from livermore.store import events

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

BLOCK = 1_000
"""Milliseconds to wait for events; the front's ``follower`` must allow for that."""
AT_ONCE = 500
LOOK_AGAIN = 1.0
"""Seconds between looks where there is no exchange to follow yet."""


async def follow_events(front: "Front") -> None:
    """Hand on every event from now on, in order, for ever; nothing is skipped while Redis is away."""
    hub = front.hub
    while True:
        try:
            names = {market.keys.events: market for market in await front.directory.visible()}
            for market in names.values():
                if market.name not in hub.places:
                    hub.places[market.name] = await front.redis.run(events.newest_id(market.keys))
            places = {key: hub.places[market.name] for key, market in names.items()}
            found = await front.follower.run(events.follow(places, AT_ONCE, BLOCK)) if places else {}
        except Transient as reason:
            _log.warning("events are waited for", reason=str(reason))
            await asyncio.sleep(min(reason.retry_after, LOOK_AGAIN))
            continue
        for key, news in found.items():
            for event in news:
                hub.publish(names[key].name, event)
        await asyncio.sleep(0 if places else LOOK_AGAIN)  # the clients' sockets are served between two batches
