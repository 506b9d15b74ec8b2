"""Klines: the same candles with their trades counted, and flat ones where nobody traded."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from tests.simulator.support import MINUTE, NOW

INSTRUMENTS = made(12, "USDT")
MARKET = Market(7, INSTRUMENTS, "binance")
SYMBOLS = [instrument.symbol for instrument in INSTRUMENTS]
moments = st.integers(NOW - 10**9, NOW)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SYMBOLS), st.sampled_from([*Timeframe][:4]), moments)
def test_every_bucket_is_there_and_those_that_were_traded_in_are_the_candles(symbol, timeframe, now):
    newest = timeframe.floor(now)
    first = newest - 9 * timeframe.ms
    klines = MARKET.klines(symbol, timeframe, first, now, now)
    assert [k.start for k in klines] == list(range(first, now + 1, timeframe.ms))
    assert all(k.last == k.start + timeframe.ms - 1 for k in klines)
    traded = [(k.start, k.open, k.high, k.low, k.close, k.volume) for k in klines if k.trades]
    candles = MARKET.candles(symbol, timeframe, first, now, now)
    assert traded == [(c.open_time, c.open, c.high, c.low, c.close, c.volume) for c in candles]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SYMBOLS), st.sampled_from([*Timeframe][:4]), moments)
def test_each_counts_its_trades_and_numbers_them(symbol, timeframe, now):
    for kline in MARKET.klines(symbol, timeframe, timeframe.floor(now) - 2 * timeframe.ms, now, now):
        numbers = [t.number for t in MARKET.trades(symbol, kline.start, min(kline.last + 1, now))]
        assert kline.trades == len(numbers)
        assert kline.numbers == ((numbers[0], numbers[-1]) if numbers else (-1, -1))


def test_where_nobody_traded_the_price_stands_still():
    klines = MARKET.klines("SLP-USDT", Timeframe.M1, NOW - 600 * MINUTE, NOW, NOW)
    empty = [(before, k) for before, k in pairwise(klines) if not k.trades]
    assert len(empty) > 400
    for before, kline in empty:
        assert {kline.open, kline.high, kline.low, kline.close} == {before.close}
        assert (kline.volume, kline.quote_volume) == ("0", "0")
    first = klines[0]
    [newest] = MARKET.newest_trades("SLP-USDT", first.last + 1, 1)
    assert first.close == newest.price


def test_before_the_first_trade_ever_there_is_no_kline():
    assert MARKET.klines("SLP-USDT", Timeframe.M1, 0, MINUTE, MINUTE) == []
    assert MARKET.day("SLP-USDT", 0) is None


def test_what_was_paid_lies_between_the_extremes():
    for kline in MARKET.klines("ETH-USDT", Timeframe.M1, NOW - 100 * MINUTE, NOW, NOW):
        low, high = (Decimal(price) * Decimal(kline.volume) for price in (kline.low, kline.high))
        assert low <= Decimal(kline.quote_volume) + Decimal("1e-8")
        assert Decimal(kline.quote_volume) <= high + Decimal("1e-8")


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["LTC-USDT", "SLP-USDT"]), moments)
def test_the_day_is_what_its_trades_say(symbol, now):
    start = Timeframe.M1.floor(now) - 1_439 * MINUTE
    trades, day = MARKET.trades(symbol, start, now), MARKET.day(symbol, now)
    assert day is not None
    assert (day.start, day.last, day.trades) == (start, start + Timeframe.D1.ms - 1, len(trades))
    assert day.numbers == (trades[0].number, trades[-1].number)
    assert (day.open, day.close) == (trades[0].price, trades[-1].price)
    assert Decimal(day.volume) == sum(Decimal(t.size) for t in trades)
