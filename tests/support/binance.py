"""Binance in virtual worlds: what it is made of, and how its frames and answers are taken apart by faults."""

import json
import re
from collections.abc import Mapping, Set
from typing import Any

from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_rest import PREFIX, BinanceRestService
from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.market import Market
from livermore.simulator.request import Request
from tests.support.dialect import Row

_SYMBOL = re.compile(r'"s":"([^"]+)"')
_CREDENTIALS = re.compile(r"credentials: \{.*\}")
_ROW = {name: place for place, name in enumerate(("open_time", "open", "high", "low", "close", "volume"))}
_FIELDS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


class Binance:
    """A `tests.support.dialect.Dialect`."""

    name = "binance"
    quote = "USDT"
    variables: Mapping[str, str] = {"LIVERMORE_EXCHANGE_NAME": "binance"}

    def tree(self, text: str) -> str:
        """Nothing is signed, so that nobody needs a key."""
        return _CREDENTIALS.sub("credentials: none", text)

    def session(self, market: Market, at: int) -> BinanceSession:
        return BinanceSession(market, at)

    def rest(self, market: Market) -> BinanceRestService:
        return BinanceRestService(market)

    def number(self, text: str) -> int | None:
        """Its frames have none."""
        return None

    def renumbered(self, text: str, shift: int) -> str:
        return text

    def symbols(self, text: str) -> Set[str]:
        return {self._symbol(name) for name in _SYMBOL.findall(text)}

    def is_beat(self, text: str) -> bool:
        """It has pings of the WebSocket's own, which are no frames."""
        return False

    def is_consent(self, text: str) -> bool:
        return text.startswith('{"result":')

    def asks_for_candles(self, request: Request) -> tuple[str, Timeframe] | None:
        if request.path != f"{PREFIX}klines":
            return None
        return self._symbol(request.query["symbol"]), Timeframe(request.query["interval"])

    def asks_for_products(self, request: Request) -> bool:
        return request.path in {f"{PREFIX}exchangeInfo", f"{PREFIX}ticker/24hr"}

    def rows(self, body: bytes) -> list[Row]:
        return [{"all": row, **{name: row[place] for name, place in _ROW.items()}} for row in json.loads(body)]

    def with_rows(self, body: bytes, rows: list[Row]) -> bytes:
        return json.dumps([[*(row[name] for name in _ROW), *row["all"][len(_ROW) :]] for row in rows]).encode()

    def without_product(self, body: bytes, symbol: str, *, listed: bool) -> bytes:
        """Who is offline stands in both lists, and who is gone in neither."""
        answer = json.loads(body)
        products = answer["symbols"] if isinstance(answer, dict) else answer
        for product in [p for p in products if self._symbol(p["symbol"]) == symbol]:
            if not listed:
                products.remove(product)
            elif "status" in product:
                product["status"] = "BREAK"
        return json.dumps(answer).encode()

    def unknown_product(self) -> tuple[int, bytes]:
        return 400, b'{"code":-1121,"msg":"Invalid symbol."}'

    def odd_kline(self, text: str, change: Mapping[str, Any]) -> str | None:
        message = json.loads(text)
        kline = message.get("data", {}).get("k")
        if kline is None:
            return None
        shift = change.get("shift", 0)
        kline.update({_FIELDS[name]: value for name, value in change.items() if name in _FIELDS})
        kline.update(t=kline["t"] + shift, T=kline["T"] + shift)
        return json.dumps(message, separators=(",", ":"))

    def _symbol(self, native: str) -> str:
        return f"{native.removesuffix(self.quote)}-{self.quote}"
