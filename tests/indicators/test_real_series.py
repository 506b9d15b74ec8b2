"""Tests of MACD-V on recorded series, against TA-Lib and pandas."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import talib

from livermore.indicators.bars import Bars, Floats, filled
from livermore.indicators.macdv import Macdv
from livermore.indicators.moving_average import ema
from livermore.market.candle import Candle
from livermore.market.rollup import roll_up
from livermore.market.timeframe import Timeframe
from tests.indicators.recorded import LONG, SETTLED, SHORT, long_stretches
from tests.market.examples import BTC_5M, XRP_1M, series
from tests.market.test_rollup import exactly, rolled

LAST = 1_000


def pandas_average(values: Floats, period: int, alpha: float) -> Floats:
    """An exponential average by pandas, seeded with the mean of the first values."""
    seeded = pd.Series(values[period - 1 :]).copy()
    seeded.iloc[0] = pd.Series(values[:period]).mean()
    return np.append(np.full(period - 1, np.nan), seeded.ewm(alpha=alpha, adjust=False).mean().to_numpy())


def pandas_macdv(part: Bars) -> tuple[Floats, Floats]:
    """MACD-V and its signal line, written down in pandas from their definition."""
    close = pd.Series(part.close)
    columns = [part.high - part.low, (part.high - close.shift()).abs(), (part.low - close.shift()).abs()]
    ranges = pd.concat(list(map(pd.Series, columns)), axis=1).max(axis=1).to_numpy()
    spread = pandas_average(part.close, 12, 2 / 13) - pandas_average(part.close, 26, 2 / 27)
    value = spread / pandas_average(ranges, 26, 1 / 26) * 100
    return value, np.append(np.full(25, np.nan), pandas_average(value[25:], 9, 2 / 10))


@pytest.mark.parametrize("name", LONG)
def test_macdv_and_its_signal_line_equal_pandas_from_their_first_bar_on(name: str) -> None:
    for part in long_stretches(name):
        values = Macdv().compute(part)
        for ours, theirs in zip((values.value, values.signal), pandas_macdv(part), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SHORT)
def test_a_series_that_is_compared_with_nobodys_has_no_stretch_that_is_long_enough(name: str) -> None:
    assert not long_stretches(name)


@pytest.mark.parametrize("name", LONG)
def test_a_series_that_is_compared_has_one(name: str) -> None:
    assert long_stretches(name)


@pytest.mark.parametrize("name", LONG)
def test_ema_equals_ta_libs(name: str) -> None:
    for part in long_stretches(name):
        for period in (9, 12, 26):
            np.testing.assert_allclose(ema(part.close, period), talib.EMA(part.close, period), rtol=1e-9)


@pytest.mark.parametrize("name", LONG)
def test_the_average_range_equals_ta_libs_once_the_first_bar_is_forgotten(name: str) -> None:
    for part in long_stretches(name):
        macdv = Macdv()
        ours, theirs = macdv.parts(macdv.states(part))["atr"], talib.ATR(part.high, part.low, part.close, 26)
        np.testing.assert_allclose(ours[SETTLED:], theirs[SETTLED:], rtol=1e-9)


@pytest.mark.parametrize("name", LONG)
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
    whole = LONG["BTC-USD 5m"]()[:5_000]
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
