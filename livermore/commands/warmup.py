"""Show how far the warm-up of an exchange is, until it is over."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

import msgspec
from tqdm import tqdm

from livermore.commands import stores
from livermore.commands.common import Asked, Variables, exchange_of, say
from livermore.errors import LivermoreError
from livermore.store import warmup
from livermore.store.exchange import keys_of
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database
from livermore.store.warmup import COMPLETE, Stats

EVERY = 0.5
"""Seconds between two looks."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")
    parser.add_argument("--json", action="store_true", help="how it stands now, for programs")


def do(asked: Asked, variables: Variables) -> int:
    """A bar on a terminal, else a line whenever it has come on."""
    exchange = exchange_of(asked, variables)
    with stores.opened(asked, variables) as places:
        asyncio.run(_show(places, exchange, as_json=asked.json))
    return 0


async def _show(places: Stores, exchange: str, *, as_json: bool) -> None:
    assert places.redis is not None
    assert places.database is not None
    redis, database = AsyncRedisStore(places.redis), Database(places.database)
    try:
        found = _follow(redis, database, exchange)
        if as_json:
            say(msgspec.json.format(msgspec.json.encode(await anext(found))).decode())
        elif sys.stdout.isatty():
            await _draw(found)
        else:
            async for stats in found:
                say(line(stats))
    finally:
        database.close()
        await redis.close()


async def _follow(redis: AsyncRedisStore, database: Database, exchange: str) -> AsyncIterator[Stats]:
    """How it stands, whenever that has changed, until it is over."""
    keys, before = await keys_of(database, exchange), None
    while before is None or before.status != COMPLETE:
        stats = await redis.run(warmup.read(keys))
        if stats is None:
            raise LivermoreError(f"nobody has begun to warm up {exchange} here: is its exchange process running?")
        if stats != before:
            yield stats
        before = stats
        if stats.status != COMPLETE:
            await asyncio.sleep(EVERY)


async def _draw(found: AsyncIterator[Stats]) -> None:
    with tqdm(total=100, bar_format="{desc} {percentage:3.0f}% |{bar}|") as bar:
        async for stats in found:
            bar.set_description_str(line(stats), refresh=False)
            bar.n = stats.percent_complete
            bar.refresh()


def line(stats: Stats) -> str:
    """One line: percent, series, what is being asked for, and how long it will still take."""
    done = f"{stats.percent_complete:5.1f}%  {stats.completed_pairs}/{stats.total_pairs} series"
    if stats.status == COMPLETE or stats.current_symbol is None:
        return f"{done}  {stats.status}"
    eta = "" if stats.eta_ms is None else f"  {stats.eta_ms / 1000:.0f} s to go"
    return f"{done}  {stats.current_symbol} {stats.current_timeframe}{eta}"
