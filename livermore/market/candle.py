"""A candle: what was traded in one bucket of time, closed once and exact."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from livermore.market.instant import iso, parse_iso
from livermore.market.timeframe import Timeframe


class Series(NamedTuple):
    """One symbol of one exchange on one timeframe."""

    exchange: str
    symbol: str
    timeframe: Timeframe

    def __str__(self) -> str:
        return f"{self.symbol}:{self.timeframe}"


class Candle(msgspec.Struct, frozen=True, gc=False):
    """Prices and volume are canonical decimal strings; ``open_time`` is ms UTC; ``revision`` counts corrections."""

    exchange: str
    symbol: str
    timeframe: Timeframe
    open_time: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    revision: int = 0

    @property
    def series(self) -> Series:
        return Series(self.exchange, self.symbol, self.timeframe)

    @property
    def close_time(self) -> int:
        """The first moment (ms) after the bucket."""
        return self.open_time + self.timeframe.ms


class PublicCandle(msgspec.Struct, gc=False):
    """The stored and served JSON of a candle. The order is part of the format: `revision` is last."""

    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    symbol: str
    exchange: str
    timeframe: str
    revision: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(PublicCandle).decode


def to_json(candle: Candle) -> bytes:
    """The public form, which is also the stored form."""
    c = candle
    return _encode(
        PublicCandle(
            iso(c.open_time),
            c.open,
            c.high,
            c.low,
            c.close,
            c.volume,
            c.symbol,
            c.exchange,
            str(c.timeframe),
            c.revision,
        )
    )


def stem(candle: Candle) -> bytes:
    """The stored form up to the revision: two candles say the same if their stems are equal."""
    return to_json(candle).rpartition(b',"revision":')[0]


def from_json(data: bytes) -> Candle:
    """Read the stored form.

    Raises:
        ValueError: it is not that form.
    """
    try:
        p = _decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not a stored candle: {error}") from error
    return Candle(
        p.exchange, p.symbol, Timeframe(p.timeframe), parse_iso(p.timestamp),
        p.open, p.high, p.low, p.close, p.volume, p.revision,
    )  # fmt: skip


def fault(candle: Candle) -> str | None:
    """Why a candle cannot be true, or None. One that has a fault is quarantined, never stored."""
    o, h, l, c, v = map(Decimal, (candle.open, candle.high, candle.low, candle.close, candle.volume))  # noqa: E741 - OHLCV
    checks = (
        (candle.open_time % candle.timeframe.ms == 0, "open time is not aligned"),
        (min(o, h, l, c) > 0, "price is not above zero"),
        (h >= max(o, c), "high is below open or close"),
        (l <= min(o, c), "low is above open or close"),
        (v >= 0, "volume is below zero"),
    )
    return next((reason for holds, reason in checks if not holds), None)
