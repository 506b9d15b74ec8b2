"""Tickers: what they say is what the trades of the last 24 hours and the candles of 52 weeks say."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.market import Market
from tests.simulator.support import MINUTE, NOW

SYMBOLS = [instrument.symbol for instrument in INSTRUMENTS]
market = Market(11)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SYMBOLS), st.integers(NOW - 10**9, NOW))
def test_a_ticker_tells_the_last_trade_and_24_hours_of_trades(symbol, now):
    ticker = market.ticker(symbol, now)
    assert ticker is not None
    first = (now // MINUTE - 1_439) * MINUTE
    minutes = market.candles(symbol, Timeframe.M1, first, now, now)
    assert ticker.price == market.newest_trades(symbol, now, 1)[0].price == minutes[-1].close
    assert Decimal(ticker.high_24_h) == max(Decimal(c.high) for c in minutes)
    assert Decimal(ticker.low_24_h) == min(Decimal(c.low) for c in minutes)
    assert Decimal(ticker.volume_24_h) == sum(Decimal(c.volume) for c in minutes)
    change = (Decimal(ticker.price) / Decimal(minutes[0].open) - 1) * 100
    assert abs(Decimal(ticker.price_percent_chg_24_h) - change) < Decimal("1e-13")


@pytest.mark.parametrize("symbol", SYMBOLS[::4])
def test_a_ticker_tells_the_extremes_of_52_weeks(symbol):
    ticker = market.ticker(symbol, NOW)
    assert ticker is not None
    days = market.candles(symbol, Timeframe.D1, Timeframe.D1.floor(NOW) - 363 * Timeframe.D1.ms, NOW, NOW)
    assert Decimal(ticker.high_52_w) == max(Decimal(ticker.high_24_h), *(Decimal(c.high) for c in days))
    assert Decimal(ticker.low_52_w) == min(Decimal(ticker.low_24_h), *(Decimal(c.low) for c in days))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SYMBOLS), st.integers(NOW - 10**9, NOW))
def test_the_last_price_is_the_quote_of_its_maker(symbol, now):
    ticker = market.ticker(symbol, now)
    assert ticker is not None
    assert Decimal(ticker.best_bid) < Decimal(ticker.best_ask)
    maker = market.newest_trades(symbol, now, 1)[0].side
    assert ticker.price == (ticker.best_bid if maker == "BUY" else ticker.best_ask)
    assert Decimal(ticker.best_bid_quantity) > 0
    assert Decimal(ticker.best_ask_quantity) > 0


def test_quotes_change_although_nobody_trades():
    first = NOW - NOW % 2_000
    tickers = [market.ticker("SLP-USD", first + 2_000 * n) for n in range(20)]
    assert len({t.price for t in tickers if t}) <= 2
    assert len({t.best_bid_quantity for t in tickers if t}) == 20
