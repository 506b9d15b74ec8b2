"""Giving commands to the exchange process of a world."""

import asyncio
from typing import Any

from livermore.store import asking
from livermore.store.commands import Command
from tests.support.world import World, WorldRedis


def given(world: World, type_: str, payload: dict[str, Any] | None = None, priority: int | None = None) -> Command:
    """A command that was made at this moment."""
    return asking.made(type_, payload or {}, world.own_clock, "a test", priority)


def begin(world: World, command: Command) -> "asyncio.Task[dict[str, Any]]":
    """Give it, and go on meanwhile."""
    asked = asking.ask(WorldRedis(world), world.keys, command)
    return world.loop.create_task(asked)


def ordered(world: World, type_: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give a command and wait for what comes of it, in virtual time.

    Raises:
        LivermoreError: as `asking.ask`.
    """
    return world.loop.run_until_complete(begin(world, given(world, type_, payload)))
