"""The hub: knows who listens to what, and hands every event on to them, encoded once."""

import asyncio
from collections.abc import Iterable
from typing import Any

from livermore.errors import Transient
from livermore.http.channel import Topic, topic_of
from livermore.http.frame import event as event_frame
from livermore.http.frame import message
from livermore.http.outbox import Outbox
from livermore.store.events import START, Event, order

PATIENCE = 5.0
"""Seconds in which the events are followed up to a place that somebody has seen already."""

Audience = dict[Outbox, None]


class Hub:
    """``places``: by exchange, the id of the newest event that everybody who listens has been handed."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._audiences: dict[Topic, Audience] = {}
        self._moved = asyncio.Event()

    def subscribe(self, topic: Topic, outbox: Outbox) -> None:
        """Hand this topic's events to the outbox from now on."""
        self._audiences.setdefault(topic, {})[outbox] = None

    def unsubscribe(self, topic: Topic, outbox: Outbox) -> None:
        """No longer."""
        audience = self._audiences.get(topic, {})
        audience.pop(outbox, None)
        if not audience:
            self._audiences.pop(topic, None)

    def audience(self, topic: Topic) -> Iterable[Outbox]:
        """Everyone who hears this concrete topic, each once, however many of his wildcards take it in."""
        heard: Audience = {}
        for listened in topic.heard_by():
            heard |= self._audiences.get(listened, {})
        return heard

    def listened(self, kind: str) -> bool:
        """Whether anybody listens to anything of this kind."""
        return any(topic.kind == kind for topic in self._audiences)

    def place(self, exchange: str, id_: str = "") -> str:
        """The public form of an event's id, or of the newest one's."""
        return f"{exchange}:{id_ or self.places.get(exchange, START)}"

    async def reached(self, exchange: str, id_: str) -> None:
        """Wait until everybody who listens to an exchange has been handed the event with this id.

        Raises:
            Transient: that takes too long.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while exchange not in self.places or order(self.places[exchange]) < order(id_):
                    await self._moved.wait()
        except TimeoutError as late:
            raise Transient(f"the events of {exchange} are not followed yet", retry_after=1) from late

    def at(self, exchange: str, id_: str) -> None:
        """Everything up to this id has been handed on."""
        self.places[exchange] = id_
        self._moved.set()  # wakes everyone who waits; the next wait is for the next move
        self._moved.clear()

    def publish(self, exchange: str, event: Event) -> None:
        """Hand on one event of an exchange's stream; one that has no channel is nobody's."""
        self.places[exchange] = event.id
        topic = topic_of(exchange, event)
        if topic is None:
            return
        place, frames = self.place(exchange, event.id), dict[bool, bytes]()
        for outbox in self.audience(topic):
            if outbox.full not in frames:
                frames[outbox.full] = self.frame(exchange, event, topic, full=outbox.full)
            outbox.add(frames[outbox.full], place)

    def frame(self, exchange: str, event: Event, topic: Topic, *, full: bool) -> bytes:
        """The frame of an event. ``full``: for those who may see what is never relayed to the public."""
        place = self.place(exchange, event.id)
        return event_frame(event.kind, place, str(topic), event.data, event.full if full else b"")

    def tell(self, topic: Topic, kind: str, data: Any) -> None:
        """Hand on news that the next makes worthless."""
        audience = self.audience(topic)
        if audience:
            frame = message(kind, channel=str(topic), data=data)
            for outbox in audience:
                outbox.conflate(str(topic), frame)
