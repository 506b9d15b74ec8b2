"""One WebSocket connection to the simulated Binance, without socket and without clock: texts in, texts out."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from livermore.simulator.binance_demand import Refused, read_demand, refusal, result
from livermore.simulator.source import KlineFacts
from livermore.simulator.subscriptions import Subscriptions

MOST_MESSAGES = 5
"""Messages of a client in a second, pings and pongs included."""
LONGEST = 4_096
"""Bytes of a client's message: a longer one is never answered (ccxws, issue 161; binance-connector-rust, issue 27)."""

_FLOOD, _CROWD, _END = (1008, "Too many requests"), (1008, "Too many subscriptions"), (1001, "going away")


class Limits(NamedTuple):
    """How long (ms of market time) a connection lives, how long before its end it is warned (None: not at all), and
    how long a wall second is, so that a fast clock need not shorten what clients have to say five messages."""

    life: int = 24 * 3_600_000
    notice: int | None = 600_000
    second: int = 1_000


USUAL = Limits()


class BinanceSession:
    """Binance's side of one connection. All times are ms UTC of market time and never go back."""

    def __init__(
        self,
        market: KlineFacts,
        opened_at: int,
        streams: Iterable[str] = (),
        *,
        combined: bool = True,
        limits: Limits = USUAL,
    ) -> None:
        """Open a connection.

        Args:
            market: what it tells of.
            opened_at: when.
            streams: those that its URL names.
            combined: whether frames name their stream (``/stream``) or not (``/ws``).
            limits: what is not for ever.
        """
        self.closed: tuple[int, str] | None = None
        """Code and reason, once the exchange has hung up."""
        self._subscriptions = Subscriptions(market, combined=combined)
        self._second, self._cut = limits.second, opened_at + limits.life
        self._heard: deque[int] = deque(maxlen=MOST_MESSAGES)
        if limits.notice is not None:
            self._subscriptions.warn(self._cut - limits.notice)
        try:
            self._subscriptions.join(streams, opened_at)
        except Refused:
            self.closed = _CROWD

    def receive(self, text: str | bytes, now: int) -> list[str]:
        """The frames to send at once when the client sends ``text``, after those that fell due before."""
        fallen_due = self.advance(now)
        self.control(now)
        if self.closed is not None or len(text if isinstance(text, bytes) else text.encode()) > LONGEST:
            return fallen_due
        try:
            demand = read_demand(text)
            return [*fallen_due, result(self._subscriptions.obey(demand, now), demand.id)]
        except Refused as refused:
            return [*fallen_due, refusal(refused)]

    def control(self, now: int) -> None:
        """Take note of a ping or a pong of the client: these count as messages."""
        if len(self._heard) == MOST_MESSAGES and now - self._heard[0] < self._second:
            self.closed = self.closed or _FLOOD
        self._heard.append(now)

    def advance(self, now: int) -> list[str]:
        """All frames that fell due up to ``now``, in order."""
        if self.closed is not None:
            return []
        if now >= self._cut:
            self.closed = _END
        return [msgspec.json.encode(body).decode() for body in self._subscriptions.due(min(now, self._cut))]

    def next_due(self) -> int | None:
        """When `advance` will next have something to say or to do; None once it is closed."""
        if self.closed is not None:
            return None
        due = self._subscriptions.next_due()
        return self._cut if due is None else min(due, self._cut)

    def shut_down(self, now: int, within: int) -> None:
        """Warn the client at once, and cut it off after ``within`` ms."""
        self._cut = min(self._cut, now + within)
        self._subscriptions.warn(now)
