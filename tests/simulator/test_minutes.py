"""The candle of a minute is one that its number of trades can make."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.minutes import Minutes

QUIET = replace(INSTRUMENTS[0], rate=3.0)
"""Small steps and few trades: what a minute of two or three trades cannot show would show here."""


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 40_000_000))
def test_few_trades_leave_no_room_for_extremes_of_their_own(seed, first):
    bars = Minutes(seed, QUIET).bars(first, 500)
    up, down = bars.high - np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close) - bars.low
    few, three, more = ((bars.trades > 0) & (bars.trades < 3)), bars.trades == 3, bars.trades > 3
    assert not (up | down)[few].any()
    assert not (up * down)[three].any()
    assert (up | down)[three].any()
    assert (up * down)[more].any()
    assert ((bars.open == bars.close) | (bars.trades != 1)).all()


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda i: i.symbol)
def test_prices_and_volumes_are_above_zero_where_there_are_trades(instrument):
    bars = Minutes(1, instrument).bars(29_700_000, 5_000)
    traded = bars.trades > 0
    assert bars.low.min() > 0
    assert (bars.volume >= bars.trades)[traded].all()
    assert not bars.volume[~traded].any()
    assert bars.volume.max() < 10**14


def test_the_numbers_of_trades_are_those_that_the_candles_count():
    minutes = Minutes(1, QUIET)
    assert np.diff(minutes.numbers(1_000, 501)).tolist() == minutes.bars(1_000, 500).trades.tolist()
