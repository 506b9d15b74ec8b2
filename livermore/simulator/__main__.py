"""The simulated exchange as a process: ``python -m livermore.simulator``.

Prints one line of JSON when it listens, and ends cleanly on SIGTERM, SIGINT or, if told so, the end of its standard
input, which comes when its parent is gone, however that went. On SIGUSR1 a simulated Binance says that it is going to
shut down, and cuts off who is still connected ten seconds later.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from livermore.clock import AffineClock
from livermore.errors import LivermoreError
from livermore.simulator.arguments import read_arguments
from livermore.simulator.binance_exchange import BinanceExchange
from livermore.simulator.binance_rest import BinanceRestService
from livermore.simulator.binance_venue import VENUES
from livermore.simulator.coinbase_exchange import CoinbaseExchange
from livermore.simulator.instruments import INSTRUMENTS, made
from livermore.simulator.market import Market
from livermore.simulator.recording import Recording
from livermore.simulator.rest import RestService
from livermore.simulator.server import Exchange, SimulatorServer
from livermore.simulator.source import Source
from livermore.simulator.tls import Certificates, make_certificates

NO_INPUT, UNAVAILABLE, BAD_CONFIGURATION = 66, 69, 78
"""Exit codes, as in sysexits.h."""

NOTICE = 10_000
"""Ms of market time between Binance's warning and its end."""


class Failure(Exception):
    """Why the simulator cannot run, and its exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def main() -> int:
    """Run until told to end.

    Returns:
        The exit code.
    """
    try:
        asyncio.run(_run(read_arguments()))
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.code
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    clock = _clock()
    certificates = _certificates(arguments.tls_dir, clock)
    server = SimulatorServer(_exchange(arguments, clock), certificates)
    ended = _ends(until_stdin_closes=arguments.until_stdin_closes)
    try:
        server.start(arguments.host, arguments.port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # what follows repeats the address
        raise Failure(f"cannot listen on {arguments.host}:{arguments.port}: {reason}", UNAVAILABLE) from error
    authority = {} if certificates is None else {"ca_file": str(certificates.authority.resolve())}
    _announce({**server.urls, **authority, "seed": arguments.seed, "pid": os.getpid()})
    await ended.wait()
    await server.stop()


def _clock() -> AffineClock:
    try:
        return AffineClock.from_text(os.environ.get("LIVERMORE_CLOCK", ""))
    except LivermoreError as error:
        raise Failure(str(error), BAD_CONFIGURATION) from error


def _exchange(arguments: argparse.Namespace, clock: AffineClock) -> Exchange:
    keys = dict(arguments.key)
    if arguments.protocol == "coinbase":
        source = _source(arguments, clock.now())
        return CoinbaseExchange(source, clock, RestService(source, keys=keys))
    market = Market(arguments.seed, made(arguments.symbols, "USDT"), "binance")
    venue = VENUES[arguments.venue]
    rest = BinanceRestService(market, venue, speed=clock.speed, secrets=keys)
    exchange = BinanceExchange(market, clock, venue, rest)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, exchange.shut_down, NOTICE)
    return exchange


def _source(arguments: argparse.Namespace, now: int) -> Source:
    if arguments.record is None:
        return _warmed(Market(arguments.seed, made(arguments.symbols)), now)
    try:
        return Recording.load(arguments.record)
    except LivermoreError as error:
        raise Failure(str(error), NO_INPUT) from error


def _warmed(market: Market, now: int) -> Market:
    """A ticker's 52 weeks take a tenth of a second. Who wants a hundred shall wait for them now, not when connected."""
    for listing in market.listings[len(INSTRUMENTS) :]:
        market.ticker(listing.symbol, now)
    return market


def _certificates(folder: Path | None, clock: AffineClock) -> Certificates | None:
    if folder is None:
        return None
    try:
        return make_certificates(folder, clock.wall())
    except OSError as error:
        raise Failure(f"certificates cannot be made in {folder}: {error.strerror}", UNAVAILABLE) from error


def _ends(*, until_stdin_closes: bool) -> asyncio.Event:
    """Set on a signal, and at the end of standard input."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if until_stdin_closes:
        threading.Thread(target=_drain_stdin, args=(loop, ended), daemon=True).start()
    return ended


def _drain_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Below Python's own buffers, whose lock would keep the interpreter from ending."""
    with suppress(OSError):  # there is no standard input: it counts as ended
        while os.read(0, 4_096):
            pass
    with suppress(RuntimeError):  # the loop is closed: a signal came first
        loop.call_soon_threadsafe(ended.set)


def _announce(facts: dict[str, object]) -> None:
    with suppress(BrokenPipeError):  # the parent is gone already; its end of our standard input tells
        os.write(sys.stdout.fileno(), json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
