"""Binance on a server: which paths it has, and what stands behind them."""

from tornado.httputil import HTTPServerRequest

from livermore.clock import Clock
from livermore.simulator.binance_rest import BinanceRestService
from livermore.simulator.binance_session import BinanceSession, Limits
from livermore.simulator.binance_socket import BinanceSocket
from livermore.simulator.binance_venue import COM, Venue
from livermore.simulator.feed_socket import FeedSocket
from livermore.simulator.handlers import RestHandler
from livermore.simulator.server import Route
from livermore.simulator.source import KlineFacts


class BinanceExchange:
    """An `Exchange`."""

    websocket_path = "/stream"

    def __init__(
        self,
        market: KlineFacts,
        clock: Clock,
        venue: Venue = COM,
        rest: BinanceRestService | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Make it; ``rest`` and ``limits``: others than the venue's own."""
        self._market, self._clock, self._venue = market, clock, venue
        self._rest = rest or BinanceRestService(market, venue, speed=clock.speed)
        usual = Limits(second=int(1_000 * clock.speed))
        self._limits = limits or (usual if venue.warns else usual._replace(notice=None))
        self._connected: set[FeedSocket] = set()

    def routes(self, connected: set[FeedSocket]) -> list[Route]:
        """Everything that is not a feed is REST's."""
        self._connected = connected
        feed = {"opened": self._open, "clock": self._clock, "connected": connected, "venue": self._venue}
        return [
            (r"/stream", BinanceSocket, feed),
            (r"/ws(?:/.*)?", BinanceSocket, feed),
            (r".*", RestHandler, {"service": self._rest, "clock": self._clock}),
        ]

    def shut_down(self, within: int) -> None:
        """Warn everybody who is connected, and cut them off after ``within`` ms of market time."""
        for client in self._connected:
            assert isinstance(client, BinanceSocket)
            client.shut_down(within)

    def _open(self, request: HTTPServerRequest, now: int) -> BinanceSession:
        """``/stream?streams=a/b`` names the stream in each frame, ``/ws/a/b`` does not."""
        combined = request.path == self.websocket_path
        named = request.query_arguments.get("streams", [b""])[-1].decode(errors="replace")
        names = (named if combined else request.path.removeprefix("/ws")).split("/")
        return BinanceSession(self._market, now, filter(None, names), combined=combined, limits=self._limits)
