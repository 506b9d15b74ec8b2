"""Candles and trades made in a line, and the recorded series of `../shared/data`."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from livermore.market.amount import text_of
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.market.trade import Trade
from tests.support.paths import recorded

MINUTE = 60_000
NOON = 1_786_276_800_000
"""2026-08-09T12:00:00Z in ms: the start of a bucket of every timeframe but 1d."""

Row = dict[str, str]


def candle(open_time: int = NOON, timeframe: Timeframe = Timeframe.M1, **fields: Any) -> Candle:
    """A candle of BTC-USD at which nothing happens, unless told otherwise."""
    given = {"open": "100", "high": "100", "low": "100", "close": "100", "volume": "1", **fields}
    return Candle("coinbase", "BTC-USD", timeframe, open_time, **given)


def trade(number: int, at: int, price: str = "100", size: str = "1", symbol: str = "BTC-USD") -> Trade:
    """A trade; ``at`` in ms."""
    return Trade(symbol, number, price, size, at)


def plain(text: str) -> str:
    """An amount of a recorded file, some of which are printed floats, in canonical form."""
    return text_of(Decimal(text))


def rows(name: str) -> Iterable[Row]:
    """The rows of a recorded series, as they are."""
    data = recorded(name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    return csv.DictReader(text.splitlines())


def open_time(row: Row) -> int:
    """When a row's bucket opens, ms."""
    text = (row.get("timestamp") or row["date"]).replace("Z", "")
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@cache
def series(name: str, timeframe: Timeframe) -> Sequence[Candle]:
    """A recorded series, ascending."""
    found = []
    for row in rows(name):
        o, h, l, c, v = (plain(row[key]) for key in ("open", "high", "low", "close", "volume"))  # noqa: E741 - OHLCV
        found.append(Candle("coinbase", "BTC-USD", timeframe, open_time(row), o, h, l, c, v))
    return tuple(sorted(found, key=lambda c: c.open_time))


BTC_5M = "coinbase/BTC-USD_5m_2025-07_2026-01.csv.gz"
ETH_5M = "coinbase/ETH-USD_300s.csv"
SLP_1M = "coinbase/SLP-CDE_1m_sparse.csv.gz"
XRP_1M = "candles/XRP_ETH-1m.csv.gz"
