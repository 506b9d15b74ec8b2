"""The event follower: the one reader of this process that follows what every exchange's pipeline writes."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from livermore.errors import Transient
from livermore.http.directory import Market
from livermore.store import events
from livermore.store.events import START

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
    hub, early = front.hub, set[str]()
    while True:
        try:
            names = {market.keys.events: market for market in await _followed(front, early)}
            places = {key: hub.places[market.name] for key, market in names.items()}
            found = await front.follower.run(events.follow(places, AT_ONCE, BLOCK)) if places else {}
        except Transient as reason:
            _log.warning("events are waited for", reason=str(reason))
            await asyncio.sleep(min(reason.retry_after, LOOK_AGAIN))
            continue
        for key, news in found.items():
            for event in news:
                hub.publish(names[key].name, event)
            hub.at(names[key].name, news[-1].id)
        await asyncio.sleep(0 if places else LOOK_AGAIN)  # the clients' sockets are served between two batches


async def _followed(front: "Front", early: set[str]) -> list[Market]:
    """The exchanges that have events, each with a place: the newest event, or the very first for an ``early`` one.

    ``early``: names of those that had no data when they were first looked at; somebody may listen to them already.
    """
    visible = await front.directory.visible()
    early |= {market.name for market in await front.directory.markets()} - {market.name for market in visible}
    for market in visible:
        if market.name not in front.hub.places:
            newest = START if market.name in early else await front.redis.run(events.newest_id(market.keys))
            front.hub.at(market.name, newest)
    return visible
