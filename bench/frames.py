"""Frames of exchanges read as trades or candles, beside a plain reading of their JSON with floats (T4)."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.harness import Result, ratio
from livermore.exchanges import binance, coinbase
from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.instruments import INSTRUMENTS, made
from livermore.simulator.market import Market
from livermore.simulator.session import CoinbaseSession

AT = 1_789_948_800_000
MINUTES = 3
FRAMES = 3_000
"""At most, of each exchange."""


def results() -> Iterator[Result]:
    """All targets."""
    for name, decode, plain, frames in (_coinbase(), _binance()):
        ours, theirs = partial(_each, decode, frames), partial(_each, plain, frames)
        yield ratio(f"T4 frames of {name}, {len(frames)}", ours, theirs, target=6, gate=4)


Read = Callable[[str], Any]
Case = tuple[str, Read, Read, list[str]]


def _each(read: Read, frames: list[str]) -> None:
    for frame in frames:
        read(frame)


def _coinbase() -> Case:
    market = Market(1)
    symbols = [listing.symbol for listing in market.listings]
    codec, session = coinbase.Codec(symbols), CoinbaseSession(market, AT)
    frames = [f for f in _said(session, codec, symbols) if '"market_trades"' in f[:40] and "update" in f]
    return "coinbase, trades", codec.decode, _plain_trades, frames


def _binance() -> Case:
    market = Market(1, made(len(INSTRUMENTS), "USDT"), "binance")
    symbols = [listing.symbol for listing in market.listings]
    codec, session = binance.Codec(symbols), BinanceSession(market, AT)
    frames = [f for f in _said(session, codec, symbols) if '"e":"kline"' in f]
    return "binance, klines", codec.decode, _plain_kline, frames


def _said(session: CoinbaseSession | BinanceSession, codec: Any, symbols: list[str]) -> list[str]:
    """What the simulated exchange says to whoever subscribes as we do."""
    frames = []
    for demand in codec.subscriptions(symbols, lambda: None):
        frames += session.receive(demand, AT)
    for at in range(AT, AT + MINUTES * 60_000, 100):
        frames += session.advance(at)
    return frames[-FRAMES:]


def _plain_trades(frame: str) -> list[tuple[Any, ...]]:
    return [
        (trade["product_id"], int(trade["trade_id"]), float(trade["price"]), float(trade["size"]), trade["time"])
        for event in json.loads(frame)["events"]
        for trade in event["trades"]
    ]


def _plain_kline(frame: str) -> tuple[Any, ...]:
    told = json.loads(frame)["data"]
    bar = told["k"]
    return told["s"], bar["i"], bar["t"], bar["x"], *(float(bar[name]) for name in "ohlcv")


TARGETS = {"T4": results}
