"""Every recorded series of `../shared/data`, by name, some of them rolled up; 550 bars without a hole settle a seed."""

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial

from livermore.indicators.bars import Bars, filled
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from tests.indicators.examples import stretches
from tests.market.examples import BTC_5M, ETH_5M, SLP_1M, XRP_1M, plain, series
from tests.market.test_rollup import rolled
from tests.support.paths import recorded

SETTLED = 550
"""TA-Lib leaves the first bar out of its range; after so many bars that makes less than 1e-9."""


@cache
def _minutes_of_bitcoin() -> Sequence[Candle]:
    text = gzip.decompress(recorded("binance/BTCUSDT_1m_14160.csv.gz").read_bytes()).decode()
    found = []
    for row in csv.DictReader(text.splitlines()):
        at = int(datetime.fromisoformat(row["timestamp"]).timestamp()) * 1000
        amounts = (plain(row[key]) for key in ("Open", "High", "Low", "Close", "Volume"))
        found.append(Candle("binance", "BTC-USDT", Timeframe.M1, at, *amounts))
    return tuple(found)


@cache
def _binance_us() -> Sequence[Candle]:
    found = []
    for row in json.loads(recorded("binance/us_ETH-USD_5m_580.json").read_text())["ohlc"]:
        at = row["endTime"] + 1 - Timeframe.M5.ms
        amounts = (plain(str(row[key])) for key in ("openPrice", "highPrice", "lowPrice", "closePrice", "volume"))
        found.append(Candle("binance_us", "ETH-USD", Timeframe.M5, at, *amounts))
    return tuple(found)


def _rolled(small: Callable[[], Sequence[Candle]], timeframe: Timeframe) -> Sequence[Candle]:
    return rolled(small(), timeframe)


_bitcoin = partial(series, BTC_5M, Timeframe.M5)
LONG: dict[str, Callable[[], Sequence[Candle]]] = {
    "BTC-USD 5m": _bitcoin,
    "BTC-USD 15m": partial(_rolled, _bitcoin, Timeframe.M15),
    "BTC-USD 1h": partial(_rolled, _bitcoin, Timeframe.H1),
    "BTC-USD 4h": partial(_rolled, _bitcoin, Timeframe.H4),
    "BTC-USDT 1m": _minutes_of_bitcoin,
    "BTC-USDT 5m": partial(_rolled, _minutes_of_bitcoin, Timeframe.M5),
    "BTC-USDT 15m": partial(_rolled, _minutes_of_bitcoin, Timeframe.M15),
    "ETH-USD 5m of Binance.US": _binance_us,
    "ETH-BTC 5m": partial(series, "candles/ETH_BTC-5m.csv.gz", Timeframe.M5),
    "ADA-BTC 5m": partial(series, "candles/ADA_BTC-5m.csv.gz", Timeframe.M5),
}
"""Those with a stretch that is long enough for a seed to be forgotten."""
SHORT: dict[str, Callable[[], Sequence[Candle]]] = {
    "SLP-CDE 1m": partial(series, SLP_1M, Timeframe.M1),
    "XRP-ETH 1m": partial(series, XRP_1M, Timeframe.M1),
    "ETH-USD 5m": partial(series, ETH_5M, Timeframe.M5),
    "SOL-USD 5m": partial(series, "coinbase/SOL-USD_300s.csv", Timeframe.M5),
}
"""Those that are sparse, or one page of REST."""


@cache
def long_stretches(name: str) -> Sequence[Bars]:
    """The gapless parts of a series that are long enough to compare."""
    parts = stretches(filled((LONG | SHORT)[name]()))
    return tuple(part for part in parts if len(part) > SETTLED)
