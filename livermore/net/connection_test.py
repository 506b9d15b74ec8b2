"""The test of a connection: whether an exchange's REST service answers from here, and how fast."""

import asyncio
from typing import NamedTuple

from livermore.clock import Clock
from livermore.errors import ProtocolError, Transient
from livermore.net.rest import ExchangeRest

PATIENCE = 10.0
"""Seconds in which it has to answer; waiting for a turn within the exchange's limit is part of them."""
LONGEST = 300
"""Letters of a reason."""


class Reached(NamedTuple):
    """``latency_ms``: of the one request, and of the wait for a turn; ``error``: why it failed."""

    success: bool
    latency_ms: int | None = None
    error: str | None = None


async def reach(rest: ExchangeRest, clock: Clock) -> Reached:
    """Ask the exchange what time it is, once."""
    began = clock.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            await rest.time()
    except TimeoutError:
        return Reached(success=False, error=f"no answer within {PATIENCE:g} s")
    except (Transient, ProtocolError) as error:
        return Reached(success=False, error=str(error)[:LONGEST])
    return Reached(success=True, latency_ms=round(1000 * (clock.monotonic() - began)))
