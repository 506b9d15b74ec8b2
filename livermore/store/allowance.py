"""The allowance of an API key: one token bucket in Redis, from which all processes draw blocks of requests."""

from typing import Any, NamedTuple

from livermore.store.keys import allowance
from livermore.store.query import Query, call

FILLS = 60_000
"""Milliseconds in which an empty bucket becomes full."""


class Drawn(NamedTuple):
    """How many requests were taken, whole ones, and how many are left."""

    taken: int
    left: float


def draw(key_id: str, per_minute: int, block: int, wall_ms: int) -> Query[Drawn]:
    """Take so many requests of a key, or as many as there are; ``wall_ms``: now."""
    return call("allowance", [allowance(key_id)], [wall_ms, per_minute, block, FILLS], _drawn)


def _drawn(answer: Any) -> Drawn:
    return Drawn(int(answer[0]), float(answer[1]))
