"""The replay: what a client has missed since the event that it names, exactly once, up to where everybody else is."""

import asyncio
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from livermore.errors import LivermoreError, Transient
from livermore.http.channel import Topic, topic_of
from livermore.http.directory import Market
from livermore.http.outbox import Outbox
from livermore.http.refusal import Refusal
from livermore.store import events
from livermore.store.events import START, Event
from livermore.store.query import Query

if TYPE_CHECKING:
    from livermore.http.front import Front

AT_ONCE, FULL_AT_ONCE = 200, 50
"""Events of one portion, and of one with full records: a client must not be too slow for a single one."""


class TrimmedError(LivermoreError):
    """What comes next is not held any more."""


def since(tokens: Sequence[str], market: Market) -> str:
    """The id of the last event that was seen of this exchange, from tokens as ``coinbase:1700000000000-0``.

    Raises:
        Refusal: there is none, or one of them is no such token.
    """
    places = dict(token.partition(":")[::2] for token in tokens)
    if len(places) < len(tokens) or market.name not in places:
        raise Refusal(400, f"expected resume_from with one id for each exchange, and one of {market.name} among them")
    try:
        events.order(places[market.name])
    except ValueError as error:
        raise Refusal(400, f"resume_from: expected ids of events, as {market.name}:1700000000000-0") from error
    return places[market.name]


class Replay:
    """From one place of one exchange's events on, for one client."""

    def __init__(self, front: "Front", market: Market, outbox: Outbox, place: str) -> None:
        self._front, self._market, self._outbox, self._place = front, market, outbox, place
        self._most = FULL_AT_ONCE if outbox.full else AT_ONCE

    async def possible(self) -> bool:
        """Whether everything after the place is still held, and the place is none that is still to come."""
        queries = [events.oldest_id(self._market.keys), events.newest_id(self._market.keys)]
        oldest, newest = await self._front.redis.run_all(queries)
        return events.order(self._place) <= events.order(newest) and await self._holds(oldest)

    async def _holds(self, oldest: str) -> bool:
        """Whether nothing after the place is gone, as far as the oldest event tells that is held."""
        if self._place == START != oldest:
            return await self._front.redis.run(events.untrimmed(self._market.keys))
        return events.order(oldest) <= events.order(self._place)

    async def run(self, topics: Collection[Topic], held: Collection[Topic]) -> None:
        """Send what belongs to the topics, and to none that the client holds already, until nothing is missing.

        When it returns, the client has been handed what everybody else has; the caller subscribes it at once.

        Raises:
            TrimmedError: the client has been so slow that what it needs next is gone.
            StreamClosedError: the client has.
        """
        hub, name = self._front.hub, self._market.name
        await self._reach()
        while events.order(self._place) < events.order(hub.places[name]):
            last = hub.places[name]
            found = await self._read(last)
            self._send(found, topics, held)
            self._place = found[-1].id if len(found) == self._most else last
            await self._outbox.drained()

    async def _reach(self) -> None:
        """Another front may have been ahead of this one."""
        while True:
            try:
                return await self._front.hub.reached(self._market.name, self._place)
            except Transient as reason:
                await asyncio.sleep(reason.retry_after)

    async def _read(self, last: str) -> list[Event]:
        """The next portion, once Redis can answer: as for everybody else, nothing is skipped while it is away."""
        keys = self._market.keys
        queries: list[Query[Any]] = [events.after(keys, self._place, self._most, last), events.oldest_id(keys)]
        while True:
            try:
                found, oldest = await self._front.redis.run_all(queries)
                if not await self._holds(oldest):
                    raise TrimmedError(self._place)
            except Transient as reason:
                await asyncio.sleep(min(reason.retry_after, 1.0))
                continue
            return list(found)

    def _send(self, found: Sequence[Event], topics: Collection[Topic], held: Collection[Topic]) -> None:
        hub, name = self._front.hub, self._market.name
        for event in found:
            topic = topic_of(name, event)
            heard = set(topic.heard_by()) if topic is not None else set[Topic]()
            if topic is not None and heard.intersection(topics) and not heard.intersection(held):
                self._outbox.add(hub.frame(name, event, topic, full=self._outbox.full), hub.place(name, event.id))
