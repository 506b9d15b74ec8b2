"""Give a command to the pipeline of an exchange, and say what came of it."""

import argparse
import asyncio
import getpass
import json
from typing import Any

from livermore import process
from livermore.actors.control import KINDS
from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import USAGE, Asked, Variables, complain, exchange_of, say
from livermore.store import instances
from livermore.store.asking import ask, made
from livermore.store.exchange import keys_of
from livermore.store.instances import Sighting
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database

STATUS = "status"
WORDS = {"add-symbol": "symbol", "remove-symbol": "symbol", "force-backfill": "symbol", "switch-mode": "mode",
         "clear-cache": "scope"}  # fmt: skip
"""What a single word after a command means."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("type", choices=[STATUS, *KINDS], metavar="TYPE", help=", ".join([STATUS, *KINDS]))
    parser.add_argument("words", nargs="*", metavar="WORD", help="a symbol, a profile, a scope; or NAME=VALUE, each")
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")
    parser.add_argument("--priority", type=int, choices=range(1, 101), metavar="1..100", help="lower is sooner")


def do(asked: Asked, variables: Variables) -> int:
    """Print what came of it, as JSON."""
    try:
        payload = _payload(asked.type, asked.words)
    except ValueError as error:
        complain(error)
        return USAGE
    with stores.opened(asked, variables) as places:
        clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))
        found = asyncio.run(_ask(places, exchange_of(asked, variables), asked, payload, clock))
    say(json.dumps(found, indent=2))
    return 0


async def _ask(places: Stores, exchange: str, asked: Asked, payload: dict[str, Any], clock: AffineClock) -> Any:
    assert places.redis is not None
    assert places.database is not None
    redis, database = AsyncRedisStore(places.redis), Database(places.database)
    try:
        keys = await keys_of(database, exchange)
        if asked.type == STATUS:
            shown = instances.present(await redis.run(instances.listed(keys)), clock.wall())
            return {"exchange": exchange, "instances": [_shown(one) for one in shown]}
        by = f"{getpass.getuser()}@{process.host()}"
        return await ask(redis, keys, made(asked.type, payload, clock, by, asked.priority), clock)
    finally:
        database.close()
        await redis.close()


def _shown(one: Sighting) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def _payload(type_: str, words: list[str]) -> dict[str, Any]:
    """From ``SYMBOL`` or ``name=value``; a value with commas is several.

    Raises:
        ValueError: a word that means nothing here.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            name, value = _meant(type_, word, found)
        found[name] = value.split(",") if name in {"symbols", "timeframes"} else value
    return found


def _meant(type_: str, word: str, found: dict[str, Any]) -> tuple[str, str]:
    if type_ == "bulk-add-symbols":
        return "symbols", ",".join([*found.get("symbols", []), word])
    if type_ not in WORDS or WORDS[type_] in found:
        raise ValueError(f"{type_}: expected NAME=VALUE; found {word!r}")
    return WORDS[type_], word
