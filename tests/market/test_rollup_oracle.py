"""Real candles rolled up, held against what pandas makes of the same rows."""

from decimal import Decimal

import pandas as pd
import pytest

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from tests.market.examples import BTC_5M, XRP_1M, rows, series
from tests.market.test_rollup import rolled

OFFSETS = {Timeframe.M5: "5min", Timeframe.H1: "1h", Timeframe.H4: "4h", Timeframe.D1: "1D"}
PRICES = {"open": "first", "high": "max", "low": "min", "close": "last"}

cases = pytest.mark.parametrize(
    ("name", "child", "parent"),
    [
        (BTC_5M, Timeframe.M5, Timeframe.H4),
        (BTC_5M, Timeframe.M5, Timeframe.D1),
        (XRP_1M, Timeframe.M1, Timeframe.M5),
        (XRP_1M, Timeframe.M1, Timeframe.H1),
    ],
)


def of_pandas(name: str, timeframe: Timeframe) -> pd.DataFrame:
    """A recorded file resampled by pandas: prices as floats, volumes as exact decimals, empty buckets left out."""
    frame = pd.DataFrame(rows(name)).rename(columns={"date": "time", "timestamp": "time"})
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    frame = frame.set_index("time").sort_index()
    frame = frame.astype(dict.fromkeys(PRICES, float))
    frame["volume"] = frame["volume"].map(Decimal)
    buckets = frame.resample(OFFSETS[timeframe], label="left", closed="left")
    made = buckets.agg(PRICES)
    made["volume"] = buckets["volume"].agg(lambda volumes: sum(volumes, Decimal(0)))
    return made.dropna(subset=["open"])


def as_frame(candles: list[Candle]) -> pd.DataFrame:
    """Candles as pandas would have made them."""
    made = pd.DataFrame(
        [[*map(float, (c.open, c.high, c.low, c.close)), Decimal(c.volume)] for c in candles],
        columns=[*PRICES, "volume"],
        index=pd.to_datetime([c.open_time for c in candles], unit="ms", utc=True),
    )
    return made.sort_index()


@cases
def test_real_candles_roll_up_as_pandas_resamples_them(name: str, child: Timeframe, parent: Timeframe) -> None:
    ours, theirs = as_frame(rolled(series(name, child), parent)), of_pandas(name, parent)
    assert len(theirs) >= 50
    assert [*ours.index] == [*theirs.index]
    pd.testing.assert_frame_equal(
        ours[[*PRICES]],
        theirs[[*PRICES]],
        check_exact=True,
        check_freq=False,
        check_names=False,
        check_index_type=False,
    )
    assert [*ours["volume"]] == [*theirs["volume"]], "volumes are equal to their last digit"


@cases
def test_the_oracle_has_exact_volumes_and_leaves_no_bucket_out(name: str, child: Timeframe, parent: Timeframe) -> None:
    theirs, traded = of_pandas(name, parent), {parent.floor(c.open_time) for c in series(name, child)}
    assert {int(at.timestamp()) * 1000 for at in theirs.index} == traded
    assert sum(theirs["volume"], Decimal(0)) == sum((Decimal(c.volume) for c in series(name, child)), Decimal(0))


def test_nearly_a_third_of_the_recorded_minutes_is_empty() -> None:
    minutes = series(XRP_1M, Timeframe.M1)
    span = (minutes[-1].open_time - minutes[0].open_time) // Timeframe.M1.ms + 1
    assert 0.30 < 1 - len(minutes) / span < 0.32
