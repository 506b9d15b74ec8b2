"""One WebSocket connection to the simulated exchange, without socket and without clock: texts in, texts out."""

from collections.abc import Iterable

from livermore.errors import ProtocolError
from livermore.simulator.demand import Demand, read_demand, wanted
from livermore.simulator.moments import envelope_time
from livermore.simulator.schedule import Schedule, Stream
from livermore.simulator.source import Source
from livermore.simulator.wire import Frame, numbered, refusal

PATIENCE = 5_000
"""How long (ms) the exchange waits for the first subscription."""

_HANG_UP = (1008, "no subscribe message within 5 seconds")


class CoinbaseSession:
    """Coinbase's side of one connection. All times are ms UTC of market time and never go back."""

    def __init__(self, source: Source, opened_at: int, patience: int = PATIENCE) -> None:
        """``patience``: ms of market time, so that a fast clock need not shorten what clients have in wall time."""
        self.closed: tuple[int, str] | None = None
        """Code and reason, once the exchange has hung up."""
        self._source = source
        self._symbols = frozenset(listing.symbol for listing in source.listings)
        self._deadline: int | None = opened_at + patience
        self._subscribed: dict[str, list[str]] = {}
        self._schedule: Schedule[Frame] = Schedule()
        self._sequence = 0

    def receive(self, text: str | bytes, now: int) -> list[str]:
        """The frames to send at once when the client sends ``text``, after those that fell due before."""
        frames = self.advance(now)
        if self.closed is not None:
            return frames
        try:
            return frames + self._numbered(self._obey(read_demand(text, self._source.channels), now))
        except ProtocolError as error:
            return [*frames, refusal(str(error))]

    def advance(self, now: int) -> list[str]:
        """All frames that fell due up to ``now``, in order."""
        if self._deadline is not None and now >= self._deadline:
            self.closed, self._deadline = _HANG_UP, None
        return self._numbered(self._schedule.due(now))

    def next_due(self) -> int | None:
        """When `advance` will next have something to say or to do; None if only `receive` can change that."""
        return self._schedule.next_due() if self._deadline is None else self._deadline

    def _obey(self, demand: Demand, now: int) -> list[Frame]:
        if demand.type == "subscribe":
            frames = self._subscribe(demand.channel, wanted(demand, self._symbols), now)
        else:
            frames = self._unsubscribe(demand)
        acknowledgement = {"subscriptions": {c: list(symbols) for c, symbols in self._subscribed.items() if symbols}}
        return [*frames, Frame(now, envelope_time(now), "subscriptions", [acknowledgement])]

    def _subscribe(self, channel: str, symbols: list[str], now: int) -> list[Frame]:
        """The snapshots of what is new; the acknowledgement follows them (`exchanges.md` 1.2)."""
        self._deadline = None
        known = self._subscribed.setdefault(channel, [])
        new = [symbol for symbol in symbols if symbol not in known]
        known += new
        for symbol in new:
            self._schedule.add(Stream(channel, symbol), self._source.updates(channel, symbol, now))
        return self._source.snapshot(channel, new, now)

    def _unsubscribe(self, demand: Demand) -> list[Frame]:
        known = self._subscribed.get(demand.channel, [])
        leaving = list(known) if demand.product_ids is None else wanted(demand, self._symbols)
        for symbol in leaving:
            self._schedule.remove(Stream(demand.channel, symbol))
        self._subscribed[demand.channel] = [symbol for symbol in known if symbol not in leaving]
        return []

    def _numbered(self, frames: Iterable[Frame]) -> list[str]:
        texts = []
        for frame in frames:
            texts.append(numbered(frame, self._sequence))
            self._sequence += 1
        return texts
