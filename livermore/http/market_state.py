"""The state of an exchange as its users see it: whether somebody reads it, and how old its newest data are."""

import asyncio
from typing import TYPE_CHECKING

from livermore.http.directory import Market
from livermore.http.health import ACTIVE
from livermore.http.schemas import ExchangeItem
from livermore.market.candle import Series
from livermore.market.cursor import age, is_stale
from livermore.market.timeframe import Timeframe
from livermore.store import candles, status

if TYPE_CHECKING:
    from livermore.http.front import Front

PULSE = Timeframe.M1
"""The timeframe whose candles tell how fresh the data are."""


async def state(front: "Front", market: Market) -> ExchangeItem:
    """What there is to say of an exchange."""
    read, watched, simulated = await asyncio.gather(
        front.redis.run(status.read(market.keys)), market.symbols(), market.simulated()
    )
    pulses = [Series(market.name, symbol, PULSE) for symbol in watched]
    known = await front.redis.run(candles.cursors_of(market.keys, pulses)) if pulses else []
    through = max((cursor.through for cursor in known if cursor is not None), default=None)
    now = front.clock.now()
    fresh = read is not None and read.connection_state == ACTIVE and not is_stale(through, PULSE, now)
    seconds = None if through is None else age(through, PULSE, now)
    made_up = {"simulated": True} if simulated else {}
    return ExchangeItem(
        id=market.name,
        name=market.exchange.display_name,
        status="offline" if read is None else "online" if fresh else "stale",
        symbol_count=len(watched),
        data_age_seconds=seconds,
        **made_up,
    )
