"""The token bucket for an exchange's REST service: one for each IP address, in Redis, shared by all processes."""

import asyncio
import functools
import socket
from pathlib import Path

from livermore.clock import Clock
from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, integer, nothing
from livermore.store.redis import AsyncRedisStore


class Limiter:
    """Rates count in real seconds: it is the exchange's patience that is measured.

    They are told by the clock that never steps. All processes of a machine have it in common, so a process whose wall
    clock was set neither takes more than its share nor leaves a time behind that the others would have to wait for.
    """

    def __init__(self, redis: AsyncRedisStore, keys: Keys, clock: Clock, per_second: float) -> None:
        self._redis, self._clock, self._per_second = redis, clock, per_second
        self._keys, self._bucket = keys, bucket(keys)

    async def turn(self, weight: int = 1) -> None:
        """Wait for so many tokens and take them."""
        while True:
            wait = await self._redis.run(self._take(weight))
            if wait == 0:
                return
            await asyncio.sleep(wait / 1000)

    async def pause(self, seconds: float) -> None:
        """Nobody asks anything for so many seconds: the exchange said so."""
        await self._redis.run(self._take(0, pause_ms=max(1, int(seconds * 1000))))

    async def learn(self, per_second: float) -> None:
        """The exchange says what it allows: from now on nobody goes beyond it, whatever was configured."""
        await self._redis.run(command("SET", self._keys.rest_rate, per_second, read=nothing))

    def _take(self, weight: int, pause_ms: int = 0) -> Query[int]:
        burst = max(1, weight, self._per_second)
        now = round(self._clock.monotonic() * 1000)
        arguments: list[Word] = [now, self._per_second, burst, weight, pause_ms]
        return call("tokens", [self._bucket, self._keys.rest_rate], arguments, integer)


def bucket(keys: Keys) -> str:
    """The key of this machine's bucket: two that bear the same private address have clocks that differ."""
    return keys.rest(f"{outgoing_address()}@{_boot()}")


@functools.cache
def _boot() -> str:
    """What Linux calls this run of the machine, to which the clock that never steps belongs; `0` on other systems."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return "0"


def outgoing_address() -> str:
    """The address that this machine's packets to the Internet bear; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 443))  # a documentation address (RFC 5737)
        except OSError:
            return "127.0.0.1"  # no route: whatever answers is on this machine
        address: str = probe.getsockname()[0]
        return address
