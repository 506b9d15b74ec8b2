"""The handshake of both streams: checked as every other request is, before Tornado upgrades the connection."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from livermore.http.answer import Answer
from livermore.http.handler import Handler
from livermore.http.parameters import Parameters, read
from livermore.http.refusal import Refusal
from livermore.http.route import Access
from livermore.http.strict_websocket import StrictHandler

if TYPE_CHECKING:
    from livermore.http.front import Front


class StreamParameters(Parameters):
    """For browsers, which cannot send headers with a handshake. The query is in no log."""

    apiKey: str | None = Field(None, max_length=200, description="An API key, where the header cannot be sent")  # noqa: N815 - its name in the URL


async def upgrade_required(_: "Front", __: Parameters) -> Answer:
    """The answer to requests that are no handshake."""
    raise Refusal(426, "This is a WebSocket: upgrade", headers={"Upgrade": "websocket", "Connection": "Upgrade"})


class Handshake(Handler, StrictHandler):
    """Without an upgrade a request is answered as any other."""

    @property
    def max_message_size(self) -> int:
        """In bytes; a larger message closes with 1009."""
        return self.front.bounds.message_bytes

    @property
    def ping_interval(self) -> float | None:
        """Seconds between pings of the protocol; who does not answer one before the next is cut off."""
        return self.front.bounds.ping

    async def get(self, *_: Any, **__: Any) -> None:
        """Upgrade, or answer as any other route."""
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            await self.serve()
            return
        try:
            self._check_handshake()
        except Refusal as refusal:
            self.refuse(refusal)
        else:
            await StrictHandler.get(self)

    def _check_handshake(self) -> None:
        found, headers = self._route(), self.request.headers
        self.asked = read(found.route.parameters, found.values, self.request.query)
        if "upgrade" not in headers.get("Connection", "").lower() or not headers.get("Sec-WebSocket-Key"):
            raise Refusal(400, "This is no WebSocket handshake")
        if headers.get("Sec-WebSocket-Version") != "13":
            raise Refusal(426, "Only version 13 of WebSocket is spoken", headers={"Sec-WebSocket-Version": "13"})
        if self._check_cross_origin(self.check_origin) is not None:
            raise Refusal(403, "This origin may not connect")

    def check_origin(self, origin: str) -> bool:
        """No browser sends a key of its own accord, so that any page may use the public stream."""
        admin = self.front.options.admin
        return self.access is Access.STREAM or (admin is not None and origin in admin.pages)

    @property
    def access(self) -> Access:
        """Who may use this stream."""
        return self._route().route.access
