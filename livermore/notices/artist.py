"""The artist: fetches what a chart is made of and has it drawn aside; a notice never waits long for its chart."""

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import structlog

from livermore.errors import LivermoreError
from livermore.indicators.bars import filled
from livermore.indicators.moving_average import ema
from livermore.market.alert import Alert, direction
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.notices.chart import draw, load
from livermore.notices.notice import price_text
from livermore.notices.picture import SLOTS, Picture, Point
from livermore.notices.price_panel import PERIOD
from livermore.store import candles, signals
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore

T = TypeVar("T")

KIND = "macd-v"
TIME_LIMIT = 3.0
"""Seconds for a chart; a notice without one is better than a late one."""
LOADING_LIMIT = 15.0
"""Seconds for what the first chart needs: on a new machine the library makes a list of its fonts."""
FEWEST = 10
"""Candles below which there is nothing to be seen."""
RUN_UP = 40
"""Buckets before the first place, of which nothing is shown: the average has forgotten its seed by then."""
KEPT = 8
"""Charts that are remembered: all targets want the same."""


class NoChart(LivermoreError):
    """Why a notice has to do without."""


class Artist:
    """Draws one chart after the other, in a thread."""

    def __init__(self, redis: AsyncRedisStore, keys: Keys) -> None:
        self._redis, self._keys = redis, keys
        self._log = structlog.get_logger("livermore.notifier")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._turn = asyncio.Lock()
        self._begun: asyncio.Future[Any] | None = None
        self._drawn: dict[str, bytes | None] = {}

    async def chart_of(self, alert: Alert, marks: Sequence[str]) -> bytes | None:
        """The chart as a PNG; None, and a line in the log, where there is none in time."""
        async with self._turn:
            if alert.id not in self._drawn:
                self._drawn[alert.id] = await self._attempt(alert, marks)
                for old in list(self._drawn)[:-KEPT]:
                    del self._drawn[old]
            return self._drawn[alert.id]

    async def _attempt(self, alert: Alert, marks: Sequence[str]) -> bytes | None:
        try:
            return await self._draw(await self._picture(alert, marks))
        except LivermoreError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a chart fails of, its notice does not
            reason = f"{type(error).__name__}: {error}"
        self._log.warning("a notice goes without its chart", alert=alert.id, reason=reason)
        return None

    async def _draw(self, picture: Picture) -> bytes:
        await self._aside("the library was not loaded", LOADING_LIMIT, load)
        return await self._aside("it was not drawn", TIME_LIMIT, draw, picture)

    async def _aside(self, failure: str, limit: float, work: Callable[..., T], *arguments: Any) -> T:
        """Do it in the thread, which is left alone with what takes longer."""
        if self._begun is not None and not self._begun.done():
            raise NoChart("the one before is still being drawn")
        begun = asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        self._begun = begun
        try:
            return await asyncio.wait_for(asyncio.shield(begun), limit)
        except TimeoutError as error:
            raise NoChart(f"{failure} within {limit:g} s") from error

    async def _picture(self, alert: Alert, marks: Sequence[str]) -> Picture:
        timeframe = Timeframe(alert.timeframe)
        series, first = Series(alert.exchange, alert.symbol, timeframe), alert.candle_time - (SLOTS - 1) * timeframe.ms
        since = first - RUN_UP * timeframe.ms
        known = await self._redis.run(candles.between(self._keys, series, since, alert.candle_time))
        held = [candle for candle in known if candle.open_time >= first]
        if len(held) < FEWEST:
            raise NoChart(f"only {len(held)} candles are stored")
        trail = await self._redis.run(signals.trail(self._keys, series, KIND))
        points = [point for point in map(_point, trail) if first <= point.open_time <= alert.candle_time]
        return Picture(
            title=" \N{MIDDLE DOT} ".join([alert.symbol, alert.timeframe, *marks]),
            price=price_text(alert.price),
            timeframe=timeframe,
            at=alert.candle_time,
            up=direction(alert.label) == "bullish",
            level=alert.details.get("level"),
            candles=held,
            averages=_averages(known)[-len(held) :],
            points=points,
        )

    def close(self) -> None:
        """Begin no other chart."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _averages(known: Sequence[Candle]) -> list[float]:
    """The average of the closes after each candle; buckets without trades repeat the close before them."""
    bars = filled(known)
    averages: list[float] = ema(bars.close, PERIOD)[bars.observed].tolist()
    return averages


def _point(data: bytes) -> Point:
    open_time, value, signal = msgspec.json.decode(data, type=tuple[int, float | None, float | None])
    return Point(open_time, math.nan if value is None else value, math.nan if signal is None else signal)
