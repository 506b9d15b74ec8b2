"""The overview: every exchange with its status and its newest signals in full, and the newest alerts."""

import asyncio
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from livermore.http.directory import Market
from livermore.http.snapshot import ALERTS, INDICATOR
from livermore.market.candle import Series
from livermore.market.cursor import is_stale
from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, candles, signals, status, ticks
from livermore.store.alert_history import Filter

if TYPE_CHECKING:
    from livermore.http.front import Front


async def overview(front: "Front") -> dict[str, Any]:
    """Plain data for the dashboard."""
    markets = await front.directory.markets()
    exchanges = await asyncio.gather(*(_exchange(front, market) for market in markets))
    newest = partial(alert_history.page, wanted=Filter(), limit=ALERTS)
    alerts = [alert for _, alert in await front.database.run_aside(newest)]
    breakable = front.break_actor is not None
    return {"mode": front.mode, "breakable": breakable, "exchanges": exchanges, "alerts": alerts}


async def _exchange(front: "Front", market: Market) -> dict[str, Any]:
    watched = await market.symbols()
    return {
        "name": market.name,
        "display_name": market.exchange.display_name,
        "simulated": await market.simulated(),
        "status": await front.redis.run(status.read(market.keys)),
        "place": front.hub.place(market.name),
        "symbols": watched,
        "tickers": await front.redis.run(ticks.read(market.keys, watched)) if watched else [],
        "signals": await _signals(front, market, [Series(market.name, *pair) for pair in product(watched, Timeframe)]),
    }


async def _signals(front: "Front", market: Market, wanted: list[Series]) -> list[dict[str, Any]]:
    if not wanted:
        return []
    records = await front.redis.run(signals.records(market.keys, wanted, INDICATOR))
    known = await front.redis.run(candles.cursors_of(market.keys, wanted))
    now = front.clock.now()
    return [
        {
            "symbol": series.symbol,
            "timeframe": series.timeframe,
            "stale": is_stale(cursor.through if cursor else None, series.timeframe, now),
            "record": record,
        }
        for series, record, cursor in zip(wanted, records, known, strict=True)
        if record is not None
    ]
