"""Binance.US: Binance's protocol with another address, other weights and a smaller allowance (`exchanges.md` 5)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from livermore.exchanges import binance


class Codec(binance.Codec):
    """Binance.US's side of `livermore.exchanges.codec`."""

    name = "binance_us"
    websocket_url = "wss://stream.binance.us:9443/stream"
    rest_url = "https://api.binance.us"
    weight_per_minute = 1_200
    rate = 16.0
    weights: ClassVar[Mapping[str, int]] = {
        "klines": 1,
        "exchangeInfo": 10,
        "ticker/24hr": 40,
        "time": 1,
        "account": 10,
    }
    listing: ClassVar[Sequence[tuple[str, str]]] = ()  # it documents no such parameter
    balances: ClassVar[Sequence[tuple[str, str]]] = ()  # nor this
