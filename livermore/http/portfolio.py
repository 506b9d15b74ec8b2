"""The portfolio table: values and stages of each watched symbol on the larger timeframes, and what they add up to."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from livermore.http.directory import Market
from livermore.http.snapshot import INDICATOR
from livermore.market.candle import Series
from livermore.market.cursor import Cursor, is_stale
from livermore.market.outlook import TIMEFRAMES, outlook
from livermore.store import candles, signals, ticks

if TYPE_CHECKING:
    from livermore.http.front import Front


async def portfolio(front: "Front", market: Market, symbols: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """A row for each of these symbols, or of all, most traded first.

    Only values that are ready and not stale count for the outlook.
    """
    watched = await market.symbols() if symbols is None else symbols
    if not watched:
        return []
    wanted = [Series(market.name, *pair) for pair in product(watched, TIMEFRAMES)]
    records = await front.redis.run(signals.records(market.keys, wanted, INDICATOR))
    known = await front.redis.run(candles.cursors_of(market.keys, wanted))
    tickers = await front.redis.run(ticks.read(market.keys, watched))
    now = front.clock.now()
    cells = [_cell(*one, now) for one in zip(wanted, records, known, strict=True)]
    in_rows = (cells[i : i + len(TIMEFRAMES)] for i in range(0, len(cells), len(TIMEFRAMES)))
    return [
        {
            "symbol": symbol,
            "price": ticker.price if ticker is not None else None,
            "timeframes": dict(zip(TIMEFRAMES, row, strict=True)),
            "outlook": outlook(*(cell["value"] if cell["ready"] and not cell["stale"] else None for cell in row)),
        }
        for symbol, ticker, row in zip(watched, tickers, in_rows, strict=True)
    ]


def _cell(series: Series, record: Mapping[str, Any] | None, cursor: Cursor | None, now: int) -> dict[str, Any]:
    stale = is_stale(cursor.through if cursor else None, series.timeframe, now)
    if record is None:
        return {"value": None, "stage": "unknown", "ready": False, "stale": stale}
    stage, ready = record["params"]["stage"], record["validity"]["ready"]
    return {"value": record["value"]["macdV"], "stage": stage, "ready": ready, "stale": stale}
