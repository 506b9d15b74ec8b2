"""What the tests of the simulated Binance share: its market, messages, and frames as data."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.instruments import made
from livermore.simulator.market import Market

INSTRUMENTS = made(12, "USDT")
MARKET = Market(7, INSTRUMENTS, "binance")
NATIVE = [instrument.symbol.replace("-", "").lower() for instrument in INSTRUMENTS]


def ask(method: str, *params: Any, id_: Any = 1) -> str:
    return json.dumps({"method": method, "params": list(params), "id": id_})


def read(texts: Iterable[str]) -> list[Any]:
    return [json.loads(text) for text in texts]


def run(session: BinanceSession, until: int) -> list[Any]:
    """Everything that falls due, each frame at its own moment."""
    texts: list[str] = []
    while (due := session.next_due()) is not None and due <= until:
        texts += session.advance(due)
    return read(texts)


def data(frames: Iterable[Any], stream: str) -> list[Any]:
    return [frame["data"] for frame in frames if frame["stream"] == stream]


def klines(stream: str, since: int, until: int, market: Market = MARKET) -> list[Any]:
    """What one kline stream says."""
    return data(run(BinanceSession(market, since, [stream]), until), stream)


def amounts(inner: dict[str, Any]) -> tuple[Decimal, ...]:
    return tuple(Decimal(inner[name]) for name in "ohlcv")
