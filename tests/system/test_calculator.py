"""The indicator calculator over a real store: what it reads, what it stores, and that a second indicator is a word."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from pydantic import ValidationError

from livermore.actors.indicator_calculator import CalculatorOptions, IndicatorCalculator
from livermore.errors import Fenced, Transient
from livermore.indicators.bars import filled
from livermore.indicators.macd import Macd
from livermore.indicators.macdv import Macdv
from livermore.market.candle import Candle
from livermore.messages import CandleClosed, CandleCorrected, SignalComputed
from livermore.store import candles, events, lease, signals
from livermore.store.candles import Known, Write
from livermore.store.lease import Duty, Lease
from livermore.store.query import Query
from livermore.store.redis import RedisStore
from livermore.supervision.actor import Context
from tests.indicators.examples import wave
from tests.support.candles import BTC, T0
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

BOTH: tuple[dict[str, Any], ...] = ({"macdv": {}}, {"macd": {}})
MINUTE = BTC.timeframe.ms
HISTORY = 1_000


class Watched(RedisStore):
    """A client that counts its commands, and loses its server when told to."""

    def __init__(self, valkey: Valkey) -> None:
        super().__init__(valkey.place)
        self.asked: Counter[str] = Counter()
        self.lost = False

    def run(self, query: Query[Any]) -> Any:
        if self.lost and query.script is not None:
            raise Transient("lost")
        self.asked["script" if query.script else str(query.words[0])] += 1
        return super().run(query)


class Bench:
    """A calculator between a store and what it emits."""

    def __init__(self, valkey: Valkey, mine: Lease, indicators: tuple[dict[str, Any], ...] = BOTH) -> None:
        self.valkey, self.mine, self.indicators = valkey, mine, indicators
        self.store = RedisStore(valkey.place)
        self.emitted: list[Any] = []
        self.begin()

    def redis(self) -> Watched:
        """What the calculator asks of its resources."""
        self.client = Watched(self.valkey)
        return self.client

    def begin(self) -> None:
        """Start a calculator with nothing in memory."""
        options = CalculatorOptions(indicators=self.indicators, timeframes=(BTC.timeframe,))
        duty = {"duty": Duty(self.mine, HISTORY)}
        context = Context("c", 1, options, duty, ManualClock(), self, self.emitted.extend, lambda _: None)
        self.calculator = IndicatorCalculator(context)
        self.calculator.warm_up()
        self.client.asked.clear()

    def close(self, *some: Candle) -> None:
        """Store candles and everything up to them, and tell of them."""
        known = Known(BTC, some[0].open_time, some[-1].open_time, rest=True)
        for i in range(0, len(some), 100):
            self.store.run(candles.write(self.mine, Write(some[i : i + 100], [known]), HISTORY))
        self.hear(*map(CandleClosed, some))

    def hear(self, *messages: Any) -> None:
        self.calculator.receive_all(messages)

    def told(self) -> list[int]:
        """Open times (ms) of the candles of which a signal stands in the stream."""
        found = self.store.run(events.after(KEYS, events.START, 10_000))
        return [msgspec.json.decode(event.full)["timestamp"] for event in found if event.kind == "trade_signal"]

    def record(self, kind: str) -> dict[str, Any]:
        found = self.store.run(signals.read(KEYS, BTC, kind))
        assert found is not None
        return found


@pytest.fixture
def bench(empty_valkey: Valkey) -> Iterator[Bench]:
    mine = Lease(BTC.exchange, KEYS.exchange_id, owner())
    store = RedisStore(empty_valkey.place)
    store.run(lease.claim(mine, 600_000))
    made = Bench(empty_valkey, mine)
    yield made
    store.close()
    made.store.close()
    made.client.close()


def minutes(count: int, without: tuple[int, ...] = ()) -> list[Candle]:
    """Appendix A's candles in the series of these tests."""
    return [
        msgspec.structs.replace(
            c, exchange=BTC.exchange, symbol=BTC.symbol, open_time=T0 + c.open_time, timeframe=BTC.timeframe
        )
        for c in wave(count, without)
    ]


def test_a_second_indicator_is_a_word_and_is_stored_under_its_own_kind(bench: Bench) -> None:
    some = minutes(120)
    bench.close(*some)
    for kind, indicator in (("macd-v", Macdv()), ("macd", Macd())):
        expected = indicator.compute(filled(some)).record(119)
        found = bench.record(kind)
        assert {name: found[name] for name in expected} == expected
        assert len(bench.store.run(signals.trail(KEYS, BTC, kind))) == 120


def test_signals_are_told_of_macdv_alone(bench: Bench) -> None:
    some = minutes(120)
    bench.close(*some[:100])
    bench.close(*some[100:])
    assert bench.told() == [c.open_time for c in some[99:]]
    assert [m.open_time for m in bench.emitted if isinstance(m, SignalComputed)] == bench.told()


@pytest.mark.parametrize("first", ["macdv", "macd"])
def test_the_order_of_the_words_makes_no_difference(bench: Bench, first: str) -> None:
    bench.indicators = BOTH if first == "macdv" else BOTH[::-1]
    bench.begin()
    bench.close(*minutes(100))
    assert bench.told() == [T0 + 99 * MINUTE]
    assert bench.record("macd")["value"]["macd"] is not None


def test_a_closed_candle_is_computed_without_reading_a_candle(bench: Bench) -> None:
    some = minutes(121)
    bench.close(*some[:120])
    bench.client.asked.clear()
    bench.close(some[120])
    assert bench.client.asked == {"HMGET": 2, "script": 2}
    state = bench.record("macd-v")["recursion"]["state"]
    assert np.array(state, np.float64).tobytes() == Macdv().states(filled(some))[:, -1].tobytes()


def test_a_restart_reads_records_and_no_history(bench: Bench) -> None:
    some = minutes(130)
    bench.close(*some[:120])
    bench.begin()
    bench.close(*some[120:])
    assert bench.told()[-10:] == [c.open_time for c in some[120:]]
    assert bench.client.asked["ZRANGE"] == 0
    state = bench.record("macd-v")["recursion"]["state"]
    assert np.array(state, np.float64).tobytes() == Macdv().states(filled(some))[:, -1].tobytes()


def test_what_a_lost_server_kept_from_being_stored_is_stored_after_the_restart_and_told_once(bench: Bench) -> None:
    some = minutes(125)
    bench.close(*some[:120])
    bench.client.lost = True
    with pytest.raises(Transient):
        bench.close(*some[120:])
    assert bench.told()[-1] == some[119].open_time
    bench.begin()
    bench.hear(CandleClosed(some[-1]))
    assert bench.told() == [c.open_time for c in some[119:]]
    assert bench.record("macd")["timestamp"] == some[-1].open_time


def test_a_correction_is_told_once_more_and_reaches_both_trails(bench: Bench) -> None:
    some = minutes(120)
    bench.close(*some)
    corrected = msgspec.structs.replace(some[110], high="200", close="150")
    bench.store.run(candles.write(bench.mine, Write([corrected], []), HISTORY))
    bench.hear(CandleCorrected(msgspec.structs.replace(corrected, revision=1)))
    assert bench.told() == [some[119].open_time] * 2
    now = [*some[:110], corrected, *some[111:]]
    for kind, indicator in (("macd-v", Macdv()), ("macd", Macd())):
        points = [msgspec.json.decode(point) for point in bench.store.run(signals.trail(KEYS, BTC, kind))]
        values = indicator.compute(filled(now))
        assert points == [
            [T0 + at * MINUTE, *(None if np.isnan(x) else x for x in (values.value[at], values.signal[at]))]
            for at in range(120)
        ]


def test_without_the_lease_nothing_is_stored(bench: Bench) -> None:
    some = minutes(121)
    bench.close(*some[:120])
    known = Known(BTC, some[120].open_time, some[120].open_time)
    bench.store.run(candles.write(bench.mine, Write(some[120:], [known]), HISTORY))
    bench.store.run(lease.release(bench.mine))
    with pytest.raises(Fenced):
        bench.hear(CandleClosed(some[120]))
    assert bench.record("macd-v")["timestamp"] == some[119].open_time


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "expected macdv among them"),
        ([{"macd": {}}], "expected macdv among them"),
        ([{"macdv": {}}, {"macdv": {"fast": 10}}], "stands here twice"),
        ([{"macdv": {}}, {"macdx": {}}], "did you mean"),
        ([{"macdv": {}, "macd": {}}], "expected one word"),
        ([{"macdv": {}}, {"macd": {"slow": 1}}], "greater than or equal to 3"),
    ],
)
def test_a_list_of_indicators_that_makes_no_sense_is_refused(entries: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CalculatorOptions(indicators=entries)
