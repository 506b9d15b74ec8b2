"""The real exchange tree on a recording of the real Coinbase: what it stores is what was traded that minute."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from livermore.market.amount import canonical, text_of
from livermore.market.candle import Candle, Series
from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.store import candles, ticks
from livermore.store.keys import Keys
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.support.paths import recorded
from tests.support.processes import Exchange, Livermore, until
from tests.support.site import make_site
from tests.support.valkey import valkey

pytestmark = pytest.mark.system

FILE = "coinbase/advanced_trade_ws_2026-08-09.jsonl"
BEGIN = parse_iso("2026-08-09T21:05:46.000Z")
MINUTE = parse_iso("2026-08-09T21:05:00.000Z")
"""The one minute that the recording holds from its first trade to its end."""
KEYS = Keys(1)


def frames(path: Path, channel: str) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        frame = json.loads(record["data"]) if record["t"] == "recv" else {}
        if frame.get("channel") == channel:
            yield frame


def folded(path: Path, symbol: str) -> tuple[str, ...]:
    """Open, high, low, close and volume of `MINUTE`, folded without any of the program's own folding."""
    found = {
        int(trade["trade_id"]): (parse_iso(trade["time"]), Decimal(trade["price"]), Decimal(trade["size"]))
        for frame in frames(path, "market_trades")
        for event in frame["events"]
        for trade in event["trades"]
        if trade["product_id"] == symbol
    }
    inside = [found[n] for n in sorted(found) if MINUTE <= found[n][0] < MINUTE + Timeframe.M1.ms]
    prices = [price for _, price, _ in inside]
    amounts = (prices[0], max(prices), min(prices), prices[-1], sum((size for *_, size in inside), Decimal(0)))
    return tuple(map(text_of, amounts))


def last_prices(path: Path) -> dict[str, str]:
    told = [t for frame in frames(path, "ticker") for event in frame["events"] for t in event["tickers"]]
    return {ticker["product_id"]: canonical(ticker["price"]) for ticker in told}


def test_the_last_tickers_and_the_recorded_minute_equal_an_independent_fold(
    tmp_path: Path, sqlite: DatabasePlace
) -> None:
    path = recorded(FILE)
    with valkey() as redis:
        site = make_site(tmp_path, redis.place, sqlite, speed=1, start=BEGIN)
        exchange = Exchange(tmp_path, site.clock, options=("--record", str(path)))
        pipeline = Livermore("exchange", tmp_path, site.variables | exchange.variables())
        store = RedisStore(redis.place)

        def closed(symbol: str) -> list[Candle]:
            series = Series("coinbase", symbol, Timeframe.M1)
            return store.run(candles.between(KEYS, series, MINUTE, MINUTE))

        try:
            for symbol in ("BTC-USD", "ETH-USD"):
                (found,) = until(lambda s=symbol: closed(s), f"the minute of {symbol} to be closed")
                assert (found.open, found.high, found.low, found.close, found.volume) == folded(path, symbol)
                assert found.revision == 0
            wanted = last_prices(path)
            until(lambda: prices(store, list(wanted)) == wanted, f"the last tickers, {wanted}")
            assert pipeline.metric('livermore_feed_holes_total{exchange="coinbase"}') == 0, (
                "closed by REST, not the wire"
            )
        finally:
            pipeline.end()
            exchange.end()
            store.close()


def prices(store: RedisStore, symbols: list[str]) -> dict[str, str]:
    found = store.run(ticks.read(KEYS, symbols))
    return {ticker.symbol: ticker.price for ticker in found if ticker is not None}
