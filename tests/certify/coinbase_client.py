"""coinbase-advanced-py, Coinbase's own client: REST and WebSocket, which insist on https and know no other server."""

import json
import time
from collections import Counter
from threading import Event
from typing import Any

from coinbase.rest import RESTClient
from coinbase.websocket import WebsocketResponse, WSClient
from requests.exceptions import HTTPError

from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market
from tests.certify.checks import Checks, facts
from tests.certify.truth import Truth, closed, trades_of

FACTS = facts()
MARKET: Market = Truth(FACTS["seed"]).coinbase
SYMBOLS = ["BTC-USD", "ETH-USD", "SLP-USD"]
CHANNELS = ["heartbeats", "market_trades", "ticker", "candles"]
GRANULARITIES = ["ONE_MINUTE", "FIVE_MINUTE", "FIFTEEN_MINUTE", "ONE_HOUR", "FOUR_HOUR", "ONE_DAY"]
LISTEN = 15
"""Seconds of the WebSocket."""


def now() -> int:
    """The simulator runs on wall time."""
    return time.time_ns() // 1_000_000


def rest(checks: Checks, client: RESTClient) -> None:
    """Time, products and every granularity."""
    with checks.together("get_unix_time"):
        off = abs(int(client.get_unix_time().epoch_millis or client.get_unix_time().epochMillis) - now())
        checks.expect("get_unix_time", off < 5_000, f"{off} ms off")
    with checks.together("get_public_products"):
        listed = [product.product_id for product in client.get_public_products().products]
        checks.expect("get_public_products", set(SYMBOLS) <= set(listed), f"{len(listed)} products")
    with checks.together("get_public_product"):
        product = client.get_public_product("ETH-USD")
        checks.expect("get_public_product", product.quote_increment == "0.01", product.price)
    for granularity, timeframe in zip(GRANULARITIES, Timeframe, strict=True):
        for symbol in SYMBOLS[1:]:
            with checks.together(f"get_public_candles {symbol} {granularity}"):
                candles(checks, client, symbol, granularity, timeframe)
    try:
        client.get_public_candles("NO-SUCH", "0", "60", "ONE_MINUTE")
        checks.expect("an unknown product is an error", holds=False)
    except HTTPError as error:
        checks.expect("an unknown product is an error", error.response.status_code == 404, error.response.status_code)


def candles(checks: Checks, client: RESTClient, symbol: str, granularity: str, timeframe: Timeframe) -> None:
    """A full page, the open candle aside."""
    at = now()
    first = timeframe.floor(at) - 349 * timeframe.ms
    answer = client.get_public_candles(symbol, str(first // 1_000), str(at // 1_000), granularity)
    rows = [
        (int(c.start) * 1_000, *map(float, (c.open, c.high, c.low, c.close, c.volume)))
        for c in reversed(answer.candles)
    ]
    over = [row for row in rows if row[0] + timeframe.ms <= at]
    checks.equal(f"get_public_candles {symbol} {granularity}", over, closed(MARKET, symbol, timeframe, over, at))


def websocket(checks: Checks, url: str) -> None:
    """Everything that can be had without a key, for some seconds."""
    frames: list[dict[str, Any]] = []
    opened, closed_ = Event(), Event()
    client = WSClient(
        base_url=url,
        on_message=lambda text: frames.append(json.loads(text)),
        on_open=opened.set,
        on_close=closed_.set,
        retry=False,
    )
    client.open()
    client.subscribe(SYMBOLS, CHANNELS)
    client.sleep_with_exception_check(LISTEN)
    client.unsubscribe(SYMBOLS, ["ticker"])
    client.close()
    checks.expect("the WebSocket opens and closes", opened.is_set() and closed_.is_set())
    numbers = [frame["sequence_num"] for frame in frames]
    checks.expect("sequence_num has no hole", numbers == list(range(len(frames))), f"{len(frames)} frames")
    # The client's own classes want a client_id, which the documents have and the real wire has not.
    told = [WebsocketResponse({"client_id": "", **frame}) for frame in frames]
    counted = Counter(response.channel for response in told)
    checks.expect("every channel speaks", {*CHANNELS, "subscriptions"} <= set(counted), dict(counted))
    events = [(response.channel, event) for response in told for event in response.events]
    of_trades(checks, [trade for channel, event in events if channel == "market_trades" for trade in event.trades])
    beats = [int(event.heartbeat_counter) for channel, event in events if channel == "heartbeats"]
    checks.expect("heartbeats count", beats == list(range(beats[0], beats[0] + len(beats))), len(beats))
    prices = {event.tickers[0].product_id for channel, event in events if channel == "ticker"}
    checks.expect("tickers of every product", prices == set(SYMBOLS), sorted(prices))


def of_trades(checks: Checks, trades: list[Any]) -> None:
    """Each once, none left out, over snapshot and updates."""
    for symbol in SYMBOLS[:2]:
        read = sorted((int(t.trade_id), t.price, t.size, t.side) for t in trades if t.product_id == symbol)
        true = trades_of(MARKET, symbol, read[0][0], read[-1][0], now())
        checks.equal(f"market_trades {symbol}", read, [(t.number, t.price, t.size, t.side) for t in true])


if __name__ == "__main__":
    all_checks, where = Checks(), FACTS["coinbase"]
    rest(all_checks, RESTClient(base_url=where["rest_url"].removeprefix("https://"), rate_limit_headers=True))
    with all_checks.together("WebSocket"):
        websocket(all_checks, where["websocket_url"])
    all_checks.end()
