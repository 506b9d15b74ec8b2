"""Trying whether the exchange answers from here, within the limit that all share."""

from typing import Any

from livermore.control.kind import Kind, Nothing
from livermore.control.office import CommandFailed, Office
from livermore.net.connection_test import reach


async def test(office: Office, _: Nothing) -> dict[str, Any]:
    """Ask it what time it is."""
    access, network = office.access, office.resources.network()
    try:
        rest = access.rest(access.codec(), network, office.redis, office.keys, office.clock)
        reached = await reach(rest, office.clock)
    finally:
        network.close()
    if not reached.success:
        raise CommandFailed(f"{office.exchange} does not answer: {reached.error}")
    return {"success": True, "latencyMs": reached.latency_ms}


KINDS = (Kind("test-connection", 15, Nothing, test),)
