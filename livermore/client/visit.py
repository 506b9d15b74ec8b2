"""A visit: one connection of a stream from its welcome on, and what is said on it beside events."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from livermore.client.connection import BrokenError, Connection, Said
from livermore.client.errors import StreamError, UnexpectedError
from livermore.client.events import NotResumed
from livermore.client.patience import Sleep
from livermore.client.progress import Progress

PASSING = {"UNAVAILABLE", "RATE_LIMITED"}
OF_CHANNELS = {"INVALID_CHANNEL", "TOO_MANY_SUBSCRIPTIONS"}
"""Errors that the confirmation tells, too."""


class Asked(NamedTuple):
    """What a stream is to bring. ``exchange`` may be None where the server has only one."""

    channels: Sequence[str]
    exchange: str | None


class Visit:
    """``caught_up``: everything is subscribed to, and what was missed has come.

    ``within``: the seconds in which the server asks to come back, where it is about to stop.
    """

    def __init__(self, asked: Asked, progress: Progress, connection: Connection, sleep: Sleep) -> None:
        self.caught_up = False
        self.within: float | None = None
        self._progress, self._connection, self._sleep = progress, connection, sleep
        self._since, self._channels = progress.place, asked.channels
        known = self._since.partition(":")[0] if self._since is not None else None
        self._exchange = asked.exchange or known
        self._lost = False

    async def begin(self, *, snapshot: bool) -> None:
        """Wait for the welcome, and ask for the first channels. ``snapshot``: to be shown what stands now."""
        welcome, _ = await self._connection.read()
        if welcome.type != "welcome":
            raise UnexpectedError(f"expected a welcome, got {welcome.type}")
        self._connection.patience = 2 * welcome.heartbeat_seconds
        if self._exchange is None and len(welcome.exchanges) == 1:
            self._exchange = welcome.exchanges[0]
        self._newest = welcome.ids.get(self._exchange or "")
        self._pace = 1 / max(1, welcome.limits.get("messages_per_second", 10))
        self._snapshot, size = snapshot, max(1, welcome.limits.get("channels_per_message", 20))
        starts = range(0, len(self._channels), size)
        self._waiting = deque(self._channels[start : start + size] for start in starts)
        self._progress.begin(self._newest, in_order=len(self._waiting) == 1)
        await self._next()

    async def _next(self) -> None:
        """Ask for more channels, once the last ones are confirmed; after all of them, when everything has come."""
        if not self._waiting:
            await self._connection.say(action="ping")
            return
        resume = None if self._since is None else [self._since]
        await self._connection.say(
            action="subscribe",
            channels=self._waiting.popleft(),
            exchange=self._exchange,
            resume_from=resume,
            snapshot=self._snapshot or None,
        )

    async def heed(self, said: Said) -> NotResumed | None:
        """Do what a message asks for; gives what the caller has to know of it.

        Raises:
            StreamError: the stream cannot go on.
            BrokenError: another connection can.
        """
        if said.type == "subscribed":
            return await self._confirmed(said)
        if said.type == "pong":
            self.caught_up = True
            self._progress.catch_up()
        elif said.type == "heartbeat":
            self._progress.reach((said.ids or {}).get(self._exchange or ""))
        elif said.type == "reconnect":
            self.within = said.within_seconds
        elif said.type == "error" and said.code in PASSING:
            raise BrokenError(f"{said.code}: {said.message}")
        elif said.type == "error" and said.code not in OF_CHANNELS:
            raise StreamError(said.code, said.message)
        return None

    async def _confirmed(self, said: Said) -> NotResumed | None:
        if said.rejected:
            named = ", ".join(one.get("channel", "?") for one in said.rejected)
            raise StreamError(said.rejected[0].get("code", "REJECTED"), f"these channels were rejected: {named}")
        self._exchange = said.exchange or self._exchange
        news = NotResumed(since=self._since) if said.resumed is False and not self._lost else None
        if news is not None:
            self._lost = True
            self._progress.lose(self._newest)
        if self._waiting:
            await self._sleep(self._pace)
        await self._next()
        return news
