"""Tests of MACD-V on recorded series, against TA-Lib."""

from collections.abc import Sequence

import numpy as np
import pytest
import talib

from livermore.indicators.bars import Bars, filled
from livermore.indicators.macdv import Macdv
from livermore.indicators.moving_average import ema
from livermore.market.candle import Candle
from livermore.market.rollup import roll_up
from livermore.market.timeframe import Timeframe
from tests.indicators.examples import stretches
from tests.market.examples import BTC_5M, XRP_1M, series
from tests.market.test_rollup import exactly, rolled

SETTLED = 550
"""TA-Lib leaves the first bar out of its range; after so many bars that makes less than 1e-9."""
LAST = 1_000


def candles(name: str) -> Sequence[Candle]:
    """A recorded series, or one rolled up from it."""
    if name == "BTC-USD 4h":
        return rolled(series(BTC_5M, Timeframe.M5), Timeframe.H4)
    if name == "BTC-USD 1h":
        return rolled(series(BTC_5M, Timeframe.M5), Timeframe.H1)
    if name == "BTC-USD 5m":
        return series(BTC_5M, Timeframe.M5)
    return series(f"candles/{name}-5m.csv.gz", Timeframe.M5)


SERIES = ["BTC-USD 5m", "BTC-USD 1h", "BTC-USD 4h", "ETH_BTC", "ADA_BTC"]


def long_stretches(name: str) -> list[Bars]:
    """The gapless parts of a series that are long enough to compare."""
    found = [part for part in stretches(filled(candles(name))) if len(part) > SETTLED]
    assert found, "no part of the series is long enough"
    return found


@pytest.mark.parametrize("name", SERIES)
def test_ema_equals_ta_libs(name: str) -> None:
    for part in long_stretches(name):
        for period in (9, 12, 26):
            np.testing.assert_allclose(ema(part.close, period), talib.EMA(part.close, period), rtol=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_the_average_range_equals_ta_libs_once_the_first_bar_is_forgotten(name: str) -> None:
    for part in long_stretches(name):
        ours, theirs = Macdv().compute(part).atr, talib.ATR(part.high, part.low, part.close, 26)
        np.testing.assert_allclose(ours[SETTLED:], theirs[SETTLED:], rtol=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_macdv_and_its_signal_line_equal_their_composition_of_ta_libs_parts(name: str) -> None:
    for part in long_stretches(name):
        values = Macdv().compute(part)
        spread = talib.EMA(part.close, 12) - talib.EMA(part.close, 26)
        theirs = spread / talib.ATR(part.high, part.low, part.close, 26) * 100
        defined = int(np.flatnonzero(~np.isnan(theirs))[0])
        line = np.append(np.full(defined, np.nan), talib.EMA(theirs[defined:], 9))
        settled = slice(max(SETTLED, len(part) - LAST), None)
        np.testing.assert_allclose(values.value[settled], theirs[settled], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(values.signal[settled], line[settled], rtol=1e-9, atol=1e-9)


def test_59206_recorded_candles_of_5m_roll_up_to_4h_exactly_and_their_macdv_equals_ta_libs() -> None:
    small = series(BTC_5M, Timeframe.M5)
    large = rolled(small, Timeframe.H4)
    assert len(small) == 59_206
    expected = exactly(small, Timeframe.H4.ms)
    assert exactly(large, Timeframe.H4.ms) == expected
    for part in long_stretches("BTC-USD 4h"):
        spread = talib.EMA(part.close, 12) - talib.EMA(part.close, 26)
        theirs = spread / talib.ATR(part.high, part.low, part.close, 26) * 100
        settled = slice(max(SETTLED, len(part) - LAST), None)
        np.testing.assert_allclose(Macdv().compute(part).value[settled], theirs[settled], rtol=1e-9, atol=1e-9)


def test_a_window_of_the_history_that_is_kept_gives_what_the_whole_series_gives() -> None:
    """The calculator sees the newest 1,000 candles: what lies before them has been forgotten to 1e-9."""
    whole = candles("BTC-USD 5m")[:5_000]
    some, window = Macdv().compute(filled(whole)), Macdv().compute(filled(whole[-1_000:]))
    np.testing.assert_allclose(window.value[-100:], some.value[-100:], rtol=1e-9, atol=1e-9)


def test_a_sparse_pair_rolled_up_agrees_with_the_same_hours_made_directly() -> None:
    minutes = series(XRP_1M, Timeframe.M1)
    by_steps: Sequence[Candle] = minutes
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.H1):
        by_steps = rolled(by_steps, timeframe)
    direct = [
        roll_up([c for c in minutes if Timeframe.H1.floor(c.open_time) == h.open_time], h.timeframe) for h in by_steps
    ]
    one, other = Macdv().compute(filled(by_steps)), Macdv().compute(filled(direct))
    np.testing.assert_array_equal(one.value, other.value)
