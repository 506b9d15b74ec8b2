"""Tell why alerts were raised, what would have been, whether notices arrive, and which were given up."""

import argparse
import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import FAILED, Asked, Variables, exchange_of, say
from livermore.commands.csv_times import moment
from livermore.errors import LivermoreError
from livermore.market.timeframe import Timeframe
from livermore.store import notices
from livermore.store.exchange import keys_of
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database

PATIENCE = 60.0
"""Seconds in which the notifier has to say what came of a test: all targets may be slow."""
LOOK_EVERY = 0.2
EXPLAIN = """
Says why an alert was raised: its rule, what was remembered before it, the reading, and what is stored of its candles by
now, with their revisions, the gaps that touch them and the value computed anew.
"""
BACKTEST = """
Runs the indicator and the rules of the tree file over the candles that are stored, as they stand now, or over a file,
and lists what would have fired. Nothing is raised, stored or told. It remembers nothing from before the first value
that is ready, and the evaluator nothing from before its own start: just after either, one may be silent where the other
fires.
"""


class Held(NamedTuple):
    """What a command works on; ``keys``: of the exchange that is meant."""

    redis: AsyncRedisStore
    database: Database
    keys: Keys


Work = Callable[[Held, Asked, Variables], Awaitable[int]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    _exchange(parser, None)
    whats = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    about = "put notices that were given up back on their way"
    retried = whats.add_parser("retry", help=about, description=about)
    retried.add_argument("id", nargs="?", help="of the alert; else all of them")
    about = "have every target told of nothing, and say what came of it"
    tested = whats.add_parser("test", help=about, description=about)
    backtest = whats.add_parser("backtest", help="list what would have fired over a history", description=BACKTEST)
    backtest.add_argument("--symbol", metavar="S", help="as BTC-USD; for a file, else its name")
    backtest.add_argument(
        "--timeframe", action="append", metavar="T", choices=[str(t) for t in Timeframe], help="may be given again"
    )
    since = "list only what fired from then on, as 2026-08-09T21:05Z; the candles before it count all the same"
    backtest.add_argument("--since", metavar="WHEN", type=_moment, help=since)
    backtest.add_argument("--csv", metavar="FILE", help="as in `livermore indicators compute`; no store is asked")
    backtest.add_argument("--json", action="store_true", help="lines of JSON, for programs")
    explained = whats.add_parser("explain", help="say why an alert was raised", description=EXPLAIN)
    explained.add_argument("id", help="of the alert: 32 hex digits")
    explained.add_argument("--json", action="store_true", help="for programs")
    for one in (retried, tested, backtest, explained):
        _exchange(one, argparse.SUPPRESS)


def _exchange(parser: argparse.ArgumentParser, default: str | None) -> None:
    about = "else LIVERMORE_EXCHANGE_NAME, else coinbase"
    parser.add_argument("--exchange", metavar="NAME", default=default, help=about)


def _moment(text: str) -> int:
    try:
        return moment(text)[1]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def do(asked: Asked, variables: Variables) -> int:
    """Do it; where something is to be sent, the notifier that runs does so."""
    works: dict[str, Work] = {"retry": _retry, "test": _test, "backtest": _backtest, "explain": _explain}
    if getattr(asked, "csv", None):
        from livermore.commands.backtesting import over_file  # noqa: PLC0415 - a front has no need of all that

        return over_file(asked, variables)
    with stores.opened(asked, variables) as places:
        return asyncio.run(_with(places, works[asked.what], asked, variables))


async def _with(places: Stores, work: Work, asked: Asked, variables: Variables) -> int:
    assert places.redis is not None
    assert places.database is not None
    redis, database = AsyncRedisStore(places.redis), Database(places.database)
    try:
        keys = await keys_of(database, exchange_of(asked, variables))
        return await work(Held(redis, database, keys), asked, variables)
    finally:
        database.close()
        await redis.close()


async def _backtest(held: Held, asked: Asked, variables: Variables) -> int:
    from livermore.commands.backtesting import over_stored  # noqa: PLC0415 - as above

    return await over_stored(asked, variables, held.redis, held.keys)


async def _explain(held: Held, asked: Asked, _: Variables) -> int:
    from livermore.commands.explaining import lines  # noqa: PLC0415 - as above
    from livermore.explaining.gathering import explain  # noqa: PLC0415 - as above

    found = await explain(held.redis, held.database, asked.id)
    if found is None:
        raise LivermoreError(f"no alert {asked.id} is recorded here: its id is in notices, on the stream and in SQL")
    say(msgspec.json.encode(found).decode() if asked.json else "\n".join(lines(found)))
    return 0


async def _retry(held: Held, asked: Asked, _: Variables) -> int:
    redis, keys = held.redis, held.keys
    targets, now = await redis.run(notices.targets(keys)), AffineClock().wall()
    found = [
        (raw, dead) for raw, dead in await redis.run(notices.dead(keys)) if asked.id in {None, dead.letter.alert.id}
    ]
    if not found and asked.id is not None:
        raise LivermoreError(f"no notice of the alert {asked.id} has been given up, or it is forgotten by now")
    for raw, dead in found:
        alert = dead.letter.alert
        line = f"{alert.id}  {dead.target}  {alert.symbol} {alert.timeframe} {alert.label}: {dead.letter.error}"
        if dead.target not in targets:
            say(f"{line}; it stays, for there is no such target any more")
        elif await redis.run(notices.revive(keys, raw, dead, now)):
            say(f"{line}; it is tried again")
    if not found:
        say("no notice has been given up")
    return 0


async def _test(held: Held, *__: object) -> int:
    redis, keys = held.redis, held.keys
    test = f"test-{secrets.token_hex(8)}"
    await redis.run(notices.ask_for_test(keys, test))
    results: dict[str, str] = {}
    for _ in range(int(PATIENCE / LOOK_EVERY)):
        results = await redis.run(notices.test_results(keys, test))
        if results:
            break
        await asyncio.sleep(LOOK_EVERY)
    if not results:
        raise LivermoreError(f"the notifier has not answered for {PATIENCE:g} s: does it run? See `livermore tree`")
    for name, said in sorted(results.items()):
        say(f"{name}: {said}" if name else said)
    return 0 if set(results.values()) == {"sent"} else FAILED
