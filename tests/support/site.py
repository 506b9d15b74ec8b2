"""Stores that several processes of one test share, with their schema, a key, and a clock."""

import time
from pathlib import Path
from typing import NamedTuple

from livermore.store.settings import DatabasePlace, RedisPlace
from tests.support.processes import livermore

NEARLY_MIDNIGHT = 1_789_948_800_000 - 600_000 + 15_000
"""Ten minutes before a day ends, in the middle of a minute (ms)."""


class Site(NamedTuple):
    """``variables``: what every process on this site needs; ``clock``: its LIVERMORE_CLOCK."""

    folder: Path
    variables: dict[str, str]
    key: str
    clock: str


def make_site(
    folder: Path, redis: RedisPlace, database: DatabasePlace, speed: float, start: int = NEARLY_MIDNIGHT
) -> Site:
    """``start``: market time (ms) at this moment; ``speed``: how much faster than the wall's it goes."""
    clock = f"{start}@{time.time_ns() // 1_000_000}x{speed:g}"
    stores = {"LIVERMORE_REDIS_URL": redis.full_url, "DATABASE_URL": database.full_url}
    variables = {**stores, "LIVERMORE_CLOCK": clock}
    for command in (("db", "upgrade"), ("keys", "create", "tests")):
        answer = livermore(*command, "--mode", "pw-host", folder=folder, variables=variables)
        assert answer.returncode == 0, answer.stderr
    return Site(folder, variables, answer.stdout.strip(), clock)
