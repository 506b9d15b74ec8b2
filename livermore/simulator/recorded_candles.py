"""Candles of a recording, made on a way of their own, so that they can contradict those of the program under test."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from livermore.market.amount import text_of, total
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.trade import Trade
from livermore.simulator.wire import CandleRow


def of_trades(trades: Sequence[Trade]) -> list[Candle]:
    """One-minute candles of trades that ascend."""
    minutes: dict[int, list[Trade]] = {}
    for trade in trades:
        minutes.setdefault(Timeframe.M1.floor(trade.time // 1_000), []).append(trade)
    return [_candle(open_time, minute) for open_time, minute in minutes.items()]


def of_rows(rows: Iterable[CandleRow]) -> list[Candle]:
    """Five-minute candles, ascending: of each bucket the last row."""
    last = {int(row.start): row for row in rows}
    return [_from_row(last[start]) for start in sorted(last)]


def rolled_up(children: Iterable[Candle], timeframe: Timeframe) -> list[Candle]:
    """Larger candles of smaller ones that ascend."""
    buckets: dict[int, list[Candle]] = {}
    for child in children:
        buckets.setdefault(timeframe.floor(child.open_time), []).append(child)
    return [_merged(open_time, bucket, timeframe) for open_time, bucket in buckets.items()]


def _candle(open_time: int, trades: Sequence[Trade]) -> Candle:
    prices = [Decimal(trade.price) for trade in trades]
    volume = total(Decimal(trade.size) for trade in trades)
    return _made(trades[0].symbol, Timeframe.M1, open_time, (prices[0], max(prices), min(prices), prices[-1], volume))


def _merged(open_time: int, children: Sequence[Candle], timeframe: Timeframe) -> Candle:
    high = max(Decimal(child.high) for child in children)
    low = min(Decimal(child.low) for child in children)
    volume = total(Decimal(child.volume) for child in children)
    first, last = Decimal(children[0].open), Decimal(children[-1].close)
    return _made(children[0].symbol, timeframe, open_time, (first, high, low, last, volume))


def _from_row(row: CandleRow) -> Candle:
    amounts = tuple(map(Decimal, (row.open, row.high, row.low, row.close, row.volume)))
    return _made(row.product_id, Timeframe.M5, int(row.start) * 1_000, amounts)


def _made(symbol: str, timeframe: Timeframe, open_time: int, amounts: Sequence[Decimal]) -> Candle:
    o, h, l, c, v = map(text_of, amounts)  # noqa: E741 - OHLCV
    return Candle("coinbase", symbol, timeframe, open_time, o, h, l, c, v)
