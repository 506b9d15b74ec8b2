"""Coinbase in virtual worlds: what it is made of, and how its frames and answers are taken apart by faults."""

import json
import re
from collections.abc import Mapping, Set
from functools import cached_property
from typing import Any

from livermore.demo import make_private_key
from livermore.market.timeframe import Timeframe
from livermore.simulator.candle_query import GRANULARITIES
from livermore.simulator.market import Market
from livermore.simulator.request import Request, not_found, refused
from livermore.simulator.rest import RestService
from livermore.simulator.session import CoinbaseSession
from tests.support.dialect import Row

_NUMBER = re.compile(r'"sequence_num":(\d+)')
_PRODUCT = re.compile(r'"product_id":"([^"]+)"')
_CANDLES = re.compile(r"/api/v3/brokerage/market/products/([^/]+)/candles")
_PRICES = ("open", "high", "low", "close", "volume")


class Coinbase:
    """A `tests.support.dialect.Dialect`."""

    name = "coinbase"
    quote = "USD"

    @cached_property
    def variables(self) -> Mapping[str, str]:
        return {
            "LIVERMORE_EXCHANGE_NAME": self.name,
            "Coinbase_ApiKeyId": "organizations/world/apiKeys/world",
            "Coinbase_EcPrivateKeyPem": make_private_key(),
        }

    def tree(self, text: str) -> str:
        """It is shipped for this one."""
        return text

    def session(self, market: Market, at: int) -> CoinbaseSession:
        return CoinbaseSession(market, at)

    def rest(self, market: Market) -> RestService:
        return RestService(market)

    def number(self, text: str) -> int | None:
        found = _NUMBER.search(text)
        return None if found is None else int(found[1])

    def renumbered(self, text: str, shift: int) -> str:
        return _NUMBER.sub(lambda found: f'"sequence_num":{int(found[1]) + shift}', text, count=1)

    def symbols(self, text: str) -> Set[str]:
        return set(_PRODUCT.findall(text))

    def is_beat(self, text: str) -> bool:
        return text.startswith('{"channel":"heartbeats"')

    def is_consent(self, text: str) -> bool:
        return text.startswith('{"channel":"subscriptions"')

    def asks_for_candles(self, request: Request) -> tuple[str, Timeframe] | None:
        found = _CANDLES.fullmatch(request.path)
        return None if found is None else (found[1], GRANULARITIES[request.query["granularity"]])

    def asks_for_products(self, request: Request) -> bool:
        return request.path == "/api/v3/brokerage/market/products"

    def rows(self, body: bytes) -> list[Row]:
        return [
            {"open_time": int(row["start"]) * 1000, **{name: row[name] for name in _PRICES}}
            for row in json.loads(body)["candles"]
        ]

    def with_rows(self, body: bytes, rows: list[Row]) -> bytes:
        candles = [{"start": str(row["open_time"] // 1000), **{name: row[name] for name in _PRICES}} for row in rows]
        return json.dumps({"candles": candles}).encode()

    def without_product(self, body: bytes, symbol: str, *, listed: bool) -> bytes:
        answer = json.loads(body)
        for product in answer["products"]:
            if symbol in {product["product_id"], product["alias"]}:
                product.update(status="delisted", trading_disabled=True)
        if not listed:
            answer["products"] = [p for p in answer["products"] if p["status"] != "delisted"]
        return json.dumps(answer).encode()

    def unknown_product(self) -> tuple[int, bytes]:
        answer = refused(not_found("product not found"))
        return answer.status, answer.body

    def odd_kline(self, text: str, change: Mapping[str, Any]) -> str | None:
        """Its candles come by REST only: the channel is not subscribed to."""
        return None
