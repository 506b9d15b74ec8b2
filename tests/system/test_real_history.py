"""Half a year of real BTC-USD candles through store, roll-up and indicator."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
import talib

from livermore.actors.indicator_calculator import CalculatorOptions, IndicatorCalculator
from livermore.indicators.bars import filled
from livermore.indicators.macdv import Macdv
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.messages import HistoryChanged
from livermore.store import candles, signals
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known
from livermore.store.lease import Duty, Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.supervision.actor import Context
from tests.market.examples import BTC_5M, series
from tests.market.test_rollup import exactly
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS, leased
from tests.support.valkey import Valkey, valkey

KEPT = 1_000
SETTLED = 550
CHUNK = 200
LARGER = (Timeframe.M15, Timeframe.H1, Timeframe.H4)


def named(timeframe: Timeframe) -> Series:
    return Series("coinbase", "BTC-USD", timeframe)


class Stores:
    """What a calculator asks of its resources."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    def redis(self) -> RedisStore:
        return RedisStore(self._valkey.place)


async def store_all(valkey: Valkey, lease: Lease, history: list[Candle]) -> None:
    """Close every candle as a feed would, each empty bucket known; the larger ones are left to the roll-up."""
    redis = AsyncRedisStore(valkey.place)
    book = CandleBook(redis, lease, KEPT)
    begin = Timeframe.D1.floor(history[0].open_time)
    before = [Known(named(tf), begin - tf.ms, begin - tf.ms, rest=True) for tf in (Timeframe.M5, *LARGER)]
    await book.close([], before)
    through = begin - Timeframe.M5.ms
    for i in range(0, len(history), CHUNK):
        chunk = history[i : i + CHUNK]
        known = Known(named(Timeframe.M5), through + Timeframe.M5.ms, chunk[-1].open_time)
        await book.close(chunk, [known])
        through = chunk[-1].open_time
    await redis.close()


Stored = tuple[RedisStore, Lease, list[Candle]]


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    """A server of its own, which keeps what is stored for all tests."""
    with valkey() as made:
        yield made


@pytest.fixture(scope="module")
def stored(server: Valkey) -> Iterator[Stored]:
    history = list(series(BTC_5M, Timeframe.M5))
    store = RedisStore(server.place)
    lease = leased(store, ttl_ms=600_000)
    asyncio.run(store_all(server, lease, history))
    yield store, lease, history
    store.close()


def talibs(window: list[Candle]) -> np.ndarray[Any, Any]:
    """MACD-V of TA-Lib's averages."""
    bars = filled(window)
    spread = talib.EMA(bars.close, 12) - talib.EMA(bars.close, 26)
    value: np.ndarray[Any, Any] = spread / talib.ATR(bars.high, bars.low, bars.close, 26) * 100
    return value


def computed(stored: Stored, valkey: Valkey, timeframe: Timeframe) -> tuple[list[Candle], np.ndarray[Any, Any]]:
    """The candles that are kept, and what a calculator stores of them."""
    store, lease, _ = stored
    options = CalculatorOptions(timeframes=(timeframe,))
    duty = {"duty": Duty(lease, KEPT)}
    context = Context("calculator", 1, options, duty, ManualClock(), Stores(valkey), lambda _: None, lambda _: None)
    calculator = IndicatorCalculator(context)
    calculator.warm_up()
    calculator.receive_all([HistoryChanged(named(timeframe))])
    calculator.redis.close()
    points = [msgspec.json.decode(point) for point in store.run(signals.trail(KEYS, named(timeframe), "macd-v"))]
    return store.run(candles.newest(KEYS, named(timeframe), KEPT)), np.array([value for _, value, _ in points])


@pytest.mark.parametrize("timeframe", [Timeframe.M5, *LARGER])
def test_real_candles_come_out_of_the_store_rolled_up_exactly(stored: Stored, timeframe: Timeframe) -> None:
    store, _, history = stored
    assert len(history) == 59_206
    held = store.run(candles.newest(KEYS, named(timeframe), 10_000))
    expected = exactly(history, timeframe.ms)
    end = history[-1].open_time + Timeframe.M5.ms
    newest = sorted(at for at in expected if at + timeframe.ms <= end)[-KEPT:]
    assert exactly(held, timeframe.ms) == {at: expected[at] for at in newest}


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15, Timeframe.H1])
def test_the_stored_macdv_of_a_gapless_stretch_is_ta_libs(stored: Stored, server: Valkey, timeframe: Timeframe) -> None:
    window, ours = computed(stored, server, timeframe)
    assert {after.open_time - at.open_time for at, after in pairwise(window)} == {timeframe.ms}
    settled = slice(SETTLED - KEPT, None)
    np.testing.assert_allclose(ours[settled], talibs(window)[settled], rtol=1e-9, atol=1e-9)


def test_across_the_outage_of_october_the_stored_macdv_is_that_of_the_filled_series(
    stored: Stored, server: Valkey
) -> None:
    window, ours = computed(stored, server, Timeframe.H4)
    assert len({after.open_time - at.open_time for at, after in pairwise(window)}) == 2, "the hole is in the window"
    bars = filled(window)
    traded = Macdv().compute(bars).value[bars.observed]
    np.testing.assert_array_equal(ours, traded[-len(ours) :])
