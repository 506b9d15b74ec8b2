"""The tick follower: hands on tickers and forming candles, which may be lost, to whoever listens to them."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
import structlog

from livermore.errors import Transient
from livermore.http.channel import Topic
from livermore.http.public import ticker
from livermore.store.ticks import Ticks

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

LOOK_AGAIN = 1.0
"""Seconds between attempts."""

_ticks = msgspec.json.Decoder(Ticks).decode


class _Series(msgspec.Struct):
    symbol: str
    timeframe: str


_series = msgspec.json.Decoder(_Series).decode


async def follow_ticks(front: "Front") -> None:
    """Hand on what is told, for ever."""
    while True:
        try:
            markets = await front.directory.visible()
            names = {market.keys.ticks: market.name for market in markets}
            if names:
                await _listen(front, names)
        except Transient as reason:
            _log.info("ticks are waited for", reason=str(reason))
        await asyncio.sleep(LOOK_AGAIN)


async def _listen(front: "Front", names: Mapping[str, str]) -> None:
    """Until other exchanges are to be listened to."""
    async with aclosing(front.redis.listen(list(names))) as told:
        async for channel, data in told:
            if front.hub.listened("tickers") or front.hub.listened("forming"):
                hand_on(front, names[channel], _ticks(data))
            if {market.keys.ticks for market in await front.directory.visible()} != set(names):
                return


def hand_on(front: "Front", exchange: str, told: Ticks) -> None:
    """To those who listen to these symbols."""
    for one in told.tickers:
        front.hub.tell(Topic(exchange, "tickers", one.symbol), "ticker", ticker(one, exchange))
    for candle in told.forming:
        about = _series(candle)
        front.hub.tell(Topic(exchange, "forming", about.symbol, about.timeframe), "forming", candle)
