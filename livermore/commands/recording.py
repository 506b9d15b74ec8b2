"""What `livermore record` does: clients of the exchange, a file, and an end by time or by signal."""

import asyncio
import signal
from contextlib import closing, suppress

from livermore.clock import AffineClock
from livermore.commands.common import Asked, Variables, complain
from livermore.errors import LivermoreError
from livermore.exchanges.codec import Codec
from livermore.net.network import TornadoNetwork
from livermore.net.pace import Pace
from livermore.net.rest import ExchangeRest
from livermore.plugins import find
from livermore.recording.file import Writer
from livermore.recording.recorder import Recorder
from livermore.supervision.loop_actor import together

SHARE = 0.2
"""Of the requests that an instance makes: one may run beside it, and exchanges allow little more than that."""


async def record(asked: Asked, variables: Variables, websocket_url: str, rest_url: str) -> tuple[int, int]:
    """Record until the time is over, or SIGINT or SIGTERM comes; gives how many frames and answers there were."""
    clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))
    symbols = list(dict.fromkeys(asked.symbols.split(",")))
    codec: Codec = find("livermore.exchanges", asked.exchange).Codec(symbols)
    with closing(TornadoNetwork()) as network:
        rest = ExchangeRest(network, rest_url or codec.rest_url, codec, Pace(clock, codec.rate * SHARE))
        listed = {product.symbol for product in await rest.products()}
        unknown = [symbol for symbol in symbols if symbol not in listed]
        if unknown:
            raise LivermoreError(f"{codec.name} does not list {', '.join(unknown)}")
        with closing(Writer(asked.out)) as writer:
            url = websocket_url or codec.websocket_url
            recorder = Recorder(codec, symbols, network, rest, url, writer, clock, complain)
            with suppress(TimeoutError):
                async with asyncio.timeout(asked.within):
                    await together(recorder.run(), _told_to_end())
        return recorder.frames, recorder.answers


async def _told_to_end() -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
