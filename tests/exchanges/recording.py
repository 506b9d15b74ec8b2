"""The recorded frames and answers of Coinbase."""

import gzip
import json
from functools import cache
from typing import Any

from tests.support.paths import recorded


@cache
def lines(kind: str) -> tuple[str, ...]:
    """The raw frames that were received (`recv`) or sent (`send`), in order."""
    text = recorded("coinbase/advanced_trade_ws_2026-08-09.jsonl").read_text()
    entries = map(json.loads, text.splitlines())
    return tuple(entry["data"] for entry in entries if entry["t"] == kind)


@cache
def renumbered() -> tuple[dict[str, Any], ...]:
    """The frames that were received, parsed, their sequence without the holes that level2 frames have left."""
    return tuple({**json.loads(data), "sequence_num": n} for n, data in enumerate(lines("recv")))


def candles_page() -> bytes:
    """An answer to a request for candles of ETH-USD."""
    return recorded("coinbase/rest_candles_ETH-USD_1d_350.json").read_bytes()


def products() -> bytes:
    """An answer to the request for all products."""
    return gzip.decompress(recorded("coinbase/products_2026-08-09.json.gz").read_bytes())
