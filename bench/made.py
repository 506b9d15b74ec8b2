"""What benchmarks compute on: series of many symbols, and their closed candles, minute after minute."""

from collections.abc import Mapping, Sequence

from livermore.indicators.engine import News
from livermore.market.candle import Candle, Series
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.store.keys import Keys
from livermore.store.lease import Lease, Owner, claim
from livermore.store.redis import RedisStore

AT = 1_789_948_800_000
"""Open time (ms) of the first minute."""
EXCHANGE = "coinbase"
KINDS = 60
"""How many of the series have candles of their own; the others are told the same under other names."""


def series(count: int) -> list[Series]:
    """So many series of one minute."""
    return [Series(EXCHANGE, f"S{number}-USD", Timeframe.M1) for number in range(count)]


class Candles:
    """Closed candles of a simulated market for every minute, traded or not: a quiet one repeats the last price."""

    def __init__(self, all_: Sequence[Series], minutes: int) -> None:
        self._series = all_
        market, step = Market(1, made(KINDS)), Timeframe.M1.ms
        last = AT + (minutes - 1) * step
        self._kinds = [
            _dense(market.candles(listing.symbol, Timeframe.M1, AT - 600 * step, last, last + step), minutes)
            for listing in market.listings
        ]

    def minute(self, number: int) -> list[Candle]:
        """One of each series, by its number from 0."""
        at, found = AT + number * Timeframe.M1.ms, []
        for i, one in enumerate(self._series):
            found.append(Candle(*one, at, *self._kinds[i % KINDS][number]))
        return found


def _dense(candles: Sequence[Candle], minutes: int) -> list[tuple[str, str, str, str, str]]:
    told = {c.open_time: c for c in candles}
    close = candles[0].open
    found = []
    for number in range(-600, minutes):
        c = told.get(AT + number * Timeframe.M1.ms)
        close = c.close if c else close
        if number >= 0:
            found.append((c.open, c.high, c.low, c.close, c.volume) if c else (close, close, close, close, "1"))
    return found


class Past:
    """What is stored before the first turn, as an engine asks for it."""

    def __init__(self, minutes: Sequence[list[Candle]]) -> None:
        self._minutes = minutes

    def window(self, one: Series) -> list[Candle]:
        place = int(one.symbol[1:].partition("-")[0])
        return [minute[place] for minute in self._minutes]

    def between(self, one: Series, first: int, last: int) -> list[Candle]:
        raise AssertionError(f"{one} does not go on from its state: candles {first} to {last} are asked for")

    def records(self, series: Sequence[Series], _: str) -> list[None]:
        return [None for _ in series]


def news_of(minute: Sequence[Candle]) -> Mapping[Series, News]:
    """That these candles have closed, and all before them is known."""
    at = minute[0].open_time
    return {candle.series: News(Cursor(AT, at, AT), 0, (candle,)) for candle in minute}


def leased(store: RedisStore) -> Lease:
    """The right to write."""
    lease = Lease(EXCHANGE, 1, Owner(1, "bench", 1, "now", AT))
    store.run(claim(lease, 3_600_000))
    return lease


KEYS = Keys(1)
