"""The hub: knows who listens to what, and hands every event on to them, encoded once."""

from collections.abc import Iterable
from typing import Any

from livermore.http.channel import KIND_OF_EVENT, Topic
from livermore.http.frame import event as event_frame
from livermore.http.frame import message
from livermore.http.outbox import Outbox
from livermore.store.events import START, Event

Audience = dict[Outbox, None]


class Hub:
    """``places``: by exchange, the id of the newest event that everybody who listens has been handed."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._audiences: dict[Topic, Audience] = {}

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

    def publish(self, exchange: str, event: Event) -> None:
        """Hand on one event of an exchange's stream; one that has no channel is nobody's."""
        self.places[exchange] = event.id
        kind = KIND_OF_EVENT.get(event.kind)
        symbol, _, timeframe = event.series.partition(":")
        if kind is None:
            return
        topic = Topic(exchange, kind, symbol, "" if kind == "alerts" else timeframe)
        place, frames = self.place(exchange, event.id), dict[bool, bytes]()
        for outbox in self.audience(topic):
            if outbox.full not in frames:
                full = event.full if outbox.full else b""
                frames[outbox.full] = event_frame(event.kind, place, str(topic), event.data, full)
            outbox.add(frames[outbox.full], place)

    def tell(self, topic: Topic, kind: str, data: Any) -> None:
        """Hand on news that the next makes worthless."""
        audience = self.audience(topic)
        if audience:
            frame = message(kind, channel=str(topic), data=data)
            for outbox in audience:
                outbox.conflate(str(topic), frame)
