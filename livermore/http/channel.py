"""Channels of the stream: what a client subscribes to, as ``candles:BTC-USD:5m`` or ``signals:*:1h``."""

from collections.abc import Iterator
from typing import NamedTuple

from livermore.http.directory import Market
from livermore.http.refusal import Refusal
from livermore.market.timeframe import Timeframe
from livermore.store.events import Event

ANY = "*"
SERIES = frozenset({"candles", "signals"})
"""Kinds that have a symbol and a timeframe."""
SYMBOLS = frozenset({"alerts", "tickers"})
"""Kinds that have a symbol."""
KIND_OF_EVENT = {
    "candle_close": "candles",
    "candle_corrected": "candles",
    "gap": "candles",
    "trade_signal": "signals",
    "alert": "alerts",
}


class Kinds(NamedTuple):
    """What may be subscribed to on one stream; ``plain`` kinds have no parts and belong to no exchange."""

    series: frozenset[str] = SERIES
    symbols: frozenset[str] = SYMBOLS
    plain: frozenset[str] = frozenset()


PUBLIC = Kinds()
ADMIN = Kinds(SERIES | {"forming"}, SYMBOLS, frozenset({"tree"}))


class Topic(NamedTuple):
    """One channel of one exchange; ``symbol`` and ``timeframe`` may be any, and are empty where the kind has none."""

    exchange: str
    kind: str
    symbol: str = ""
    timeframe: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.symbol, self.timeframe) if part)

    def heard_by(self) -> Iterator["Topic"]:
        """This concrete topic, and every wildcard that takes it in."""
        for symbol in (self.symbol, ANY) if self.symbol else ("",):
            for timeframe in (self.timeframe, ANY) if self.timeframe else ("",):
                yield Topic(self.exchange, self.kind, symbol, timeframe)


def topic_of(exchange: str, event: Event) -> Topic | None:
    """The concrete topic of an event; None where it is nobody's."""
    kind = KIND_OF_EVENT.get(event.kind)
    symbol, _, timeframe = event.series.partition(":")
    return None if kind is None else Topic(exchange, kind, symbol, "" if kind == "alerts" else timeframe)


async def topic(text: str, market: Market | None, kinds: Kinds) -> Topic:
    """The topic that a client means.

    Raises:
        Refusal: there is no such channel.
    """
    kind, *parts = text.split(":")
    if kind in kinds.plain and not parts:
        return Topic("", kind)
    if market is not None and kind in kinds.series and len(parts) == 2:
        if parts[1] != ANY and parts[1] not in set(Timeframe):
            raise Refusal(400, f"expected a timeframe of {', '.join(Timeframe)}, or *")
        return Topic(market.name, kind, await _symbol(parts[0], market), parts[1])
    if market is not None and kind in kinds.symbols and len(parts) == 1:
        return Topic(market.name, kind, await _symbol(parts[0], market))
    shapes = [f"{k}:SYMBOL:TIMEFRAME" for k in sorted(kinds.series)] + [f"{k}:SYMBOL" for k in sorted(kinds.symbols)]
    raise Refusal(400, f"expected {', '.join([*shapes, *sorted(kinds.plain)])}; symbol and timeframe may be *")


async def _symbol(written: str, market: Market) -> str:
    found = ANY if written == ANY else await market.find(written)
    if found is None:
        raise Refusal(400, "expected a symbol of /symbols, or *")
    return found
