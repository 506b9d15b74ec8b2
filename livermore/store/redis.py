"""Redis clients that fail fast and say what they mean: no hidden retries of writes, no wait without an end.

The defaults of redis-py block a thread for a minute on a frozen server and apply a write twice (`reliability.md` 5.2).
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
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
PASSING = frozenset({"BUSY", "CLUSTERDOWN", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "TRYAGAIN"})
"""Refusals that say something of the server's state, not of the command."""
_OF_MANY = " caused error: "
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
    said = str(error)
    code = error.status_code or said.rpartition(_OF_MANY)[2].partition(" ")[0]
    if code == "FENCED":
        return Fenced(said)
    if isinstance(error, redis.ResponseError) and code not in PASSING:
        return LivermoreError(f"Redis at {place.shown} refuses a command: {said}")
    return Transient(f"Redis at {place.shown} cannot answer: {said}")


def _plain(client: Any) -> Any:
    """The client, made to give answers as they come: queries read plain RESP2 themselves."""
    client.response_callbacks = {}
    return client


@contextmanager
def _cancellable() -> Iterator[None]:
    """Raise a cancellation that came meanwhile and was lost.

    redis-py sends by `asyncio.wait_for`, which in Python 3.11 drops a cancellation that arrives with its result.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


class RedisStore:
    """For workers: blocks its thread, at most a second or so."""

    def __init__(self, place: RedisPlace) -> None:
        self._place = place
        pool = redis.BlockingConnectionPool.from_url(
            place.full_url, retry=Retry(NoBackoff(), 0), **_settings(place, TIMEOUT)
        )
        self._client = _plain(redis.Redis.from_pool(pool))

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
        self._client = _plain(redis.asyncio.Redis.from_pool(pool))

    async def run(self, query: Query[T]) -> T:
        """As `RedisStore.run`."""
        try:
            with _cancellable():
                return query.read(await self._answer(query))
        except redis.RedisError as error:
            raise explained(error, self._place) from error

    async def run_all(self, queries: Sequence[Query[T]]) -> list[T]:
        """Send plain commands in one go; the answers come in the order of the commands."""
        pipeline = self._client.pipeline(transaction=False)
        for query in queries:
            pipeline.execute_command(*query.words)
        try:
            with _cancellable():
                answers = await pipeline.execute()
        except redis.RedisError as error:
            raise explained(error, self._place) from error
        return [query.read(answer) for query, answer in zip(queries, answers, strict=True)]

    async def listen(
        self, channels: Sequence[str], begun: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """Messages of pub/sub channels, with the channel of each, for as long as the connection holds.

        ``begun``: called for each channel once whatever is said there from then on will be heard.

        Raises:
            Transient: it does not hold any more; what was said meanwhile is lost.
        """
        try:
            async with self._client.pubsub() as heard:
                with _cancellable():
                    await heard.subscribe(*channels)
                while True:
                    with _cancellable():
                        message = await heard.get_message(timeout=TIMEOUT)
                    if message is not None and message["type"] == "subscribe":
                        begun()
                    elif message is not None:
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
