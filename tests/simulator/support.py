"""What the tests of the simulator share: moments, frames as data, and candles folded the plain way."""

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from livermore.market.amount import text_of
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.session import CoinbaseSession
from livermore.simulator.trade import Trade

NOW = 1_786_309_548_123
"""2026-08-09T21:05:48.123Z."""
MINUTE = 60_000

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
RECORDING = "coinbase/advanced_trade_ws_2026-08-09.jsonl"


def shared(name: str) -> Path:
    """A recorded file; without it the test is skipped."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"recorded data are not here: {path}")
    return path


def subscribe(channel: str, *product_ids: str, **more: Any) -> str:
    """A client's message."""
    products = {"product_ids": list(product_ids)} if product_ids else {}
    return json.dumps({"type": "subscribe", "channel": channel, **products, **more})


def unsubscribe(channel: str, *product_ids: str) -> str:
    """The other one."""
    return subscribe(channel, *product_ids, type="unsubscribe")


def read(frames: Iterable[str]) -> list[dict[str, Any]]:
    """Frames as data."""
    return [json.loads(frame) for frame in frames]


def run(session: CoinbaseSession, until: int) -> list[dict[str, Any]]:
    """Everything that falls due, each frame at its own moment."""
    frames: list[str] = []
    while (due := session.next_due()) is not None and due <= until:
        frames += session.advance(due)
    return read(frames)


def of(frames: Iterable[dict[str, Any]], channel: str) -> list[dict[str, Any]]:
    """Those of one channel."""
    return [frame for frame in frames if frame.get("channel") == channel]


def rows(frames: Iterable[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """All trades, tickers or candles in frames, in order."""
    return [row for frame in frames for event in frame["events"] for row in event.get(name, [])]


def folded(trades: Sequence[Trade], timeframe: Timeframe) -> list[Candle]:
    """Candles of ascending trades, by nothing but comparing and adding decimals."""
    buckets: dict[int, list[Trade]] = {}
    for trade in trades:
        buckets.setdefault(timeframe.floor(trade.time // 1_000), []).append(trade)
    return [_candle(timeframe, open_time, bucket) for open_time, bucket in buckets.items()]


def _candle(timeframe: Timeframe, open_time: int, trades: Sequence[Trade]) -> Candle:
    prices = [Decimal(trade.price) for trade in trades]
    amounts = prices[0], max(prices), min(prices), prices[-1], sum((Decimal(t.size) for t in trades), Decimal(0))
    texts: Callable[[Decimal], str] = text_of
    return Candle("coinbase", trades[0].symbol, timeframe, open_time, *map(texts, amounts))
