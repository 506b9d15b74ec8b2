"""Coinbase on a server: which paths it has, and what stands behind them."""

from tornado.httputil import HTTPServerRequest

from livermore.clock import Clock
from livermore.simulator.feed_socket import FeedSocket
from livermore.simulator.handlers import RestHandler
from livermore.simulator.rest import RestService
from livermore.simulator.server import Route
from livermore.simulator.session import PATIENCE, CoinbaseSession
from livermore.simulator.source import Source


class CoinbaseExchange:
    """An `Exchange`; ``rest``: with another rate than its own."""

    websocket_path = ""

    def __init__(self, source: Source, clock: Clock, rest: RestService | None = None) -> None:
        self._source, self._clock = source, clock
        self._rest = rest or RestService(source)

    def routes(self, connected: set[FeedSocket]) -> list[Route]:
        """Everything that is not a feed is REST's."""
        return [
            ("/", FeedSocket, {"opened": self._open, "clock": self._clock, "connected": connected}),
            (r".*", RestHandler, {"service": self._rest, "clock": self._clock}),
        ]

    def _open(self, _: HTTPServerRequest, now: int) -> CoinbaseSession:
        return CoinbaseSession(self._source, now, int(PATIENCE * self._clock.speed))
