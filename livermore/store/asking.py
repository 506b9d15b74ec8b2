"""Giving a command to an exchange's pipeline, and waiting for what comes of it: from whichever process."""

import asyncio
import uuid
from typing import Any

import msgspec

from livermore.clock import Clock
from livermore.errors import LivermoreError, Transient
from livermore.store import commands
from livermore.store.commands import Command, Response
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore

PATIENCE = 40.0
"""Seconds for the last word on a command: it may wait for others, and is refused once it is 30 s old."""
BLOCK = 500
"""Ms of one wait: within the patience of every client."""


def made(type_: str, payload: dict[str, Any], clock: Clock, by: str, priority: int | None = None) -> Command:
    """A new command."""
    return Command(str(uuid.uuid4()), type_, clock.wall(), payload, priority, by)


async def ask(redis: AsyncRedisStore, keys: Keys, given: Command, patience: float = PATIENCE) -> dict[str, Any]:
    """Give a command; the data of its success. ``patience``: seconds.

    Raises:
        LivermoreError: it was refused, or has failed; the text says why.
        Transient: nobody has said the last word in time. The command may have been carried out.
    """
    place = await redis.run(commands.newest_response(keys))
    await redis.run(commands.send(keys, given))
    try:
        async with asyncio.timeout(patience):
            return await _answer(redis, keys, given, place)
    except TimeoutError:
        raise Transient(f"nobody has carried out {given.type}: is a process of this exchange running?") from None


async def _answer(redis: AsyncRedisStore, keys: Keys, given: Command, place: str) -> dict[str, Any]:
    """What is said of it after this place in the stream of responses."""
    while True:
        said = await redis.run(commands.responses(keys, place, BLOCK))
        last = _last_word([data for _, data in said], given)
        if last is not None:
            return _data_of(last)
        place = said[-1][0] if said else place


def _last_word(said: list[bytes], given: Command) -> Response | None:
    for response in (msgspec.json.decode(data, type=Response) for data in said):
        if response.correlation_id == given.correlation_id and response.is_last:
            return response
    return None


def _data_of(last: Response) -> dict[str, Any]:
    if last.status != "success":
        raise LivermoreError(last.message)
    return last.data or {}
