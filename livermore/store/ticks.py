"""Tickers, and the channel on which they and forming candles are told to whoever listens: both may be lost."""

from collections.abc import Sequence

import msgspec

from livermore.market.candle import Candle, to_json
from livermore.market.ticker import Ticker
from livermore.store.fence import Right, fenced
from livermore.store.keys import Keys
from livermore.store.query import Query, command

TTL = 60_000
"""How long (ms of market time) a ticker is believed."""


class Ticks(msgspec.Struct):
    """One message of the channel: the newest tickers, and forming candles in their public JSON."""

    tickers: Sequence[Ticker]
    forming: Sequence[msgspec.Raw]


def write(right: Right, tickers: Sequence[Ticker], forming: Sequence[Candle], ttl_ms: float) -> Query[int]:
    """Store tickers for ``ttl_ms`` (wall time), and tell them and the forming candles."""
    message = msgspec.json.encode(Ticks(tickers, [msgspec.Raw(to_json(c)) for c in forming]))
    keys = [right.keys.ticker(t.symbol) for t in tickers]
    values = [msgspec.json.encode(t) for t in tickers]
    return fenced(right, "ticks", keys, [int(ttl_ms), right.keys.ticks, message, *values])


def read(keys: Keys, symbols: Sequence[str]) -> Query[list[Ticker | None]]:
    """The tickers of symbols, in their order; at least one symbol."""
    return command("MGET", *map(keys.ticker, symbols), read=lambda answers: [_ticker(a) for a in answers])


def _ticker(answer: bytes | None) -> Ticker | None:
    return msgspec.json.decode(answer, type=Ticker) if answer else None
