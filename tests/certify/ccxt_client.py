"""ccxt, its asyncio side and its WebSockets, on both exchanges. It watches no candles on Coinbase."""

import asyncio
import time
from typing import Any

import ccxt.pro

from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market
from tests.certify.checks import Checks, facts
from tests.certify.truth import Truth, closed, flat, folded, row_of, trades_of

LONGEST = 100
"""Seconds for anything on a WebSocket."""
FACTS = facts()
TRUTH = Truth(FACTS["seed"])


def now() -> int:
    """The simulators run on wall time."""
    return time.time_ns() // 1_000_000


async def candles(checks: Checks, exchange: Any, market: Market, symbol: str, limit: int) -> None:
    """Every timeframe that is stored and that ccxt knows (it has no 4h for Coinbase), open candle aside."""
    whole = flat if exchange.id == "binance" else closed
    for timeframe in (timeframe for timeframe in Timeframe if timeframe in exchange.timeframes):
        at = now()
        since = timeframe.floor(at) - (limit - 1) * timeframe.ms
        read = [tuple(row) for row in await exchange.fetch_ohlcv(symbol, timeframe, since, limit)]
        over = [row for row in read if row[0] + timeframe.ms <= at]
        true = whole(market, symbol.replace("/", "-"), timeframe, over, at)
        checks.equal(f"{exchange.id} fetch_ohlcv {symbol} {timeframe}", over, true)


async def compounds(checks: Checks, exchange: Any, market: Market, symbol: str) -> None:
    """Coinbase's other timeframes, which are made of smaller ones."""
    for name, (part, parts) in {"30m": (Timeframe.M15, 2), "2h": (Timeframe.H1, 2), "6h": (Timeframe.H1, 6)}.items():
        at, step = now(), part.ms * parts
        read = [tuple(row) for row in await exchange.fetch_ohlcv(symbol, name, at - at % step - 99 * step, 100)]
        over = [row for row in read if row[0] + step <= at]
        true = folded(market, symbol.replace("/", "-"), part, over, step)
        checks.equal(f"{exchange.id} fetch_ohlcv {symbol} {name}", over, true)


async def trades(checks: Checks, exchange: Any, market: Market, symbol: str) -> None:
    """Each trade once, in order, none left out."""
    read: dict[int, tuple[float, float]] = {}
    end = time.monotonic() + 8
    while time.monotonic() < end:
        for trade in await exchange.watch_trades(symbol):
            read[int(trade["id"])] = trade["price"], trade["amount"]
    true = trades_of(market, symbol.replace("/", "-"), min(read), max(read), now())
    checks.equal(
        f"{exchange.id} watch_trades {symbol}",
        [(number, *read[number]) for number in sorted(read)],
        [(t.number, float(t.price), float(t.size)) for t in true],
    )


async def ticker(checks: Checks, exchange: Any, market: Market, symbol: str) -> None:
    """The newest price is that of a trade of the last seconds. Binance's usual ticker is one without quotes."""
    for _ in range(3):
        read = await exchange.watch_ticker(symbol, {"name": "ticker"} if exchange.id == "binance" else {})
    at = now()
    prices = {float(t.price) for t in market.newest_trades(symbol.replace("/", "-"), at, 200)}
    checks.expect(f"{exchange.id} watch_ticker {symbol}", read["last"] in prices, read["last"])
    checks.expect(f"{exchange.id} watch_ticker {symbol} quotes", read["bid"] < read["ask"], (read["bid"], read["ask"]))


async def watched(checks: Checks, exchange: Any, market: Market, symbol: str) -> None:
    """A minute is closed while it is watched."""
    seen: dict[int, tuple[float, ...]] = {}
    opened = Timeframe.M1.floor(now())
    while not any(start > opened for start in seen):
        for row in await exchange.watch_ohlcv(symbol, "1m"):
            seen[row[0]] = tuple(row)
    [true] = market.candles(symbol.replace("/", "-"), Timeframe.M1, opened, opened, now())
    checks.equal(f"{exchange.id} watch_ohlcv {symbol} over a minute's end", [seen[opened]], [row_of(true)])


async def certify(checks: Checks, exchange: Any, market: Market, quote: str, limit: int) -> None:
    """Everything on one exchange."""
    liquid, sparse = f"BTC/{quote}", f"SLP/{quote}"
    with checks.together(f"{exchange.id} load_markets"):
        listed = await exchange.load_markets()
        checks.expect(f"{exchange.id} load_markets", {liquid, sparse} <= set(listed), f"{len(listed)} markets")
    for symbol in (liquid, sparse):
        with checks.together(f"{exchange.id} fetch_ohlcv {symbol}"):
            await candles(checks, exchange, market, symbol, limit)
    if exchange.id == "coinbase":
        with checks.together(f"{exchange.id} fetch_ohlcv"):
            await compounds(checks, exchange, market, sparse)
    for watch in (trades, ticker, watched):
        if watch is watched and not exchange.has["watchOHLCV"]:
            continue
        with checks.together(f"{exchange.id} {watch.__name__}"):
            await asyncio.wait_for(watch(checks, exchange, market, liquid), LONGEST)


async def main(checks: Checks) -> None:
    """Both at once, each told where it is and whom to trust."""
    where, trust = FACTS["coinbase"], {"cafile": FACTS["ca_file"]}
    coinbase = ccxt.pro.coinbase(trust)
    coinbase.urls["api"] = {"rest": where["rest_url"], "ws": where["websocket_url"]}
    where = FACTS["binance"]
    binance = ccxt.pro.binance({**trust, "options": {"fetchMarkets": {"types": ["spot"]}}})
    binance.urls["api"]["public"] = where["rest_url"] + "/api/v3"
    binance.urls["api"]["ws"]["spot"] = where["websocket_url"].removesuffix("/stream") + "/ws"
    try:
        await asyncio.gather(
            certify(checks, coinbase, TRUTH.coinbase, "USD", 300),
            certify(checks, binance, TRUTH.binance, "USDT", 1_000),
        )
    finally:
        await asyncio.gather(coinbase.close(), binance.close())


if __name__ == "__main__":
    all_checks = Checks()
    asyncio.run(main(all_checks))
    all_checks.end()
