"""Alerts on their way to people: try again what was given up, or see whether notices arrive."""

import argparse
import asyncio
import secrets
from collections.abc import Awaitable, Callable

from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import FAILED, Asked, Variables, say
from livermore.errors import LivermoreError
from livermore.store import notices
from livermore.store.exchange import keys_of
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database

PATIENCE = 60.0
"""Seconds in which the notifier has to say what came of a test: all targets may be slow."""
LOOK_EVERY = 0.2

Work = Callable[[AsyncRedisStore, Keys, Asked], Awaitable[int]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")
    whats = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    about = "put notices that were given up back on their way"
    retried = whats.add_parser("retry", help=about, description=about)
    retried.add_argument("id", nargs="?", help="of the alert; else all of them")
    about = "have every target told of nothing, and say what came of it"
    whats.add_parser("test", help=about, description=about)


def do(asked: Asked, variables: Variables) -> int:
    """Do it; the notifier that runs does the sending."""
    works: dict[str, Work] = {"retry": _retry, "test": _test}
    exchange = str(asked.exchange or variables.get("LIVERMORE_EXCHANGE_NAME") or "coinbase")
    with stores.opened(asked, variables) as places:
        return asyncio.run(_with(places, exchange, works[asked.what], asked))


async def _with(places: Stores, exchange: str, work: Work, asked: Asked) -> int:
    assert places.redis is not None
    assert places.database is not None
    redis, database = AsyncRedisStore(places.redis), Database(places.database)
    try:
        return await work(redis, await keys_of(database, exchange), asked)
    finally:
        database.close()
        await redis.close()


async def _retry(redis: AsyncRedisStore, keys: Keys, asked: Asked) -> int:
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


async def _test(redis: AsyncRedisStore, keys: Keys, asked: Asked) -> int:  # noqa: ARG001 - it takes nothing
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
