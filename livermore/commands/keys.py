"""Make, list, rotate and revoke API keys. A key is shown once, when it is made."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial

import msgspec
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import Asked, Variables, complain, say, tree_options
from livermore.errors import LivermoreError, Transient
from livermore.market.instant import iso
from livermore.settings import parse_duration
from livermore.store import api_keys, key_book
from livermore.store.grant import Grant
from livermore.store.key_book import Listed
from livermore.store.redis import RedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database

HEAD = ("id", "name", "scopes", "per minute", "streams", "made", "expires", "last used", "today", "state")
ROTATE = """
Makes a key with the same name, scopes, limits and end, and shows it. The old one is good for a while more, so that its
holder can change over.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    whats = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    create = whats.add_parser("create", help="make a key, and show it this one time")
    create.add_argument("name", help="whose key it is")
    create.add_argument("--scopes", metavar="S", help=f"with commas between; else {','.join(api_keys.SCOPES)}")
    create.add_argument("--per-minute", metavar="N", type=int, help=f"requests; else {api_keys.REQUESTS}")
    create.add_argument("--connections", metavar="N", type=int, help=f"streams at once; else {api_keys.CONNECTIONS}")
    create.add_argument("--expires", metavar="WHEN", help="as 90d or 2027-01-31T00:00:00Z; else never")
    shown = whats.add_parser("list", help="show all keys, but nothing of their secrets")
    shown.add_argument("--json", action="store_true", help="lines of JSON, for programs")
    rotate = whats.add_parser("rotate", help="make a key that takes the place of another one", description=ROTATE)
    rotate.add_argument("--overlap", metavar="T", type=_duration, default="24h", help="how long the old one is good")
    revoke = whats.add_parser("revoke", help="make a key useless, at once and for ever")
    for one in (rotate, revoke):
        one.add_argument("id", help="of the key: what stands between lvm_ and the next _")
    for one in (create, shown, rotate, revoke):
        tree_options(one, argparse.SUPPRESS)


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except PydanticCustomError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def do(asked: Asked, variables: Variables) -> int:
    """Do it."""
    works: dict[str, Callable[..., None]] = {"create": _create, "list": _list, "rotate": _rotate, "revoke": _revoke}
    with stores.opened(asked, variables) as places:
        assert places.database is not None
        with closing(Database(places.database)) as database:
            works[asked.what](database, places, asked, AffineClock().wall())
    return 0


def _create(database: Database, _: Stores, asked: Asked, now: int) -> None:
    grant = _grant(asked)
    say(database.run(partial(api_keys.create, name=grant.name, now=now, **grant.terms(now))))


def _grant(asked: Asked) -> Grant:
    scopes = None if asked.scopes is None else asked.scopes.split(",")
    limits = {"requests_per_minute": asked.per_minute, "connections": asked.connections}
    wanted = {"name": asked.name, "scopes": scopes, **limits, "expires": asked.expires}
    try:
        return Grant.model_validate({name: value for name, value in wanted.items() if value is not None})
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        raise LivermoreError(f"{error['loc'][0]}: {error['msg']}; found {error['input']!r}") from invalid


def _list(database: Database, _: Stores, asked: Asked, now: int) -> None:
    found = database.run(partial(key_book.listed, now=now))
    say("\n".join(msgspec.json.encode(one._asdict()).decode() for one in found) if asked.json else _table(found))


def _table(found: Sequence[Listed]) -> str:
    rows = [HEAD, *(tuple(_cells(one)) for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _cells(one: Listed) -> Iterator[str]:
    yield from (one.id, one.name, ",".join(one.scopes), str(one.requests_per_minute), str(one.connections))
    yield from (iso(one.created_at), _time(one.expires_at), _time(one.last_used_at), str(one.requests_today), one.state)


def _time(at: int | None) -> str:
    return "never" if at is None else iso(at)


def _rotate(database: Database, places: Stores, asked: Asked, now: int) -> None:
    overlap = int(1000 * asked.overlap)
    say(database.run(partial(key_book.rotate, key_id=asked.id, now=now, overlap=overlap)))
    _tell(places, asked.id)


def _revoke(database: Database, places: Stores, asked: Asked, _: int) -> None:
    database.run(partial(key_book.revoke, key_id=asked.id))
    heard = _tell(places, asked.id)
    say(f"{asked.id} is revoked" + ("" if heard is None else f"; fronts that have heard it: {heard}"))


def _tell(places: Stores, key_id: str) -> int | None:
    """Tell every front at once; gives how many have heard it, or None where Redis carries nothing."""
    assert places.redis is not None
    with closing(RedisStore(places.redis)) as redis:
        try:
            return redis.run(key_book.told(key_id))
        except Transient as reason:
            complain(f"{reason}: fronts find out by themselves, in at most 30 s")
            return None
