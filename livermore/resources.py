"""What the composition root hands to every actor: where the stores are, and how to reach the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.sql import Database

if TYPE_CHECKING:  # a front has no network, and does not load its modules
    from livermore.net.interface import Network


@dataclass(frozen=True)
class Resources:
    """Each actor opens its own connections, and keeps them for as long as it lives."""

    name: str
    """Of the tree that runs here."""
    redis: Callable[[], RedisStore]
    async_redis: Callable[[float], AsyncRedisStore]
    """Takes the longest wait (seconds) that a blocking command will ask for."""
    database: Callable[[], Database]
    network: Callable[[], "Network"]
    sockets: Mapping[str, Any]
    """Listening sockets by the path of the actor they are held for."""
    tree: Callable[[], Mapping[str, Any]]
    """A snapshot of the supervision tree as plain data."""
