"""What a stream gives: events with their place, tickers, snapshots, and the news that something may be missing."""

from typing import Generic, TypeAlias, TypeVar

import msgspec

from livermore.client.records import Alert, Candle, Gap, Record, SignalNews, Ticker

T = TypeVar("T")


class _Told(Record, Generic[T], frozen=True, kw_only=True):
    """``id``: its place in the exchange's order of events. ``channel``: the concrete one, also for wildcards."""

    id: str
    channel: str
    data: T


class CandleClose(_Told[Candle], frozen=True, kw_only=True):
    """A candle has closed."""


class CandleCorrected(_Told[Candle], frozen=True, kw_only=True):
    """A closed candle was not right: this one takes its place."""


class TradeSignal(_Told[SignalNews], frozen=True, kw_only=True):
    """Direction and strength, at every closed candle."""


class AlertRaised(_Told[Alert], frozen=True, kw_only=True):
    """A turn was noticed."""


class GapTold(_Told[Gap], frozen=True, kw_only=True):
    """Something was missed, or it is known what became of what was missed."""


class Snapshot(_Told[tuple[T, ...]], Generic[T], frozen=True, kw_only=True):
    """What a channel stands at. A large one comes in several."""


class TickerChanged(Record, frozen=True, kw_only=True):
    """A price; it has no place, and is not given again."""

    channel: str
    data: Ticker


class NotResumed(Record, frozen=True, kw_only=True):
    """What came after ``since`` could not be given again, so that something may be missing; snapshots follow.

    ``since`` is None where the stream broke off before it was known where it is.
    """

    since: str | None


Rows: TypeAlias = Snapshot[Candle] | Snapshot[SignalNews] | Snapshot[Alert] | Snapshot[Ticker]
Placed: TypeAlias = CandleClose | CandleCorrected | TradeSignal | AlertRaised | GapTold
Event: TypeAlias = Placed | TickerChanged | Rows | NotResumed

_PLACED: dict[str, msgspec.json.Decoder[Placed]] = {
    "candle_close": msgspec.json.Decoder(CandleClose),
    "candle_corrected": msgspec.json.Decoder(CandleCorrected),
    "trade_signal": msgspec.json.Decoder(TradeSignal),
    "alert": msgspec.json.Decoder(AlertRaised),
    "gap": msgspec.json.Decoder(GapTold),
}
_ROWS: dict[str, msgspec.json.Decoder[Rows]] = {
    "candles": msgspec.json.Decoder(Snapshot[Candle]),
    "signals": msgspec.json.Decoder(Snapshot[SignalNews]),
    "alerts": msgspec.json.Decoder(Snapshot[Alert]),
    "tickers": msgspec.json.Decoder(Snapshot[Ticker]),
}
_ticker = msgspec.json.Decoder(TickerChanged).decode


def placed(kind: str, text: bytes) -> Placed | None:
    """An event with a place; None where the message is none, or of a kind that is not known here."""
    return _PLACED[kind].decode(text) if kind in _PLACED else None


def unplaced(kind: str, channel: str, text: bytes) -> TickerChanged | Rows | None:
    """A ticker or a snapshot; None where the message is neither."""
    if kind == "ticker":
        return _ticker(text)
    rows = _ROWS.get(channel.partition(":")[0]) if kind == "snapshot" else None
    return rows.decode(text) if rows is not None else None
