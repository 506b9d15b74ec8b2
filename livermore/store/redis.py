"""Redis clients that fail fast and say what they mean: no hidden retries of writes, no wait without an end.

The defaults of redis-py block a thread for a minute on a frozen server and apply a write twice (`reliability.md` 5.2).
"""

import socket
from collections.abc import AsyncGenerator, Sequence
from typing import Any, TypeVar

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from livermore.errors import Fenced, LivermoreError, Transient
from livermore.store.query import Query
from livermore.store.settings import RedisPlace

T = TypeVar("T")

TIMEOUT = 1.0
POOL = 16
_KEEPALIVE = {
    option: value
    for name, value in {"TCP_KEEPIDLE": 3, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 4000}.items()
    if (option := getattr(socket, name, None)) is not None
}


def _settings(place: RedisPlace, timeout: float) -> dict[str, Any]:
    common = {"socket_timeout": timeout, "max_connections": POOL, "timeout": TIMEOUT, "protocol": 2}
    if place.full_url.startswith("unix://"):
        return common
    alive = {"socket_keepalive": True, "socket_keepalive_options": _KEEPALIVE}
    return common | alive | {"socket_connect_timeout": TIMEOUT}


def explained(error: redis.RedisError, place: RedisPlace) -> LivermoreError:
    """What an error of redis-py means to us."""
    if isinstance(error, redis.ResponseError) and not isinstance(error, redis.ReadOnlyError | redis.OutOfMemoryError):
        said = str(error)
        return Fenced(said) if "FENCED" in said else LivermoreError(f"Redis at {place.shown} refuses a command: {said}")
    return Transient(f"Redis at {place.shown} cannot answer: {error}")


def _plain(client: Any) -> Any:
    """The client, made to give answers as they come: queries read plain RESP2 themselves."""
    client.response_callbacks = {}
    return client


class RedisStore:
    """For workers: blocks its thread, at most a second or so."""

    def __init__(self, place: RedisPlace) -> None:
        self._place = place
        pool = redis.BlockingConnectionPool.from_url(
            place.full_url, retry=Retry(NoBackoff(), 0), **_settings(place, TIMEOUT)
        )
        self._client = _plain(redis.Redis(connection_pool=pool))

    def run(self, query: Query[T]) -> T:
        """Send one command.

        Raises:
            Transient: Redis cannot be reached. The command may have been carried out.
            Fenced: the writer does not hold the lease.
        """
        try:
            return query.read(self._answer(query))
        except redis.RedisError as error:
            raise explained(error, self._place) from error

    def _answer(self, query: Query[T]) -> Any:
        try:
            return self._client.execute_command(*query.by_hash())
        except redis.exceptions.NoScriptError:
            return self._client.execute_command(*query.in_full())

    def close(self) -> None:
        """Give all connections back."""
        self._client.close()


class AsyncRedisStore:
    """For event loops."""

    def __init__(self, place: RedisPlace, *, blocking: float = 0.0) -> None:
        """``blocking``: the longest wait (seconds) that a command may ask the server for, as ``XREAD BLOCK`` does."""
        self._place = place
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            place.full_url, retry=AsyncRetry(NoBackoff(), 0), **_settings(place, TIMEOUT + blocking)
        )
        self._client = _plain(redis.asyncio.Redis(connection_pool=pool))

    async def run(self, query: Query[T]) -> T:
        """As `RedisStore.run`."""
        try:
            return query.read(await self._answer(query))
        except redis.RedisError as error:
            raise explained(error, self._place) from error

    async def run_all(self, queries: Sequence[Query[T]]) -> list[T]:
        """Send plain commands in one go; the answers come in the order of the commands."""
        pipeline = self._client.pipeline(transaction=False)
        for query in queries:
            pipeline.execute_command(*query.words)
        try:
            answers = await pipeline.execute()
        except redis.RedisError as error:
            raise explained(error, self._place) from error
        return [query.read(answer) for query, answer in zip(queries, answers, strict=True)]

    async def listen(self, channels: Sequence[str]) -> AsyncGenerator[tuple[str, bytes], None]:
        """Messages of pub/sub channels, with the channel of each, for as long as the connection holds.

        Raises:
            Transient: it does not hold any more; what was said meanwhile is lost.
        """
        try:
            async with self._client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.subscribe(*channels)
                while True:
                    message = await heard.get_message(timeout=TIMEOUT)
                    if message is not None:
                        yield message["channel"].decode(), message["data"]
        except redis.RedisError as error:
            raise explained(error, self._place) from error

    async def _answer(self, query: Query[T]) -> Any:
        try:
            return await self._client.execute_command(*query.by_hash())
        except redis.exceptions.NoScriptError:
            return await self._client.execute_command(*query.in_full())

    async def close(self) -> None:
        """Give all connections back."""
        await self._client.aclose()
