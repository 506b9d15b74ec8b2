"""The admin API of keys: which there are, and making, rotating and revoking one."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import structlog
from pydantic import Field
from sqlalchemy import Connection

from livermore.errors import LivermoreError, Transient
from livermore.http import admin_examples as examples
from livermore.http.admin_schemas import KeyList, MadeKey, RevokedKey
from livermore.http.answer import Answer, of_data
from livermore.http.parameters import Parameters
from livermore.http.refusal import Refusal, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.market.instant import iso
from livermore.settings import Duration
from livermore.store import api_keys, key_book
from livermore.store.grant import Grant
from livermore.store.key_book import Listed, NoSuchKey

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

T = TypeVar("T")

KEYS = f"{ADMIN}/keys"
LONGEST_OVERLAP = 30 * 86_400


class GrantParameters(Grant, Parameters):
    """Whose key is to be made, and what it may do."""


class KeyParameters(Parameters):
    """Which key."""

    id: str = Field(pattern=r"^[0-9a-f]{12}$")


class RotateParameters(KeyParameters):
    """Which key, and for how long it is to be good beside the new one."""

    overlap: Annotated[Duration, Field(ge=0, le=LONGEST_OVERLAP)] = 86_400


async def every_key(front: "Front", _: Parameters) -> Answer:
    """All keys, without anything of their secrets."""
    found = await front.database.run_aside(partial(key_book.listed, now=front.clock.wall()))
    return of_data([_shown(one) for one in found])


def _shown(one: Listed) -> dict[str, Any]:
    times = {name: at and iso(at) for name, at in one._asdict().items() if name.endswith("_at")}
    return one._asdict() | times


async def create(front: "Front", asked: GrantParameters) -> Answer:
    """Make a key, and show it this one time."""
    now = front.clock.wall()
    try:
        terms = asked.terms(now)
    except LivermoreError as error:
        raise Refusal(400, str(error), param="expires") from error
    work = partial(api_keys.create, name=asked.name, now=now, created_by=asked.administrator.identity, **terms)
    return _made(await front.database.run_aside(work))


async def rotate(front: "Front", asked: RotateParameters) -> Answer:
    """Make a key that takes the place of another one, and show it this one time."""
    overlap, who = int(1000 * asked.overlap), asked.administrator.identity
    work = partial(key_book.rotate, key_id=asked.id, now=front.clock.wall(), overlap=overlap, created_by=who)
    made = await _done(front, work)
    await _tell(front, asked.id)
    _log.info("a key was rotated", key=asked.id)
    return _made(made)


def _made(key: str) -> Answer:
    key_id, _ = api_keys.split(key) or ("", "")
    _log.info("a key was made", key=key_id)
    return replace(of_data({"id": key_id, "key": key}), status=201)


async def revoke(front: "Front", asked: KeyParameters) -> Answer:
    """Make a key useless; ``told`` says whether every front knows at once, or by itself within half a minute."""
    await _done(front, partial(key_book.revoke, key_id=asked.id))
    _log.info("a key was revoked", key=asked.id)
    return of_data({"id": asked.id, "state": "revoked", "told": await _tell(front, asked.id)})


async def _done(front: "Front", work: Callable[[Connection], T]) -> T:
    try:
        return await front.database.run_aside(work)
    except Transient:
        raise
    except NoSuchKey as error:
        raise not_found("Key", "id") from error
    except LivermoreError as error:
        raise Refusal(400, str(error)) from error


async def _tell(front: "Front", key_id: str) -> bool:
    front.keyring.forget(key_id)
    try:
        await front.redis.run(key_book.told(key_id))
    except Transient:
        return False
    return True


ROUTES = [
    Route(
        KEYS,
        Parameters,
        every_key,
        Access.ADMIN,
        Document("Keys", "All keys, the oldest first", model=KeyList, example=examples.KEYS),
    ),
    Route(
        KEYS,
        GrantParameters,
        create,
        Access.ADMIN,
        Document("Keys", "Make a key", "It is shown this one time.", MadeKey, examples.MADE_KEY, status=201),
        methods=("POST",),
        body=True,
    ),
    Route(
        f"{KEYS}/{{id}}",
        KeyParameters,
        revoke,
        Access.ADMIN,
        Document("Keys", "Make a key useless", model=RevokedKey, example=examples.REVOKED_KEY, also=(404,)),
        methods=("DELETE",),
    ),
    Route(
        f"{KEYS}/{{id}}/rotate",
        RotateParameters,
        rotate,
        Access.ADMIN,
        Document(
            "Keys",
            "Make a key that takes the place of another one",
            "The old one is good for a while more, so that its holder can change over.",
            MadeKey,
            examples.MADE_KEY,
            also=(404,),
            status=201,
        ),
        methods=("POST",),
        body=True,
    ),
]
