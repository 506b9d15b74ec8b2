"""The pipeline on a Redis of the benchmarks' own, its parts called one after the other: store, compute, judge."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from bench.made import AT, Past, leased, news_of
from livermore.actors.alert_evaluator import AlertEvaluator
from livermore.actors.indicator_calculator import IndicatorCalculator
from livermore.alerts.engine import step
from livermore.alerts.raising import reading
from livermore.alerts.rule import Memory
from livermore.indicators.engine import Engine
from livermore.indicators.macdv import Macdv
from livermore.indicators.outstanding import Made
from livermore.market.candle import Candle
from livermore.messages import CandleClosed, SignalComputed
from livermore.store import alerts, directives, events, signals
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known
from livermore.store.lease import Duty
from livermore.store.query import Query, Word
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.signals import Record
from livermore.store.sql import Database
from livermore.supervision.actor import Actor, Context

T = TypeVar("T")

HISTORY = 1_000
AT_ONCE = 500
"""Messages that the calculator is given at once."""
Commands = list[list[Word]]


class Stopped:
    """A clock that stands where it was put."""

    speed = 1.0

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> int:
        return self.at

    wall = now

    def monotonic(self) -> float:
        return self.at / 1000


class Heard(RedisStore):
    """Writes down what it sends."""

    def __init__(self, place: RedisPlace, said: Commands) -> None:
        super().__init__(place)
        self._said = said

    def _answer(self, query: Query[T]) -> Any:
        self._said.append(query.by_hash())
        return super()._answer(query)


class AsyncHeard(AsyncRedisStore):
    """As `Heard`."""

    def __init__(self, place: RedisPlace, said: Commands) -> None:
        super().__init__(place)
        self._said = said

    async def _answer(self, query: Query[T]) -> Any:
        self._said.append(query.by_hash())
        return await super()._answer(query)


def _memory(made: Made) -> Memory:
    """After the newest value, at which nothing has been found."""
    now = reading(made.series.exchange, made.full)
    assert now is not None, "the past is long enough for a value to be ready"
    return step([], Memory(), now)[0]


class Pipeline:
    """One that has just been started, over series whose past ends with the last minute of ``past``."""

    def __init__(
        self,
        runner: asyncio.Runner,
        place: RedisPlace,
        past: Sequence[list[Candle]],
        said: Commands | None = None,
    ) -> None:
        """``said``: where the commands are to be written down, if at all."""
        self._said = said
        self.store = RedisStore(place) if said is None else Heard(place, said)
        self.clock, self._runner = Stopped(), runner
        self._lease = lease = leased(self.store)
        self._redis = runner.run(self._made(place))
        self._book = CandleBook(self._redis, lease, HISTORY, rolls_up=False)
        last = past[-1]
        runner.run(self._book.close(last, [Known(c.series, AT, c.open_time, rest=True) for c in last], news=False))
        self._begin(past)
        self._computed: list[SignalComputed] = []
        duty = Duty(lease, HISTORY)
        self._calculator, self._evaluator = self._actor(IndicatorCalculator, duty), self._actor(AlertEvaluator, duty)
        self._calculator.warm_up()
        self._evaluator.warm_up()

    async def _made(self, place: RedisPlace) -> AsyncRedisStore:
        return AsyncRedisStore(place) if self._said is None else AsyncHeard(place, self._said)

    def _begin(self, past: Sequence[list[Candle]]) -> None:
        """Store the newest records, in which the states are, and what the rules remember of them."""
        engine, last = Engine(Macdv(), Past(past)), past[-1]
        made = engine.take(news_of(last))
        for i in range(0, len(made), AT_ONCE):
            some = [Record(one.series, one.full, {}) for one in made[i : i + AT_ONCE]]
            self.store.run(signals.write(self._lease, "macd-v", some, 3_600_000, told=False))
        memories = {str(one.series): msgspec.json.encode(_memory(one)) for one in made}
        self.store.run(directives.install(self._lease.keys, {}))
        place = self.store.run(events.newest_id(self._lease.keys))
        assert self.store.run(alerts.move(self._lease, "", place, memories, []))

    def _actor(self, kind: type[Actor], duty: Duty) -> Any:
        context = Context(
            path=kind.__name__,
            generation=1,
            options=kind.options_class()(),
            arguments={"duty": duty},
            clock=self.clock,
            resources=self,
            emit=self._hear,
            request=lambda _: None,
        )
        return kind(context)

    def redis(self) -> RedisStore:
        """As resources have it."""
        return self.store

    def database(self) -> Database:
        """As resources have it; nobody asks it for anything, as nothing is to be rebuilt."""
        return Database(DatabasePlace(url="sqlite://"))

    def _hear(self, messages: Sequence[Any]) -> None:
        self._computed += messages

    def close(self, minute: Sequence[Candle]) -> None:
        """All that follows when these candles have closed."""
        self.clock.at = minute[0].close_time + 1_000
        known = [Known(c.series, c.open_time, c.open_time) for c in minute]
        changes = self._runner.run(self._book.close(minute, known))
        closed = [CandleClosed(candle) for candle, _ in changes]
        for i in range(0, len(closed), AT_ONCE):
            self._calculator.receive_all(closed[i : i + AT_ONCE])
            told, self._computed = self._computed, []
            self._evaluator.receive_all(told)

    def alerts(self) -> int:
        """How many have been raised."""
        return int(self.store.run(Query(["XLEN", self._lease.keys.outbox], int)))

    def end(self) -> None:
        """Give all connections back."""
        self.store.close()
        self._runner.run(self._redis.close())
