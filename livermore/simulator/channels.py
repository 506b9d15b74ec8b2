"""The channels of a live market: what is sent on subscribing, and what falls due on which grid (`exchanges.md` 1.5).

Every frame is a function of the facts and of the moment of the subscription, not of how often anybody looks.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, groupby
from typing import NamedTuple

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.moments import envelope_time, go_time
from livermore.simulator.source import Facts
from livermore.simulator.statistics import QUOTE
from livermore.simulator.trade import Trade
from livermore.simulator.wire import CandleRow, Frame, trade_row

HEARTBEATS = "heartbeats"

_GRID, _SECOND, _MINUTE = 250, 1_000, 60_000
_CANDLES, _CANDLES_AT = 10_000, 7_000
"""Candles are sent every ten seconds, seven past: as on the real wire, the last word of a bucket is not its end."""
_MEASURED_LAG = 1_523_962
"""How long (ns) a heartbeat's own time lies before its envelope's, as recorded."""
_SNAPSHOT = 100


class Channel(NamedTuple):
    """``snapshot`` makes the first frame of a symbol (None: there is none), ``updates`` all that follow."""

    snapshot: Callable[[Facts, str, int], Frame | None]
    updates: Callable[[Facts, str, int], Iterator[Frame]]


def _frame(channel: str, at: int, kind: str, name: str, rows: Sequence[object]) -> Frame:
    return Frame(at, envelope_time(at), channel, [{"type": kind, name: rows}])


def _due(trade: Trade) -> int:
    """The first moment of the grid (ms) that is not before the trade."""
    return -(-trade.time // (_GRID * 1_000)) * _GRID


def _minutes(since: int) -> Iterator[tuple[int, int]]:
    """The rest of the minute of ``since``, and then one minute after the other."""
    for start in count(since - since % _MINUTE, _MINUTE):
        yield max(since, start), start + _MINUTE


def _heartbeats(_: Facts, __: str, since: int) -> Iterator[Frame]:
    for at in count(since - since % _SECOND + _SECOND, _SECOND):
        beat = {"current_time": go_time(at * 1_000_000 - _MEASURED_LAG), "heartbeat_counter": at // _SECOND}
        yield Frame(at, envelope_time(at), HEARTBEATS, [beat])


def _trades_snapshot(facts: Facts, symbol: str, now: int) -> Frame:
    rows = [trade_row(trade) for trade in facts.newest_trades(symbol, now, _SNAPSHOT)]
    return _frame("market_trades", now, "snapshot", "trades", rows)


def _trades(facts: Facts, symbol: str, since: int) -> Iterator[Frame]:
    for start, end in _minutes(since):
        for at, trades in groupby(facts.trades(symbol, start, end), _due):
            rows = [trade_row(trade) for trade in trades]
            yield _frame("market_trades", at, "update", "trades", rows[::-1])


def _ticker_snapshot(facts: Facts, symbol: str, now: int) -> Frame | None:
    ticker = facts.ticker(symbol, now)
    return None if ticker is None else _frame("ticker", now, "snapshot", "tickers", [ticker])


def _tickers(facts: Facts, symbol: str, since: int) -> Iterator[Frame]:
    """After every trade, and whenever the waiting orders change."""
    for start, end in _minutes(since):
        quotes = range(start - start % QUOTE + QUOTE, end + 1, QUOTE)
        for at in sorted({*map(_due, facts.trades(symbol, start, end)), *quotes}):
            ticker = facts.ticker(symbol, at)
            if ticker is not None:
                yield _frame("ticker", at, "update", "tickers", [ticker])


def _candles_snapshot(facts: Facts, symbol: str, now: int) -> Frame:
    """The last hundred candles, however far back a quiet symbol's reach."""
    found: list[Candle] = []
    for buckets in (100, 400, 1_600):
        first = now - (buckets - 1) * Timeframe.M5.ms
        found = facts.candles(symbol, Timeframe.M5, Timeframe.M5.floor(first), now, now)
        if len(found) >= _SNAPSHOT:
            break
    return _frame("candles", now, "snapshot", "candles", list(map(_candle_row, found[-_SNAPSHOT:])))


def _candles(facts: Facts, symbol: str, since: int) -> Iterator[Frame]:
    for at in count(since - (since - _CANDLES_AT) % _CANDLES + _CANDLES, _CANDLES):
        bucket = Timeframe.M5.floor(at)
        found = facts.candles(symbol, Timeframe.M5, bucket, bucket, at)
        if found and facts.trades(symbol, max(since, at - _CANDLES), at):
            yield _frame("candles", at, "update", "candles", list(map(_candle_row, found)))


def _candle_row(c: Candle) -> CandleRow:
    return CandleRow(str(c.open_time // 1_000), c.high, c.low, c.open, c.close, c.volume, c.symbol)


def _nothing(_: Facts, __: str, ___: int) -> None:
    """Heartbeats start without a snapshot."""


CHANNELS = {
    HEARTBEATS: Channel(_nothing, _heartbeats),
    "candles": Channel(_candles_snapshot, _candles),
    "ticker": Channel(_ticker_snapshot, _tickers),
    "market_trades": Channel(_trades_snapshot, _trades),
}
