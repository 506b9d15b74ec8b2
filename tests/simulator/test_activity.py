"""The counter of trades."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.activity import Activity
from livermore.simulator.instruments import INSTRUMENTS

seeds, minutes = st.integers(0, 10**9), st.integers(0, 40_000_000)
instruments = st.sampled_from(INSTRUMENTS)


@given(seeds, instruments, minutes)
def test_the_number_of_trades_never_falls(seed, instrument, first):
    numbers = Activity(seed, instrument.symbol, instrument.rate).before(first, 5_000)
    assert np.diff(numbers).min() >= 0


@given(seeds, instruments, minutes)
def test_a_symbol_has_about_its_rate_of_trades_in_a_minute(seed, instrument, first):
    numbers = Activity(seed, instrument.symbol, instrument.rate).before(first, 10_001)
    assert 0.9 < (numbers[-1] - numbers[0]) / 10_000 / instrument.rate < 1.1


@given(seeds)
def test_activity_ebbs_and_flows(seed):
    trades = np.diff(Activity(seed, "BTC-USD", 60.0).before(29_700_000, 1_441))
    hours = trades.reshape(-1, 60).sum(axis=1)
    assert trades.min() < 45 < 75 < trades.max()
    assert hours.max() > 1.05 * hours.min()
