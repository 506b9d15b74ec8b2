"""A client's side of tests: fronts, addresses, and waits that cost no time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from typing import Any, TypeVar

from livermore.client import AsyncClient
from tests.http.conftest import database, make_world, world
from tests.http.world import PATIENCE, World

__all__ = ["database", "make_world", "world"]

T = TypeVar("T")


def url(world: World) -> str:
    return f"http://127.0.0.1:{world.port}"


class Waits(list[float]):
    """The seconds that a client has waited; the front's clock goes on meanwhile, and nobody has to sit it out."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self._world.clock.advance(seconds)
        await asyncio.sleep(0.01)


def client(world: World, **more: Any) -> AsyncClient:
    """One with the world's own key."""
    return AsyncClient(url(world), more.pop("key", world.key), **{"sleep": Waits(world), **more})


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a test's work; it fails where that takes too long."""

    async def bounded() -> T:
        async with asyncio.timeout(3 * PATIENCE):
            return await work

    return asyncio.run(bounded())


async def aside(work: "Awaitable[T] | Any", *arguments: Any) -> Any:
    """Do something that blocks, in a thread."""
    return await asyncio.to_thread(work, *arguments)


async def take(source: AsyncIterator[T], count: int) -> list[T]:
    """The next so many."""
    return [await anext(source) for _ in range(count)]


async def everything(source: AsyncIterator[T]) -> list[T]:
    """All of it."""
    return [one async for one in source]
