"""A session: what one client of a stream is subscribed to, and how its messages are answered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from livermore import metrics
from livermore.errors import Transient
from livermore.http.channel import SERIES, SYMBOLS, Kinds, Topic, topic
from livermore.http.directory import Market
from livermore.http.frame import message
from livermore.http.outbox import Outbox
from livermore.http.refusal import Refusal, unavailable
from livermore.http.replay import Replay, since
from livermore.http.requests import Ping, Subscribe, Unsubscribe
from livermore.http.snapshot import rows
from livermore.store.events import START

if TYPE_CHECKING:
    from livermore.http.front import Front


class Session:
    """``topics`` holds what is subscribed to, in the order in which that was asked for.

    ``catching_up``: while events are replayed, the newest id is no place to resume from.
    """

    def __init__(self, front: "Front", outbox: Outbox, kinds: Kinds) -> None:
        self.topics: dict[Topic, None] = {}
        self.catching_up = False
        self._front, self._outbox, self._kinds = front, outbox, kinds

    async def take(self, request: Subscribe | Unsubscribe | Ping) -> None:
        """Answer one message; whatever is wrong with it is said, and the session goes on."""
        try:
            if isinstance(request, Subscribe):
                await self._subscribe(request)
            elif isinstance(request, Unsubscribe):
                await self._unsubscribe(request)
            else:
                self._say("pong", id=request.id)
        except Refusal as refusal:
            self.error("INVALID_MESSAGE", refusal.message)
        except Transient as reason:
            self.error("UNAVAILABLE", unavailable(reason).message)

    def error(self, code: str, text: str, channel: str | None = None) -> None:
        """Say that something cannot be done."""
        self._say("error", code=code, message=text, channel=channel)

    def end(self) -> None:
        """Listen to nothing any more."""
        for held in self.topics:
            self._front.hub.unsubscribe(held, self._outbox)
        self.topics.clear()

    def _say(self, kind: str, **fields: Any) -> None:
        self._outbox.add(message(kind, **fields))

    async def _subscribe(self, request: Subscribe) -> None:
        market = await self._market(request.exchange, request.channels)
        replay = await self._replay(request, market)
        resumed = None if request.resume_from is None else replay is not None
        asked, rejected = await self._topics(request.channels, market)
        held = list(self.topics)
        taken = [one for one in asked if self._take(one, rejected)]
        self._confirm("subscribed", request, market, rejected, resumed=resumed)
        if replay is not None:
            self.catching_up = True
            await replay.run(taken, held)
        for one in taken:  # at once: not one event may come between
            self._front.hub.subscribe(one, self._outbox)
        if replay is not None:
            self.catching_up = False
            self._outbox.add(self._front.heartbeat())
        if market is not None and (request.snapshot or resumed is False):
            await self._show(market, taken)

    async def _replay(self, request: Subscribe, market: Market | None) -> Replay | None:
        """What brings the client up to date; None where it did not ask for that, or it cannot be done."""
        if request.resume_from is None:
            return None
        if market is None:
            raise Refusal(400, "expected resume_from with channels of an exchange")
        replay = Replay(self._front, market, self._outbox, since(request.resume_from, market))
        possible = await replay.possible()
        metrics.STREAM_RESUMES.labels("replayed" if possible else "trimmed").inc()
        return replay if possible else None

    def _take(self, one: Topic, rejected: list[Any]) -> bool:
        """Write down a topic, unless there are too many."""
        if one not in self.topics and len(self.topics) >= self._front.bounds.subscriptions:
            rejected.append(self._reject(str(one), "TOO_MANY_SUBSCRIPTIONS", "expected fewer subscriptions"))
            return False
        self.topics[one] = None
        return True

    async def _unsubscribe(self, request: Unsubscribe) -> None:
        market = await self._market(request.exchange, request.channels)
        asked, rejected = await self._topics(request.channels, market)
        for one in asked:
            self.topics.pop(one, None)
            self._front.hub.unsubscribe(one, self._outbox)
        self._confirm("unsubscribed", request, market, rejected)

    def _confirm(
        self, kind: str, request: Subscribe | Unsubscribe, market: Market | None, rejected: list[Any], **more: Any
    ) -> None:
        """Say what is active now, on the exchange that was spoken of, all in all."""
        name = market.name if market is not None else ""
        active = [str(held) for held in self.topics if held.exchange in {name, ""}]
        self._say(kind, exchange=name or None, channels=active, rejected=rejected, id=request.id, **more)

    async def _market(self, name: str | None, channels: Sequence[str]) -> Market | None:
        """The exchange that is meant; None where nothing was asked for that belongs to one."""
        if all(text in self._kinds.plain for text in channels):
            return None
        directory = self._front.directory
        markets = await directory.visible() if name is None else [await directory.market(name)]
        if len(markets) != 1:
            known = ", ".join(market.name for market in markets) or "none"
            raise Refusal(400, f"expected the field exchange with one of: {known}")
        if await markets[0].begun():
            await self._front.hub.reached(markets[0].name, START)  # else what happens meanwhile would be nobody's
        return markets[0]

    async def _topics(self, channels: Sequence[str], market: Market | None) -> tuple[list[Topic], list[Any]]:
        asked, rejected = dict[Topic, None](), []
        held = {str(one): one for one in self.topics if market is None or one.exchange in {market.name, ""}}
        for text in channels:
            try:
                asked[held.get(text) or await topic(text, market, self._kinds)] = None
            except Refusal as refusal:
                rejected.append(self._reject(text, "INVALID_CHANNEL", refusal.message))
        return list(asked), rejected

    def _reject(self, text: str, code: str, reason: str) -> dict[str, str]:
        self.error(code, reason, text)
        return {"channel": text, "code": code}

    async def _show(self, market: Market, asked: Sequence[Topic]) -> None:
        for one in asked:
            place = self._front.hub.place(market.name)
            if one.kind in SERIES | SYMBOLS:
                async for data, full in rows(self._front, market, one, full=self._outbox.full):
                    self._say("snapshot", id=place, channel=str(one), data=data, full=full)
                    await self._outbox.drained()
