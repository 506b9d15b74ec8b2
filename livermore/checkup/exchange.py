"""The exchange: whether its REST service can be reached from here, and how far its clock is from ours."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from livermore.access import AccessOptions
from livermore.checkup.finding import Finding, fail, graded, ok
from livermore.clock import Clock
from livermore.exchanges.codec import Codec
from livermore.net.interface import Response
from livermore.net.network import TornadoNetwork

LATE, TOO_LATE = 1.0, 30.0
"""Seconds that its clock and ours may differ: tokens are good for two minutes, and buckets are closed by the second."""
REFUSED = {
    403: "a firewall of theirs turns this address away",
    418: "it has banned this address for a while",
    429: "it has had too many requests from this address",
    451: "it serves nobody where this address is",
}


def look(options: AccessOptions, clock: Clock) -> Iterator[Finding]:
    """Ask it what time it is, once.

    Raises:
        Transient: it cannot be reached.
        ProtocolError: it says nonsense.
    """
    codec = options.codec()
    base = options.rest_url or codec.rest_url
    sent = clock.now()
    answer = asyncio.run(_ask(codec, base))
    received = clock.now()
    place = urlsplit(base).netloc
    if answer.status != 200:
        why = REFUSED.get(answer.status, "its service does not answer as it should")
        yield fail(f"exchange {codec.name}", f"{place} answers {answer.status}: {why}", "wait, or ask from elsewhere")
        return
    yield ok(f"exchange {codec.name}", f"{place} answers within {received - sent} ms")
    offset = (codec.decode_time(answer.body) - (sent + received) / 2) / 1000
    remedy = "let NTP set this machine's clock"
    bad, worrying = abs(offset) > TOO_LATE, abs(offset) > LATE
    yield graded(f"exchange {codec.name} clock", f"{offset:+.1f} s from ours", remedy, bad=bad, worrying=worrying)


async def _ask(codec: Codec, base: str) -> Response:
    network, request = TornadoNetwork(), codec.time_request()
    try:
        return await network.get(base + request.path, request.query)
    finally:
        network.close()
