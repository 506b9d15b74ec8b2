"""binance-sdk-spot, Binance's own client: REST and streams."""

import asyncio
import ssl
import time
from collections import defaultdict
from typing import Any

from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
from binance_common.errors import Error
from binance_sdk_spot.rest_api.models import Ticker24hrTypeEnum
from binance_sdk_spot.spot import Spot

from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market
from tests.certify.checks import Checks, facts
from tests.certify.truth import Truth, flat, row_of, trades_of

FACTS = facts()
MARKET: Market = Truth(FACTS["seed"]).binance
LONGEST = 100
"""Seconds for a minute to end, and to be told of."""


def now() -> int:
    """The simulator runs on wall time."""
    return time.time_ns() // 1_000_000


def rest(checks: Checks, client: Any) -> None:
    """Time, symbols, tickers and every interval."""
    with checks.together("time"):
        off = abs(client.time().data().server_time - now())
        checks.expect("time", off < 5_000, f"{off} ms off")
    with checks.together("exchange_info"):
        answer = client.exchange_info()
        symbols = {s.symbol: s.status for s in answer.data().symbols}
        checks.expect("exchange_info", symbols.get("SLPUSDT") == "TRADING", f"{len(symbols)} symbols")
        [weight] = [limit for limit in answer.rate_limits if limit.rateLimitType == "REQUEST_WEIGHT"]
        checks.expect("exchange_info tells what it weighed", weight.count >= 20, weight)
    for timeframe in Timeframe:
        for symbol in ("BTC-USDT", "SLP-USDT"):
            with checks.together(f"klines {symbol} {timeframe}"):
                klines(checks, client, symbol, timeframe)
    with checks.together("ticker24hr"):
        day = MARKET.day("ETH-USDT", now())
        told = client.ticker24hr(symbol="ETHUSDT", type=Ticker24hrTypeEnum.FULL).data().actual_instance
        checks.expect("ticker24hr", day and float(told.high_price) >= float(told.last_price) > 0, told.last_price)
    try:
        client.klines("NOSUCH", "1m")
        checks.expect("an unknown symbol is an error", holds=False)
    except Error as error:
        checks.expect("an unknown symbol is an error", "Invalid symbol." in str(error), error)


def klines(checks: Checks, client: Any, symbol: str, timeframe: Timeframe) -> None:
    """A full page, the open kline aside."""
    at = now()
    told = client.klines(symbol.replace("-", ""), str(timeframe), limit=1_000).data()
    rows = [(int(row[0]), *map(float, row[1:6])) for row in told]
    over = [row for row in rows if row[0] + timeframe.ms <= at]
    checks.expect(f"klines {symbol} {timeframe} fill a page", len(rows) == 1_000, len(rows))
    checks.equal(f"klines {symbol} {timeframe}", over, flat(MARKET, symbol, timeframe, over, at))


async def streams(checks: Checks, client: Any) -> None:
    """Trades, tickers and klines, until a minute has been closed."""
    connection = await client.create_connection()
    heard: dict[str, list[Any]] = defaultdict(list)
    closed, opened = asyncio.Event(), Timeframe.M1.floor(now())

    def on_kline(event: Any) -> None:
        heard["kline"].append(event)
        if event.k.x and event.k.t >= opened:
            closed.set()

    subscribed = {
        "kline": await connection.kline("btcusdt", "1m"),
        "trade": await connection.trade("btcusdt"),
        "miniTicker": await connection.mini_ticker("ethusdt"),
        "ticker": await connection.ticker("solusdt"),
    }
    for name, stream in subscribed.items():
        stream.on("message", on_kline if name == "kline" else heard[name].append)
    listed = await connection.list_subscribe()
    checks.expect("list_subscribe", "btcusdt@kline_1m" in str(listed), listed)
    await asyncio.wait_for(closed.wait(), LONGEST)
    await subscribed["trade"].unsubscribe()
    await connection.close_connection(close_session=True)
    of_klines(checks, heard["kline"])
    of_trades(checks, heard["trade"])
    for name in ("miniTicker", "ticker"):
        symbol = {"miniTicker": "ETH-USDT", "ticker": "SOL-USDT"}[name]
        newest = {float(t.price) for t in MARKET.newest_trades(symbol, now(), 300)}
        checks.expect(f"{name} tells a price that was paid", float(heard[name][-1].c) in newest, heard[name][-1].c)


def of_klines(checks: Checks, events: list[Any]) -> None:
    """The closed one is the true candle, and so is each open one at its moment."""
    for event in (event for event in events if event.k.x):
        k = event.k
        [true] = MARKET.candles("BTC-USDT", Timeframe.M1, k.t, k.t, event.E)
        checks.equal("kline 1m that is closed", [(k.t, *map(float, (k.o, k.h, k.l, k.c, k.v)))], [row_of(true)])
        checks.expect(
            "its frame comes within seconds", 5 <= event.E - k.T <= 2_006, f"{event.E - k.T} ms after its end"
        )
    told = [(e.k.t, float(e.k.c), float(e.k.v)) for e in events if not e.k.x]
    true_ones = [MARKET.candles("BTC-USDT", Timeframe.M1, e.k.t, e.k.t, e.E)[0] for e in events if not e.k.x]
    checks.equal("klines 1m that are open", told, [(c.open_time, float(c.close), float(c.volume)) for c in true_ones])


def of_trades(checks: Checks, events: list[Any]) -> None:
    """Each once, none left out."""
    read = [(event.t, float(event.p), float(event.q)) for event in events]
    true = trades_of(MARKET, "BTC-USDT", read[0][0], read[-1][0], now())
    checks.equal("trade BTC-USDT", read, [(t.number, float(t.price), float(t.size)) for t in true])


async def main(checks: Checks) -> None:
    """Told where the simulator is and whom to trust."""
    where, trust = FACTS["binance"], ssl.create_default_context(cafile=FACTS["ca_file"])
    client = Spot(
        config_rest_api=ConfigurationRestAPI(base_path=where["rest_url"], https_agent=trust),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=where["websocket_url"], https_agent=trust),
    )
    rest(checks, client.rest_api)
    with checks.together("streams"):
        await streams(checks, client.websocket_streams)


if __name__ == "__main__":
    all_checks = Checks()
    asyncio.run(main(all_checks))
    all_checks.end()
