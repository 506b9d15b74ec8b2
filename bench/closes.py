"""6,000 closes stored, published, computed and judged, beside the same Redis commands alone, and a naive path (T6)."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count

import redis
from redis.connection import Connection

from bench.harness import ROUNDS, Result, ratio
from bench.made import Candles, series
from bench.naive import Naive
from bench.pipeline import Commands, Pipeline
from bench.server import server
from livermore.market.candle import Candle
from livermore.store.query import script
from livermore.store.settings import RedisPlace

SERIES = 6_000
PAST, TURNS = 300, 1 + 2 * ROUNDS
"""Minutes before the first, and those that are run, of which the first is not measured."""
SAMPLE = 60
"""Closes of the naive path, which takes long."""


def results() -> Iterator[Result]:
    """All targets."""
    candles = Candles(series(SERIES), PAST + 2 * TURNS)
    minutes = [candles.minute(number) for number in range(PAST + 2 * TURNS)]
    past, ahead = minutes[:PAST], minutes[PAST:]
    said = _recorded(past, ahead[:TURNS])
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        place = stack.enter_context(server())
        pipeline = Pipeline(runner, place, past)
        stack.callback(pipeline.end)
        raw = Raw(runner, stack.enter_context(server()), past)
        stack.callback(raw.end)
        ours, theirs = count(), count()
        close, send = lambda: pipeline.close(ahead[next(ours)]), lambda: raw.send(said[next(theirs)])
        close()
        send()
        yield ratio(f"T6 {SERIES} closes, beside their commands alone", close, send, target=2.5, gate=5, cost=True)
        _check(pipeline, raw)
        naive = Naive(place, past, SAMPLE)
        stack.callback(naive.end)
        further = count(TURNS)
        one_by_one = lambda: naive.close(ahead[next(further)])  # noqa: E731 - each turn has a minute of its own
        share = SAMPLE / SERIES
        yield ratio(f"T6 {SERIES} closes, beside a naive path", close, one_by_one, target=60, gate=25, share=share)


def _recorded(past: Sequence[list[Candle]], minutes: Sequence[list[Candle]]) -> list[Commands]:
    """The commands that each of these minutes makes."""
    found, said = list[Commands](), Commands()
    with server() as place, asyncio.Runner() as runner:
        pipeline = Pipeline(runner, place, past, said)
        for minute in minutes:
            said.clear()
            pipeline.close(minute)
            found.append(list(said))
        pipeline.end()
    return found


def _check(pipeline: Pipeline, raw: "Raw") -> None:
    """That the commands have done there what they do here."""
    if not pipeline.alerts() or raw.alerts() != pipeline.alerts():
        raise AssertionError(f"{pipeline.alerts()} alerts here, {raw.alerts()} there: the reference is none")


class Raw:
    """A server in the state in which the commands were recorded, and a connection to send them by."""

    def __init__(self, runner: asyncio.Runner, place: RedisPlace, past: Sequence[list[Candle]]) -> None:
        self._pipeline = Pipeline(runner, place, past)
        self.alerts = self._pipeline.alerts
        self._connection: Connection = redis.Redis.from_url(place.full_url).connection_pool.get_connection()
        for name in ("candles", "signals", "alerts"):
            self.send([["SCRIPT", "LOAD", script(name).text]])

    def send(self, commands: Commands) -> None:
        for command in commands:
            self._connection.send_command(*command)
            self._connection.read_response()

    def end(self) -> None:
        self._connection.disconnect()
        self._pipeline.end()


TARGETS = {"T6": results}
