"""The key follower: hears which keys were revoked, and has them open nothing any more, at once."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import structlog

from livermore.errors import Transient
from livermore.store.keys import KEYS_CHANGED

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

LOOK_AGAIN = 1.0
"""Seconds between attempts."""


async def follow_keys(front: "Front") -> None:
    """Heed what is told, for ever. While nothing can be heard, what is known of a key grows old by itself."""
    while True:
        try:
            # what was told before is missed: SQL is asked anew
            async with aclosing(front.redis.listen([KEYS_CHANGED], front.keyring.expire)) as told:
                async for _, data in told:
                    _heed(front, data.decode(errors="replace"))
        except Transient as reason:
            _log.info("news of keys are waited for", reason=str(reason))
        await asyncio.sleep(LOOK_AGAIN)


def _heed(front: "Front", key_id: str) -> None:
    front.keyring.forget(key_id)
    for stream in list(front.guests.streams):
        if stream.key is not None and stream.key.key_id == key_id:
            front.background.forget(stream.check(believed=False))  # others need not wait for SQL
